from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "weineng.ops"
    label = "ops"
