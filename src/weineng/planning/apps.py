from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "weineng.planning"
    label = "planning"
