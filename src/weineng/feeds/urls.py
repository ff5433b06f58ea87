"""Addresses of this door: what platforms and offices send, below /feeds/."""

from django.urls import URLPattern, URLResolver, path

from weineng.feeds.files import views as files
from weineng.feeds.tus import views as tus

urlpatterns: list[URLPattern | URLResolver] = [
    path("uploads/", tus.uploads, name="feeds-uploads"),
    path("uploads/form", tus.form, name="feeds-upload-form"),
    path("uploads/<str:word>", tus.upload, name="feeds-upload"),
    path("files/<str:word>/pages/<int:number>.jpg", files.page, name="feeds-file-page"),
    path("files/<str:word>/text.html", files.text, name="feeds-file-text"),
    path("files/<str:word>/<str:name>", files.file, name="feeds-file"),
]
