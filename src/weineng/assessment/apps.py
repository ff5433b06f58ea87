from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "weineng.assessment"
    label = "assessment"

    def ready(self) -> None:
        """Nobody is erased while a dossier waits for their review; what was decided or looked at stays declared."""
        from weineng.assessment.guards import (  # noqa: PLC0415 (models are there only now)
            refuse_looked_at,
            refuse_results,
            refuse_reviewers,
        )
        from weineng.organisations.reach import guard_erasures  # noqa: PLC0415 (the same)
        from weineng.planning.guards import guard_decided, guard_withdrawals  # noqa: PLC0415 (the same)

        guard_erasures(refuse_reviewers)
        guard_decided(refuse_results)
        guard_withdrawals(refuse_looked_at)
