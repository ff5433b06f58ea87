from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "weineng.activities"
    label = "activities"

    def ready(self) -> None:
        """Nobody is erased while a session of theirs is not closed."""
        from weineng.activities.guards import refuse_hosts  # noqa: PLC0415 (models are there only now)
        from weineng.organisations.reach import guard_erasures  # noqa: PLC0415 (the same)

        guard_erasures(refuse_hosts)
