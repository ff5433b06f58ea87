"""Addresses of samples."""

from django.urls import URLPattern, URLResolver, path

from weineng.web.samples import public, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("samples/", views.samples, name="list"),
    path("samples/frame/<programme:programme>/<str:stage>/<unit:unit>/", views.frame, name="frame"),
    path("samples/<sample:sample>/", views.one, name="one"),
    path("samples/<sample:sample>/do/", views.act, name="act"),
    path("samples/<sample:sample>/drawn/", public.drawn, name="public"),
    path("samples/<sample:sample>/drawn/numbers.csv", public.numbers, name="numbers"),
]
