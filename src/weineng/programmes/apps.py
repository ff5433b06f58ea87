from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "weineng.programmes"
    label = "programmes"

    def ready(self) -> None:
        """Nobody is erased while they take part in a programme, and no unit that runs one is merged away."""
        from weineng.organisations.reach import guard_erasures, guard_units  # noqa: PLC0415 (the same)
        from weineng.programmes.guards import refuse_owners, refuse_participants  # noqa: PLC0415 (models are there only now)

        guard_erasures(refuse_participants)
        guard_units(refuse_owners)
