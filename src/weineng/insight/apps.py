from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "weineng.insight"
    label = "insight"
