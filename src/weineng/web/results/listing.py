"""The results of a programme within reach: found by name, narrowed to what was changed or not passed."""

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from weineng.assessment.models import Result
from weineng.assessment.permissions import VIEW_RESULTS
from weineng.assessment.queries import results_within
from weineng.certification.permissions import VIEW as VIEW_CERTIFICATES
from weineng.kernel.clock import today
from weineng.organisations.models import Posting
from weineng.organisations.queries import are_many_below, first_found, search_people
from weineng.organisations.reach import same_people
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_in_force
from weineng.standards.models import Point
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of

STATES: dict[str, dict[str, object]] = {
    "": {}, "changed": {"source": "overturn"}, "fail": {"level": "fail"}, "sheet": {"source": "sheet"},
}  # fmt: skip


@page(VIEW_RESULTS)
def results(request: Asked) -> HttpResponse:
    """Those that stand, newest first."""
    programme, asked, text = programme_of(request), request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = asked if asked in STATES else ""
    head = Table(
        request,
        (
            Column("name", _("Name"), sort="person__name_order"), Column("school", _("School")), Column("item", _("About")),
            Column("level", _("Result")), Column("on", _("Decided on"), sort="decided_on", descending_first=True),
        ),
        order="-on",
    )  # fmt: skip
    wide = are_many_below(request.actor.units(VIEW_RESULTS))
    people, more = first_found(request.actor, text, VIEW_RESULTS) if wide else (None, False)
    standing = _standing(request, programme.pk if programme else 0, text, people)
    edition = document_in_force(programme.pk).edition if programme else ""
    titles = Point.objects.filter(edition__code=edition).order_by("place").values_list("code", "title")
    context = {
        "head": head.cut(standing.filter(**STATES[state])), "chips": [] if wide and not text else _chips(standing, state, text),
        "text": text, "state": state, "wide": wide, "more": more,
        "titles": dict(titles), "programme": programme, "papers": request.actor.holds(VIEW_CERTIFICATES),
    }  # fmt: skip
    return show(request, "results/list.html", context)


def _standing(request: Asked, programme: int, text: str, people: list[int] | None) -> QuerySet[Result]:
    among = None if people is None else Result.objects.filter(person__in=people).values_list("pk", flat=True)
    rows = results_within(request.actor, among=among).filter(
        overturned_at__isnull=True, enrolment__in=Enrolment.objects.filter(programme=programme).values("pk")
    )
    if text and people is None:
        rows = rows.filter(person__in=same_people(search_people(request.actor, text, VIEW_RESULTS).values("pk")))
    home = Posting.objects.filter(home=True, during__contains=today(), person=OuterRef("person"))
    return rows.annotate(school=Coalesce(Subquery(home.values("school__name")[:1]), Value("")))


def _chips(rows: QuerySet[Result], state: str, text: str) -> list[dict[str, object]]:
    words = {"": _("All"), "changed": _("Changed by an office"), "fail": _("Not passed"), "sheet": _("From a sheet")}
    kept = {"q": text} if text else {}
    return [
        {
            "text": words[code], "url": f"?{urlencode({**kept, **({'state': code} if code else {})})}",
            "count": rows.filter(**narrow).order_by().count(), "on": code == state,
        }
        for code, narrow in STATES.items()
    ]  # fmt: skip
