"""A programme's document: read it in plain words, publish one, start, close and reopen the programme."""

from collections.abc import Callable
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import LEVELS
from weineng.organisations.reach import units_within
from weineng.programmes import actions
from weineng.programmes.documents import DocumentRefused, describe
from weineng.programmes.models import Programme
from weineng.programmes.permissions import ENROL, EXEMPT, PUBLISH, VIEW
from weineng.programmes.queries import (
    approvals_to_decide,
    approvals_within,
    document_of,
    latest_version,
    other_versions,
    programmes_within,
    proposal_waiting,
)
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.forms import DocumentForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.picking import pick_units

SECTIONS = {
    "cycle": gettext_lazy("When"), "scope": gettext_lazy("Who takes part"), "phases": gettext_lazy("Phases"),
    "gates": gettext_lazy("What must be reached first"), "demands": gettext_lazy("What is demanded"),
    "kinds": gettext_lazy("Kinds of hours"), "caps": gettext_lazy("Upper limits"), "results": gettext_lazy("What results earn"),
    "choice": gettext_lazy("What is chosen"), "points": gettext_lazy("Credits and local points"),
    "handbook": gettext_lazy("Tasks of the handbook"), "stages": gettext_lazy("Who assesses"),
    "levels": gettext_lazy("Pass and excellent"), "certificates": gettext_lazy("Certificates"),
    "school": gettext_lazy("When a school is completed"), "targets": gettext_lazy("Roll-out"),
    "quotas": gettext_lazy("How many may be sent on"), "tasks": gettext_lazy("Due dates"),
}  # fmt: skip
TOLD_ABOVE = gettext_lazy(
    "Nothing was published: the document has problems. They are listed above, each with its line."
)
OFFICES = tuple(level for level in LEVELS if level not in ("school", "group"))


def parts_of(request: Asked, programme: Programme, here: str) -> list[dict[str, object]]:
    """The tabs of a programme that the present post may open."""
    started = programme.started_on is not None
    runs = held(request, programme.pk)
    may = {ENROL: started, EXEMPT: started, PUBLISH: runs, VIEW: True}
    tabs = (
        (_("Document"), "programmes:document", VIEW),
        (_("Who can pass"), "programmes:reach", PUBLISH),
        *([(_("Versions"), "programmes:versions", PUBLISH)] if started else []),
        (_("Schools and people"), "programmes:schools", ENROL),
        (_("Exemptions"), "programmes:exemptions", EXEMPT),
    )
    return [
        {"text": text, "url": reverse(name, kwargs={"programme": programme}), "on": name == here}
        for text, name, permission in tabs
        if may[permission] and request.actor.holds(permission)
    ]


def held(request: Asked, programme: int) -> bool:
    """Whether the present post may publish, start and close this programme."""
    return Programme.objects.filter(pk=programme, owner__in=units_within(request.actor, PUBLISH)).exists()


@page(VIEW)
def list_programmes(request: Asked) -> HttpResponse:
    """The programmes one has to do with; with only one, its document at once."""
    head = Table(request, (Column("new", _("Newest first"), sort="pk"),), order="-new", size=50)
    head.cut(programmes_within(request.actor, VIEW).select_related("owner"))
    publishes = request.actor.holds(PUBLISH)
    if len(head.rows) == 1 and not (publishes or head.previous):
        return redirect("programmes:document", programme=head.rows[0])
    waiting = approvals_to_decide(request.actor).count() if publishes else 0
    return show(request, "programmes/list.html", {"head": head, "publishes": publishes, "approvals": waiting})


@page(VIEW)
def show_document(request: Asked, programme: int) -> HttpResponse:
    """Every rule in a sentence, what was assumed beside it."""
    return _document(request, programme)


def _document(request: Asked, programme: int, *, unconfirmed: str = "") -> HttpResponse:
    """The document's page; `unconfirmed` says beside the tick why the programme was not started."""
    row = get_or_refuse(programmes_within(request.actor, VIEW).select_related("owner"), pk=programme)
    version = latest_version(programme)
    document = document_of(version.pk)
    lines = describe(document, get_language() or "")
    sections = [(SECTIONS[code], list(found)) for code, found in groupby(lines, key=lambda line: line.section)]
    runs = held(request, programme)
    context = {
        "programme": row, "version": version, "sections": sections, "assumed": document.assumptions, "runs": runs,
        "tabs": parts_of(request, row, "programmes:document"), "unconfirmed": unconfirmed, "over": document.cycle.cut_off,
        "waiting": proposal_waiting(programme) if runs else None,
        "approved": approvals_within(request.actor).filter(owner=row.owner_id, code=row.code, state="approved") if runs else (),
        "others": {number: count for number, count in other_versions(programme).items() if number != version.number} if runs else {},
    }  # fmt: skip
    return show(request, "programmes/document.html", context, status=422 if unconfirmed else 200)


@page(VIEW)
def source(request: Asked, programme: int) -> HttpResponse:
    """The document as it was loaded, to be kept or changed."""
    row = get_or_refuse(programmes_within(request.actor, VIEW), pk=programme)
    answer = HttpResponse(latest_version(programme).source, content_type="text/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.code}.yaml"'
    return answer


@page(PUBLISH)
def publish(request: Asked) -> HttpResponse:
    """Publish a document; whatever is wrong with it is listed with its place, and nothing is stored."""
    picker = pick_units(request, PUBLISH, levels=OFFICES)
    form = DocumentForm(request.POST or None, request.FILES or None, owners=picker.choices)
    problems = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form):
            try:
                made = actions.publish_programme(
                    by=request.actor, source=data["text"], owner=data["owner"], file=data["name"][:120]
                )
            except DocumentRefused as refused:
                problems = [problem.as_data() for problem in refused.problems]
                raise Refused(refused.code, TOLD_ABOVE) from refused
            return done(request, _published(made), "programmes:list")
    return show(request, "programmes/publish.html", {"form": form, "problems": problems, "picker": picker})


def _published(made: actions.Publication) -> str:
    if made.unchanged:
        return _("This very document is in force already.")
    return _("Published as version %(number)s.") % {"number": made.version.number}


Deed = Callable[[Asked, int], object]
DEEDS: dict[str, tuple[Deed, object]] = {
    "start": (
        lambda r, pk: actions.start_programme(
            by=r.actor, programme=pk, confirm_assumptions="confirm_assumptions" in r.POST, version=number_of(r)
        ),
        gettext_lazy("The programme runs: schools and people can be enrolled."),
    ),
    "undo-start": (
        lambda r, pk: actions.undo_start_programme(by=r.actor, programme=pk, reason=r.POST.get("reason", "")),
        gettext_lazy("The start is taken back."),
    ),
    "close": (
        lambda r, pk: actions.close_programme(by=r.actor, programme=pk),
        gettext_lazy("The programme is closed."),
    ),
    "reopen": (
        lambda r, pk: actions.reopen_programme(by=r.actor, programme=pk, reason=r.POST.get("reason", "")),
        gettext_lazy("The programme is open again."),
    ),
}


def number_of(request: Asked, name: str = "version") -> int | None:
    """The number (of a version) that was sent along; None where it is none."""
    word = request.POST.get(name, "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 7 else None


@page(PUBLISH, methods=("POST",))
def act(request: Asked, programme: int) -> HttpResponse:
    """One deed of the document's page, named by the button."""
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise NotFound("programmes.programme")
    try:
        deed[0](request, programme)
    except Refused as refusal:
        if refusal.field != "confirm_assumptions":
            raise
        return _document(request, programme, unconfirmed=str(refusal))
    return done(request, deed[1], "programmes:document", programme=programme)
