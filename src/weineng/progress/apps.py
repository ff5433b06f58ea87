from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "weineng.progress"
    label = "progress"
