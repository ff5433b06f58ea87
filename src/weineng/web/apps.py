from django.apps import AppConfig

from weineng.web.shell.addresses import register_kinds


class WebConfig(AppConfig):
    name = "weineng.web"
    label = "web"

    def ready(self) -> None:
        register_kinds()  # addresses of all doors use <person:pk>, <unit:pk> …
