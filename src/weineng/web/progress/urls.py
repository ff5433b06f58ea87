"""Addresses of standings and figures."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.insight.permissions import VIEW as FIGURES
from weineng.progress.permissions import VIEW
from weineng.web.progress import cuts, exports, home, overviews, roll_out, standing
from weineng.web.shell.places import Place

HEADS = frozenset({"group-leader", "cio", "principal", "office", "auditor"})
PLACES = (
    Place(
        _("My year"),
        "progress:home",
        icon="home",
        short=_("Home"),
        permissions=(VIEW,),
        roles=frozenset({"teacher"}),
        order=5,
    ),
    Place(
        _("Overview"),
        "progress:overview",
        icon="chart",
        short=_("Overview"),
        permissions=(FIGURES,),
        roles=HEADS,
        order=5,
    ),
)
HOMES = {"teacher": "progress:home"} | dict.fromkeys(HEADS, "progress:overview")

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/", home.home, name="home"),
    path("progress/<enrolment:enrolment>/", standing.person, name="person"),
    path("progress/", overviews.own, name="overview"),
    path("progress/unit/<unit:unit>/", overviews.figures, name="unit"),
    path("progress/unit/<unit:unit>/export/", exports.standings, name="export"),
    path("progress/unit/<unit:unit>/roll-out/", roll_out.steps, name="roll_out"),
    path("progress/unit/<unit:unit>/roll-out/units/", roll_out.units, name="roll_out_units"),
    path("progress/unit/<unit:unit>/cuts/", cuts.cuts, name="cuts"),
    path("progress/unit/<unit:unit>/people/", overviews.people, name="people"),
]
