from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "weineng.statements"
    label = "statements"
