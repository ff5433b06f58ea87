from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "weineng.activities"
    label = "activities"
