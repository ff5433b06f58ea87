"""The roll-out: every step of the plan with what is there and what is late, and how far each school and county is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.insight.permissions import VIEW as FIGURES
from weineng.insight.queries import STATES, CountyState, RollOut, SchoolState, Step, roll_out, states_in, step_in
from weineng.kernel.clock import today
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_in_force
from weineng.programmes.rules import Document
from weineng.progress.permissions import VIEW
from weineng.web.components.tables import Column, Table
from weineng.web.progress.overviews import crumbs_to, day_of, on_day
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of

AT_ONCE = 50
UnitState = SchoolState | CountyState
S = TypeVar("S", SchoolState, CountyState, SchoolState | CountyState)
SHAPES = {"not-begun": "open", "started": "waiting", "completed": "done"}
WORDS: Mapping[str, object] = {
    "not-begun": _("not begun"),
    "started": _("started"),
    "completed": _("completed"),
}
STEP_SHAPES = {"to-come": "open", "running": "waiting", "reached": "done", "missed": "late"}
STEP_WORDS: Mapping[str, object] = {
    "to-come": _("to come"), "running": _("under way"), "reached": _("reached"), "missed": _("not reached in time"),
}  # fmt: skip
LACKS: Mapping[str, object] = {
    "not-enrolled": _("does not take part yet"),
    "batch-not-begun": _("its batch has not begun"),
    "plan-missing": _("no approved plan"),
    "share-short": _("%(need)s %% must be finished"),
    "not-accepted": _("results not accepted yet"),
}


@dataclass(frozen=True)
class StepView:
    """A step with its words and the addresses of the units behind its numbers ('' for people and where there are none)."""

    step: Step
    shape: str
    word: object
    have_url: str
    missing_url: str


@dataclass(frozen=True)
class SchoolView:
    """A school with its words; `url`: its overview."""

    row: SchoolState
    batch: str
    shape: str
    word: object
    lacks: str
    url: str
    passed_url: str


@dataclass(frozen=True)
class CountyView:
    """A county with its words; `url`: its roll-out."""

    row: CountyState
    shape: str
    word: object
    url: str


@page(FIGURES, VIEW)
def steps(request: Asked, unit: int) -> HttpResponse:
    """The plan's steps, and what is below: counties, or the schools of a county, those behind first."""
    programme = programme_of(request)
    if programme is None:
        return show(request, "progress/no_programme.html")
    on = day_of(request)
    found = roll_out(request.actor, programme, unit, on)
    document = document_in_force(programme.pk)
    wide = found.unit.level in ("province", "city")
    schools = sorted(found.schools.values(), key=lambda s: (STATES.index(s.state), s.name, s.unit))
    shown, following = _cut(request, schools)
    context = {
        "programme": programme, "found": found, "on": on, "past": on != today(),
        "crumbs": crumbs_to(request, unit, on, last=str(_("Roll-out"))), "steps": [_step(found, step) for step in found.steps],
        "school_chips": _chips(found, "schools", on), "county_chips": _chips(found, "counties", on) if wide else [],
        "counties": [_county(row, on) for row in _behind_first(found.counties.values())] if wide else [],
        "schools": [] if wide else [_school(document, row, on) for row in shown], "next": "" if wide else following,
        "school_head": _school_head(request), "county_head": _county_head(request), "step_head": _step_head(request),
    }  # fmt: skip
    return show(request, "progress/roll_out.html", context)


@page(FIGURES, VIEW)
def units(request: Asked, unit: int) -> HttpResponse:
    """The schools or counties behind one number: exactly as many as it said. `?of=schools&state=completed`, or `?step=CODE&in=1`."""
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    on, asked = day_of(request), request.GET
    step = _asked_step(request, programme, unit, on) if asked.get("step") else None
    of = step.target.of if step else asked.get("of", "schools")
    rows = _behind(step, asked.get("in", "")) if step else _in_state(request, programme, unit, on, of)
    shown, following = _cut(request, rows)
    document = document_in_force(programme.pk)
    context = {
        "of": of, "count": len(rows), "on": on, "past": on != today(), "crumbs": crumbs_to(request, unit, on, last=str(_("Roll-out"))),
        "lede": step.text if step else WORDS.get(asked.get("state", ""), ""), "next": following,
        "schools": [_school(document, row, on) for row in shown if isinstance(row, SchoolState)],
        "counties": [_county(row, on) for row in shown if isinstance(row, CountyState)],
        "school_head": _school_head(request), "county_head": _county_head(request),
    }  # fmt: skip
    return show(request, "progress/roll_out_units.html", context)


def _asked_step(request: Asked, programme: Programme, unit: int, on: date) -> Step:
    """The step of an address; refuses `not-found` if there is none of units that is named so."""
    try:
        place = open_id("organisations.unit", request.GET.get("place", ""))
    except ValueError:
        raise NotFound("programmes.target") from None
    step = step_in(request.actor, programme, unit, on, code=request.GET["step"], place=place)
    if step.target.of == "teachers":
        raise NotFound("programmes.target")
    return step


