from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "weineng.programmes"
    label = "programmes"
