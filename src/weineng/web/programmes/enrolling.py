"""Who takes part: schools with their batch, the people of each, one person's enrolment."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from weineng.kernel.clock import today
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Unit
from weineng.organisations.queries import candidate_units
from weineng.organisations.reach import require_unit, units_below
from weineng.programmes import actions
from weineng.programmes.models import EnrolledSchool, Enrolment, Exemption, Programme
from weineng.programmes.permissions import ENROL, EXEMPT
from weineng.programmes.queries import (
    document_in_force,
    eligible_posts,
    enrolments_of_school,
    people_by_school,
    programmes_within,
    units_enrolled_by,
)
from weineng.programmes.rules import Document
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.documents import parts_of
from weineng.web.programmes.exempting import demands_of
from weineng.web.programmes.forms import HostForm, LeaveForm, ReasonForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.templatetags.words import in_language
from weineng.web.units.picking import pick_units

MOST = 300  # schools to tick on one page; of more, some are searched for, or the next page brings them


@page(ENROL)
def schools(request: Asked, programme: int) -> HttpResponse:
    """Schools that take part, and those that could."""
    row = get_or_refuse(programmes_within(request.actor, ENROL), pk=programme)
    document = document_in_force(programme)
    if request.method == "POST":
        return _act_on_schools(request, row)
    taking = EnrolledSchool.objects.within(request.actor, ENROL).filter(programme=row, until__isnull=True)
    theirs = units_enrolled_by(request.actor)
    may = taking.filter(unit__in=theirs).exists()
    columns = (
        Column("school", _("School"), sort="unit__place,unit__name"), Column("batch", _("Batch"), sort="batch"),
        Column("since", _("Since"), sort="since"), Column("eligible", _("Can take part"), number=True),
        Column("people", _("Enrolled"), number=True), *((Column("do", _("What to do")),) if may else ()),
    )  # fmt: skip
    head = Table(request, columns, order="school", size=100).cut(taking.select_related("unit"))
    titles = {phase.code: phase.title for phase in document.phases}
    people = people_by_school(row, document)
    text = request.GET.get("find", "").strip()
    decided = set(theirs.filter(pk__in=[one.unit_id for one in head.rows]).values_list("pk", flat=True))
    could, fit = _candidates(request, row, document), _candidates(request, row, document, text)
    names = (Column("school", _("School"), sort="place,name"),)
    context = {
        "programme": row, "tabs": parts_of(request, row, "programmes:schools"), "head": head, "taking": taking.count(), "may": may,
        "inside": [_told(one, titles, *people.get(one.unit_id, (0, 0)), decided=one.unit_id in decided) for one in head.rows],
        "outside": Table(request, names, order="school", size=MOST, prefix="out-").cut(fit), "find": text,
        "could": could.count(), "most": MOST, "batches": [phase for phase in document.phases if phase.batch],
        "decides": theirs.filter(kind__in=document.scope.kinds).exists(),
    }  # fmt: skip
    return show(request, "programmes/schools.html", context)


def _told(
    school: EnrolledSchool, titles: dict[str, Any], eligible: int, people: int, *, decided: bool
) -> dict[str, object]:
    return {
        "school": school,
        "batch": titles.get(school.batch, school.batch),
        "eligible": eligible,
        "people": people,
        "decided": decided,  # whoever looks enrols it and takes it out
    }


def _candidates(request: Asked, row: Programme, document: Document, text: str = "") -> QuerySet[Unit]:
    taking = EnrolledSchool.objects.filter(programme=row, until__isnull=True).values("unit")
    below = units_below(frozenset({row.owner_id or 0})).values("pk")
    rows = candidate_units(request.actor, ENROL, text).filter(kind__in=document.scope.kinds, pk__in=below)
    return rows.filter(pk__in=units_enrolled_by(request.actor).values("pk")).exclude(pk__in=taking)


def _act_on_schools(request: Asked, row: Programme) -> HttpResponse:
    what = request.POST.get("do", "")
    picked = [_unit(word) for word in request.POST.getlist("pick")]
    if not picked:
        raise Refused("nothing-picked", _("Tick the schools first."))
    if what == "enrol":
        for unit in picked:
            actions.enrol_school(
                by=request.actor, programme=row.pk, unit=unit, batch=request.POST.get("batch", "")[:24]
            )
        text = ngettext("%(count)d school takes part.", "%(count)d schools take part.", len(picked))
        return done(request, text % {"count": len(picked)}, "programmes:schools", programme=row)
    if what == "withdraw":
        reason = request.POST.get("reason", "")
        actions.unenrol_school(by=request.actor, programme=row.pk, unit=picked[0], reason=reason)
        return done(request, _("The school no longer takes part."), "programmes:schools", programme=row)
    raise NotFound("programmes.programme")


def _unit(word: str) -> int:
    try:
        return open_id("organisations.unit", word)
    except ValueError:
        raise NotFound("organisations.unit") from None


@page(ENROL)
def people(request: Asked, programme: int, unit: int) -> HttpResponse:
    """The people of a school: enrol all whom the document takes in, see who takes part and who left."""
    row = get_or_refuse(programmes_within(request.actor, ENROL), pk=programme)
    place = require_unit(request.actor, ENROL, unit)
    if request.method == "POST":
        made = actions.enrol_people(by=request.actor, programme=programme, unit=unit)
        counts = {"new": made.new, "back": made.back, "same": made.same, "left": made.left}
        text = _("%(new)s enrolled, %(back)s back, %(same)s took part already, %(left)s have left and stay out.")
        return done(request, text % counts, "programmes:people", programme=row, unit=place)
    posts = eligible_posts(row, document_in_force(programme)).filter(school=unit, during__contains=today())
    found = enrolments_of_school(programme, unit).within(request.actor, ENROL).select_related("person", "host")
    columns = (
        Column("name", _("Name"), sort="person__name_order"), Column("since", _("Since"), sort="since"), Column("state", _("State")),
    )  # fmt: skip
    head = Table(request, columns, order="name", size=100).cut(found)
    eligible = posts.values("person").distinct().count()
    taking = found.order_by().values("person")
    context = {
        "programme": row, "unit": place, "head": head, "eligible": eligible, "today": today(),
        "missing": posts.exclude(person__in=taking).exists(),
        "crumbs": [
            {"text": in_language(row.title), "url": reverse("programmes:schools", kwargs={"programme": row})},
            {"text": place.name},
        ],
    }  # fmt: skip
    return show(request, "programmes/people.html", context)


@page(ENROL, EXEMPT)
def person(request: Asked, enrolment: int) -> HttpResponse:
    """One person's enrolment: let them leave, take it back, attach them to a host school."""
    row = _reached(request, enrolment)
    scope = document_in_force(row.programme_id).scope
    taking = EnrolledSchool.objects.filter(programme=row.programme_id, until__isnull=True).values("unit")
    hosting = Q(pk__in=taking) & ~Q(kind__in=scope.licence_required_for_kinds)
    picker = pick_units(request, ENROL, levels=("school",), fitting=hosting)
    wanted = request.POST.get("form", "")
    data = {name: request.POST if name == wanted else None for name in ("leave", "back", "host", "detach")}
    forms = {
        "leave": LeaveForm(data["leave"], initial={"on": today()}), "back": ReasonForm(data["back"]),
        "host": HostForm(data["host"], hosts=picker.choices), "detach": ReasonForm(data["detach"]),
    }  # fmt: skip
    form = forms.get(wanted)
    if request.method == "POST" and form is not None and form.is_valid():
        with refusals_on(form):
            return done(
                request, _deed(request, enrolment, wanted, form.cleaned_data), "programmes:person", enrolment=row
            )
    may_enrol = Enrolment.objects.within(request.actor, ENROL, changing=True).filter(pk=enrolment).exists()
    may_exempt = Enrolment.objects.within(request.actor, EXEMPT, changing=True).filter(pk=enrolment).exists()
    needs_host = eligible_posts(row.programme, document_in_force(row.programme_id)).filter(
        person=row.person_id, school__kind__in=scope.licence_required_for_kinds
    )
    context = {
        "row": row, "may_enrol": may_enrol, "may_exempt": may_exempt, "exemptions": _exemptions(row),
        "picker": picker, "hosted": row.host_id is not None or needs_host.exists(), **{f"{name}_form": one for name, one in forms.items()},
    }  # fmt: skip
    return show(request, "programmes/person.html", context)


def _exemptions(row: Enrolment) -> list[tuple[Exemption, str]]:
    """The newest first, each with the words for what it takes away."""
    titles = dict(demands_of(row))
    return [(one, titles.get(one.demand, one.demand)) for one in row.exemptions.order_by("-pk")]


def _reached(request: Asked, enrolment: int) -> Enrolment:
    rows = Enrolment.objects.within(request.actor, ENROL) | Enrolment.objects.within(request.actor, EXEMPT)
    return get_or_refuse(rows.distinct().select_related("person", "programme", "host"), pk=enrolment)


def _deed(request: Asked, enrolment: int, wanted: str, data: dict[str, Any]) -> str:
    by = request.actor
    if wanted == "leave":
        actions.let_leave(by=by, enrolment=enrolment, on=data["on"], reason=data["reason"])
        return _("From that day on this person is not counted.")
    if wanted == "back":
        actions.undo_leave(by=by, enrolment=enrolment, reason=data["reason"])
        return _("This person takes part again.")
    if wanted == "host":
        actions.attach_host(by=by, enrolment=enrolment, host=data["host"])
        return _("Attached; the school's plan holds for this person.")
    actions.detach_host(by=by, enrolment=enrolment, reason=data["reason"])
    return _("The attachment is taken back.")
