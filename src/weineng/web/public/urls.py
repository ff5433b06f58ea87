"""Addresses for everybody, signed in or not."""

from django.urls import path

from weineng.web.public import about, interface, standard, verify

urlpatterns = [
    path("", about.landing, name="landing"),
    path("about/edition/", about.edition, name="edition"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("about/accessibility/", about.accessibility, name="accessibility"),
    path("api/", interface.interface, name="api"),
    path("verify/", verify.ask, name="verify"),
    path("verify/<str:code>", verify.verified),  # as older prints and typed addresses have it
    path("verify/<str:code>/", verify.verified, name="verified"),
    path("standards/", standard.standards, name="standards"),
    path("standards/<slug:edition>/", standard.edition, name="standard"),
    path("standards/<slug:edition>/recording/", standard.recording, name="recording"),
    path("standards/<slug:edition>/<slug:point>/", standard.point, name="point"),
]
