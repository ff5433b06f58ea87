from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "weineng.sheets"
    label = "sheets"
