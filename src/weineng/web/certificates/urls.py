"""Addresses of certificates."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.certification.permissions import VIEW
from weineng.web.certificates import one, schools
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Certificates"), "certificates:mine", icon="certificate", short=_("Papers"), permissions=(VIEW,),
        roles=frozenset({"teacher"}), order=60,
    ),
    Place(
        _("Certificates"), "certificates:schools", icon="certificate", short=_("Papers"), permissions=(VIEW,),
        roles=frozenset({"cio", "principal", "office", "auditor"}), order=60, also=("/acceptance/", "/samples/", "/stages/"),
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/", one.mine, name="mine"),
    path("certificates/schools/", schools.schools, name="schools"),
    path("certificates/school/<unit:unit>/", schools.school, name="school"),
    path("certificates/school/<unit:unit>/pdf/", schools.papers, name="papers"),
    path("certificates/<certificate:certificate>/", one.one, name="one"),
    path("certificates/<certificate:certificate>/pdf/", one.paper, name="paper"),
    path("certificates/<certificate:certificate>/revoke/", one.revoke, name="revoke"),
    path("certificates/<certificate:certificate>/reissue/", one.reissue, name="reissue"),
]
