from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "weineng.web"
    label = "web"
