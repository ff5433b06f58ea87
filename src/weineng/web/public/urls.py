"""Addresses for everybody, signed in or not."""

from django.urls import path

from weineng.web.public import about

urlpatterns = [
    path("", about.landing, name="landing"),
    path("about/edition/", about.edition, name="edition"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("about/accessibility/", about.accessibility, name="accessibility"),
]
