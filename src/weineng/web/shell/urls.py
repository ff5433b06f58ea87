"""Addresses of the frame itself."""

from django.urls import path

from weineng.web.shell import preferences

urlpatterns = [
    path("preferences/", preferences.choose, name="preferences"),
    path("post/", preferences.choose_post, name="post"),
    path("programme/", preferences.choose_programme, name="programme"),
    path("messages/", preferences.messages, name="messages"),
    path("more/", preferences.more, name="more"),
    path("kept/", preferences.kept, name="kept"),
]
