from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "weineng.kernel"
    label = "kernel"
