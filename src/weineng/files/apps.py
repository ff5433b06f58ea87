from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "weineng.files"
    label = "files"
