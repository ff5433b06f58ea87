from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "weineng.organisations"
    label = "organisations"
