"""Records: one's own, or those of the people of one's units."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.activities.models import Session
from weineng.activities.permissions import VIEW as VIEW_SESSION
from weineng.audit.queries import lines_about
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.learning import actions
from weineng.learning.models import Record
from weineng.learning.permissions import DECIDE, MANAGE_PROVIDERS, VIEW, VOID
from weineng.learning.queries import naming_of, namings_within, records_within, session_of, with_state
from weineng.organisations.queries import are_many_below, first_found, search_people
from weineng.organisations.reach import behind, is_behind, same_people
from weineng.progress.queries import lines_of_record
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.deeds import told
from weineng.web.shell.pages import done, page, show


@page(VIEW)
def list_records(request: Asked) -> HttpResponse:
    """What sources have said, newest event first."""
    text = request.GET.get("q", "").strip() if request.post is not None else ""
    wide = request.post is not None and are_many_below(request.actor.units(VIEW))
    columns = (
        Column("day", _("Day"), sort="ends_at", descending_first=True), Column("title", _("Course"), sort="title"),
        *(() if request.post is None else (Column("person", _("Name"), sort="person__name_order"),)),
        Column("source", _("Source")), Column("minutes", _("Minutes"), number=True, sort="minutes"), Column("state", _("State")),
    )  # fmt: skip
    head = Table(request, columns, order="-day")
    people, more = first_found(request.actor, text, VIEW) if wide else (None, False)
    head.cut(with_state(_listed(request, text, people)).select_related("provider", "person"))
    context = {"head": head, "own": request.post is None, "text": text, "wide": wide, "more": more}
    return show(request, "learning/records.html", context)


def _listed(request: Asked, text: str, people: list[int] | None) -> QuerySet[Record]:
    """`people`: of these alone, where everybody's are too many to look through."""
    among = None if people is None else Record.objects.filter(person__in=people).values_list("pk", flat=True)
    rows = records_within(request.actor, among).filter(void_of__isnull=True)
    if request.post is None:
        return rows.filter(person__in=behind(request.actor))
    if text and people is None:
        return rows.filter(person__in=same_people(search_people(request.actor, text, VIEW).values("pk")))
    return rows


@page(VIEW)
def show_record(request: Asked, record: int) -> HttpResponse:
    """One record: what was said, what counts and why not, what was decided, and its way back."""
    row = get_or_refuse(records_within(request.actor, [record]), pk=record)
    if request.method == "POST":
        return _decide(request, row)
    may = {
        name: Record.objects.within(request.actor, permission, changing=True, among=[row.pk]).exists()
        and not is_behind(request.actor, row.person_id)
        for name, permission in (("void", VOID), ("decide", DECIDE))
    }
    context = {
        "record": row, "void": Record.objects.filter(void_of=row).first(), "correction": Record.objects.filter(supersedes=row).first(),
        "naming": naming_of(request.actor, row),
        "decision": row.decisions.filter(ended_at__isnull=True).first(), "may": may,
        "lines": [(line.minutes, line.kind, line.reason, text) for line, text in lines_of_record(row.pk)],
        "log": told(lines_about(row)),
        "session": Session.objects.within(request.actor, VIEW_SESSION).filter(pk=session_of(row) or 0).first(),
    }  # fmt: skip
    return show(request, "learning/record.html", context)


DEEDS = {
    "void": actions.void_record, "restore": actions.restore_record, "reject": actions.decide_overlap, "accept": actions.end_decision,
}  # fmt: skip


def _decide(request: Asked, row: Record) -> HttpResponse:
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise NotFound("learning.record")
    deed(by=request.actor, record=row.pk, reason=request.POST.get("reason", ""))
    return done(request, _("Decided; it is being recounted."), "learning:record", record=row)


@page(MANAGE_PROVIDERS, methods=("POST",))
def unname(request: Asked, naming: int) -> HttpResponse:
    """Whose the number is is open again."""
    row = get_or_refuse(namings_within(request.actor), pk=naming)
    actions.unname_person(by=request.actor, naming=naming, reason=request.POST.get("reason", ""))
    return done(
        request, _("Taken back; its records wait for their person again."), "learning:unknown", provider=row.provider
    )
