from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "weineng.accounts"
    label = "accounts"
