"""Records: one's own, or those of the people of one's units."""

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
from weineng.organisations.reach import behind, is_behind
from weineng.progress.queries import lines_of_record
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.deeds import told
from weineng.web.shell.pages import done, page, show


@page(VIEW)
def list_records(request: Asked) -> HttpResponse:
    """What sources have said, newest event first."""
    rows = records_within(request.actor).filter(void_of__isnull=True)
    if request.post is None:
        rows = rows.filter(person__in=behind(request.actor))
    columns = (
        Column("day", _("Day"), sort="ends_at", descending_first=True), Column("title", _("Course"), sort="title"),
        *(() if request.post is None else (Column("person", _("Name"), sort="person__name_order"),)),
        Column("source", _("Source")), Column("minutes", _("Minutes"), number=True, sort="minutes"), Column("state", _("State")),
    )  # fmt: skip
    head = Table(request, columns, order="-day")
    head.cut(with_state(rows).select_related("provider", "person"))
    return show(request, "learning/records.html", {"head": head, "own": request.post is None})


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
