from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "weineng.assessment"
    label = "assessment"
