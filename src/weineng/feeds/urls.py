"""Addresses of this door: what platforms and offices send, below /feeds/."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
