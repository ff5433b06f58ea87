"""Addresses of results."""

from django.urls import URLPattern, URLResolver, path

from weineng.web.results import listing, one

urlpatterns: list[URLPattern | URLResolver] = [
    path("results/", listing.results, name="list"),
    path("results/<result:result>/", one.one, name="one"),
    path("results/<result:result>/overturn/", one.overturn, name="overturn"),
]
