from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "weineng.audit"
    label = "audit"
