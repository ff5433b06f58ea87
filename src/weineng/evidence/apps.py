from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "weineng.evidence"
    label = "evidence"
