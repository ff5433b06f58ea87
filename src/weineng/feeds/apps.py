from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "weineng.feeds"
    label = "feeds"
