from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "weineng.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Nobody merges their way into a role, and nobody who holds one is erased: what they hold is known here."""
        from weineng.accounts.guards import refuse_holders, refuse_roles_there  # noqa: PLC0415 (models are there only now)
        from weineng.accounts.queries import refuse_greater  # noqa: PLC0415 (the same)
        from weineng.organisations.reach import guard_erasures, guard_merges, guard_units  # noqa: PLC0415 (the same)

        guard_merges(refuse_greater)
        guard_erasures(refuse_holders)
        guard_units(refuse_roles_there)
