from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "weineng.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Nobody is erased while their evidence waits for a decision."""
        from weineng.evidence.guards import refuse_submitters  # noqa: PLC0415 (models are there only now)
        from weineng.organisations.reach import guard_erasures  # noqa: PLC0415 (the same)

        guard_erasures(refuse_submitters)
