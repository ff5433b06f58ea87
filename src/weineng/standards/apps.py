from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "weineng.standards"
    label = "standards"
