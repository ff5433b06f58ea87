from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "weineng.assessment"
    label = "assessment"

    def ready(self) -> None:
        """Nobody is erased while a dossier waits for their review."""
        from weineng.assessment.guards import refuse_reviewers  # noqa: PLC0415 (models are there only now)
        from weineng.organisations.reach import guard_erasures  # noqa: PLC0415 (the same)

        guard_erasures(refuse_reviewers)
