from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "weineng.learning"
    label = "learning"
