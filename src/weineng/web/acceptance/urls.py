"""Addresses of acceptance."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.assessment.permissions import ACCEPT
from weineng.web.acceptance import evidence, views
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Acceptance"), "acceptance:list", icon="school", short=_("Accept"), permissions=(ACCEPT,),
        roles=frozenset({"training-team", "expert"}), order=50,
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("acceptance/", views.schools, name="list"),
    path("acceptance/<programme:programme>/<str:stage>/<unit:unit>/", views.school, name="school"),
    path("acceptance/<programme:programme>/<str:stage>/<unit:unit>/do/", views.act, name="act"),
    path(
        "acceptance/<programme:programme>/<str:stage>/<unit:unit>/<enrolment:enrolment>/", views.person, name="person"
    ),
    path(
        "acceptance/<programme:programme>/<str:stage>/<unit:unit>/<enrolment:enrolment>/evidence/",
        evidence.show_person,
        name="evidence",
    ),
]
