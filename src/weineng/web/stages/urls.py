"""Addresses of how schools are assessed."""

from django.urls import URLPattern, URLResolver, path

from weineng.web.stages import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("stages/", views.mine, name="mine"),
    path("stages/<programme:programme>/<unit:unit>/", views.school, name="school"),
    path("stages/<programme:programme>/<unit:unit>/do/", views.act, name="act"),
    path("stages/<programme:programme>/<unit:unit>/own/", views.propose, name="propose"),
]
