from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "weineng.notices"
    label = "notices"
