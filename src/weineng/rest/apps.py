from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "weineng.rest"
    label = "rest"
