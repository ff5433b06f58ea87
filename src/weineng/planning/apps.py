from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "weineng.planning"
    label = "planning"

    def ready(self) -> None:
        """Merges and splits are taken back only while nobody rests on the plan that came along; a document is proven for each school in
        the environment that its plan says."""
        from weineng.organisations.reach import guard_units  # noqa: PLC0415 (models are there only now)
        from weineng.planning.guards import refuse_used_plans  # noqa: PLC0415 (the same)
        from weineng.planning.queries import environments_in_force  # noqa: PLC0415 (the same)
        from weineng.programmes.queries import tell_environments  # noqa: PLC0415 (the same)

        guard_units(refuse_used_plans)
        tell_environments(environments_in_force)
