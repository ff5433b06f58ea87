"""Addresses of the API."""

from django.urls import URLPattern, URLResolver, path

from weineng.rest.api import api
from weineng.rest.v1 import providers

api.add_router("/providers", providers.router)

urlpatterns: list[URLPattern | URLResolver] = [path("v1/", api.urls)]
