from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "weineng.gateways"
    label = "gateways"
