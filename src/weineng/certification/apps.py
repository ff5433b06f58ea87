from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "weineng.certification"
    label = "certification"
