"""Addresses of imports."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.web.imports import past, rosters, work
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Imports"), "imports:start", icon="upload", short=_("Imports"),
        permissions=(IMPORT_ROSTER, IMPORT_HOURS, IMPORT_RESULTS), order=50,
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", rosters.start, name="start"),
    path("imports/roster/<unit:unit>/template/", rosters.template, name="template"),
    path("imports/roster/<unit:unit>/export/", rosters.export, name="export"),
    path("imports/roster/<unit:unit>/<upload:upload>/", rosters.understood, name="roster"),
    path("imports/roster/<unit:unit>/<upload:upload>/going/", rosters.going, name="roster_going"),
    path("imports/roster/<unit:unit>/<upload:upload>/annotated/", rosters.annotated, name="roster_annotated"),
    path("imports/roster/<unit:unit>/<upload:upload>/again/", rosters.again, name="roster_again"),
    path("imports/roster/<unit:unit>/<upload:upload>/cancel/", rosters.cancel, name="roster_cancel"),
    path("imports/roster/<unit:unit>/<upload:upload>/throw-away/", rosters.throw_away, name="roster_throw_away"),
    path("imports/undo/<roster:roster>/", rosters.undo, name="undo"),
    path("imports/taking-back/<takeback:work>/", past.taking_back, name="taking_back"),
    path("imports/taking-back/<takeback:work>/going/", past.going, name="taking_back_going"),
    path("imports/taking-back/<takeback:work>/cancel/", past.cancel, name="taking_back_cancel"),
    path("imports/past/", past.past, name="past"),
    path("imports/past/hours/<hourssheet:sheet>/", past.hours_sheet, name="hours_sheet"),
    path("imports/past/results/<resultssheet:sheet>/", past.results_sheet, name="results_sheet"),
    path("imports/<slug:kind>/", work.start, name="work"),
    path("imports/<slug:kind>/<upload:upload>/", work.understood, name="work_understood"),
    path("imports/<slug:kind>/<upload:upload>/going/", work.going, name="work_going"),
    path("imports/<slug:kind>/<upload:upload>/annotated/", work.annotated, name="work_annotated"),
    path("imports/<slug:kind>/<upload:upload>/cancel/", work.cancel, name="work_cancel"),
    path("imports/<slug:kind>/<upload:upload>/throw-away/", work.throw_away, name="work_throw_away"),
]
