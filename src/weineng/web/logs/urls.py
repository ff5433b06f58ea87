"""Addresses of the log."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.audit.permissions import READ
from weineng.web.logs import reading
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Log"), "logs:here", icon="log", short=_("Log"), permissions=(READ,), roles=frozenset({"auditor"}), order=60,
        also=("/log/",),
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("log/", reading.here, name="here"),
    path("log/people/<person:person>/", reading.person, name="person"),
    path("log/units/<unit:unit>/", reading.unit, name="unit"),
    path("log/evidence/<submission:submission>/", reading.evidence, name="evidence"),
    path("log/certificates/<certificate:certificate>/", reading.certificate, name="certificate"),
]
