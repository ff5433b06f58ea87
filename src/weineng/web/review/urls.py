"""Addresses of the reviewer's pages."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.assessment.permissions import REVIEW
from weineng.web.review import recusing, stalled, views
from weineng.web.shell.places import Place

REVIEWERS = ("panel-member", "backbone", "training-team", "expert")
PLACES = (
    Place(
        _("Review"), "review:queue", icon="check", short=_("Review"), permissions=(REVIEW,),
        roles=frozenset({"teacher", "group-leader", *REVIEWERS}), order=40,
    ),
)  # fmt: skip
HOMES = dict.fromkeys(REVIEWERS, "review:queue")

urlpatterns: list[URLPattern | URLResolver] = [
    path("review/", views.queue, name="queue"),
    path("review/next/", views.open_next, name="next"),
    path("review/<assignment:pk>/", views.dossier, name="dossier"),
    path("review/<assignment:pk>/open/", views.open_one, name="open"),
    path("review/<assignment:pk>/save/", views.save, name="save"),
    path("review/stalled/<unit:unit>/", stalled.list_stalled, name="stalled"),
    path("review/stalled/<unit:unit>/<assignment:pk>/", stalled.reassign, name="reassign"),
    path("review/<assignment:pk>/recuse/", recusing.recuse, name="recuse"),
    path("review/recusals/<recusal:recusal>/end/", recusing.end, name="end_recusal"),
    path("review/phrases/", views.phrases, name="phrases"),
]