def _behind(step: Step, inside: str) -> Sequence[UnitState]:
    return step.inside if inside == "1" else step.missing


def _in_state(request: Asked, programme: Programme, unit: int, on: date, of: str) -> Sequence[UnitState]:
    """All schools or counties, or those in the state of the address."""
    found = states_in(request.actor, programme, unit, on)
    rows: Sequence[UnitState] = list((found.counties if of == "counties" else found.schools).values())
    state = request.GET.get("state")
    return [row for row in rows if row.state == state] if state in STATES else rows


def _step(found: RollOut, step: Step) -> StepView:
    have_url = missing_url = ""
    if step.target.of != "teachers" and step.state != "to-come":
        here = reverse("progress:roll_out_units", kwargs={"unit": found.unit})
        base = {**on_day(step.on), "step": step.target.code, "place": oid(step.unit, "organisations.unit")}
        have_url = f"{here}?{urlencode({**base, 'in': 1})}" if step.inside else ""
        missing_url = f"{here}?{urlencode({**base, 'in': 0})}" if step.missing else ""
    elif step.target.per == "cumulative" and step.have:
        what = {"verdict": "finished"} if step.target.state == "completed" else {"participants": 1}
        have_url = f"{reverse('progress:people', kwargs={'unit': found.unit})}?{urlencode({**on_day(step.on), 'leaf': '', **what})}"
        have_url = "" if step.unit != found.unit.pk or step.target.flag else have_url
    return StepView(step, STEP_SHAPES[step.state], STEP_WORDS[step.state], have_url, missing_url)


def _school(document: Document, row: SchoolState, on: date) -> SchoolView:
    titles = {phase.code: word_for(phase.title, get_language() or "en") for phase in document.phases}
    lacks = str(_("; ")).join(str(LACKS[code]) % {"need": document.completed_share} for code in row.lacks)
    query = urlencode(on_day(on))
    people = f"{reverse('progress:people', kwargs={'unit': row.unit})}?{urlencode({**on_day(on), 'leaf': '', 'verdict': 'finished'})}"
    overview = reverse("progress:unit", kwargs={"unit": row.unit}) + (f"?{query}" if query else "")
    return SchoolView(row, titles.get(row.batch, ""), SHAPES[row.state], WORDS[row.state], lacks, overview, people)


def _county(row: CountyState, on: date) -> CountyView:
    query = urlencode(on_day(on))
    url = reverse("progress:roll_out", kwargs={"unit": row.unit}) + (f"?{query}" if query else "")
    return CountyView(row, SHAPES[row.state], WORDS[row.state], url)


def _behind_first(rows: Iterable[CountyState]) -> list[CountyState]:
    return sorted(rows, key=lambda c: (STATES.index(c.state), c.completed * 100 // max(1, c.schools), c.name, c.unit))


def _chips(found: RollOut, of: str, on: date) -> list[dict[str, object]]:
    """How many are how far, each with the address of the list."""
    counts = Counter(row.state for row in (found.counties if of == "counties" else found.schools).values())
    here = reverse("progress:roll_out_units", kwargs={"unit": found.unit})
    return [
        {
            "text": WORDS[state],
            "count": counts[state],
            "url": f"{here}?{urlencode({**on_day(on), 'of': of, 'state': state})}",
        }
        for state in reversed(STATES)
        if counts[state]
    ]


def _cut(request: Asked, rows: Sequence[S]) -> tuple[Sequence[S], str]:
    """The rows of this page, and the address of the next ('' after the last)."""
    asked = request.GET.get("from", "")
    first = int(asked) if asked.isascii() and asked.isdigit() else 0
    if first + AT_ONCE >= len(rows):
        return rows[first:], ""
    again = {key: value for key, value in request.GET.items() if key != "from"}
    return rows[first : first + AT_ONCE], f"?{urlencode({**again, 'from': first + AT_ONCE})}"


def _step_head(request: Asked) -> Table:
    return Table(
        request,
        (
            Column("step", _("Step")),  Column("have", _("There")), Column("need", _("Asked for"), number=True),
            Column("missing", _("Not there yet"), number=True), Column("state", _("State")),
        ),
    )  # fmt: skip


def _school_head(request: Asked) -> Table:
    return Table(
        request,
        (
            Column("school", _("School")), Column("state", _("State")), Column("batch", _("Batch")),
            Column("finished", _("Finished"), number=True), Column("lacks", _("What is missing")),
        ),
    )  # fmt: skip


def _county_head(request: Asked) -> Table:
    return Table(
        request,
        (
            Column("county", _("County")), Column("state", _("State")), Column("plans", _("Approved plans"), number=True),
            Column("schools", _("Schools"), number=True), Column("bar", _("completed · started · not begun")),
        ),
    )  # fmt: skip
