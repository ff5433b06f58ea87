"""An office's own system reads where its people stand and the figures of its units."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Path, Query, Router, Schema
from pydantic import Field

from weineng.insight.actions import export_standings_page
from weineng.insight.permissions import VIEW as FIGURES
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.ids import seal_id
from weineng.kernel.sets import get_or_refuse
from weineng.programmes.permissions import VIEW
from weineng.programmes.queries import programmes_within
from weineng.progress.permissions import EXPORT
from weineng.progress.queries import Figures, OverviewRow, overview
from weineng.rest.api import actor_of
from weineng.rest.operations import CURSOR, LIMIT, PAGED, Day, day_of, operation
from weineng.rest.v1.units import AT, ID_OF_UNIT, open_unit

router = Router(tags=["programmes"])
PROGRAMME = Path(description=gettext_noop("Code of the programme."), pattern=r"^[a-z0-9-]{1,40}$")
ON = Query("", description=gettext_noop("A day, e.g. 2026-05-01: as it was then; empty: today."))


class ProgrammeOut(Schema):
    """A programme within the reach of the key."""

    code: str = Field(description=gettext_noop("Code of the programme."))
    title: dict[str, str] = Field(description=gettext_noop("In three languages: zh-hans, zh-hant, en."))
    started_on: date | None = Field(description=gettext_noop("When it started; null before."))
    closed_on: date | None = Field(description=gettext_noop("When it was closed; null while it runs."))


class ProgrammesOut(Schema):
    """All programmes within the reach of the key, the newest first."""

    programmes: list[ProgrammeOut] = Field(description=gettext_noop("The newest first."))


class ColumnOut(Schema):
    """A column of a table."""

    key: str = Field(description=gettext_noop("The key in the rows; the same in every language."))
    heading: str = Field(description=gettext_noop("The heading in the language of Accept-Language."))


class StandingOut(Schema):
    """Where one person stands."""

    person: str = Field(description=gettext_noop("Id of the person; it never changes."))
    row: dict[str, Any] = Field(
        description=gettext_noop("A value for each column; a column the version did not ask for is missing.")
    )


class StandingsOut(Schema):
    """A page of standings."""

    columns: list[ColumnOut] = Field(
        description=gettext_noop("The same as in the spreadsheet that the office takes out.")
    )
    rows: list[StandingOut] = Field(description=gettext_noop("One for each person who takes part."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


class DemandOut(Schema):
    """A demand of the programme."""

    code: str = Field(description=gettext_noop("Code of the demand."))
    title: str = Field(description=gettext_noop("Its name in the language of Accept-Language."))


class CountsOut(Schema):
    """How many people stand how."""

    people: int = Field(description=gettext_noop("The denominator: who neither left nor is exempt."))
    participants: int = Field(description=gettext_noop("Those among them who have begun."))
    passed: int = Field(description=gettext_noop("Pass or better."))
    verdicts: dict[str, int] = Field(
        description=gettext_noop("How many have each verdict, also those out of the denominator.")
    )
    met: dict[str, int] = Field(description=gettext_noop("For each demand: how many meet it."))
    asked: dict[str, int] = Field(description=gettext_noop("For each demand: of how many it is asked."))


class FiguresRowOut(CountsOut):
    """A unit below, or the people of the unit itself."""

    unit: str = Field(description=gettext_noop("Id of the unit."))
    title: str = Field(description=gettext_noop("Name of the unit."))
    leaf_kind: str = Field(
        description=gettext_noop("Empty for a unit below; group, no-group or unplaced for people of the unit itself."),
        json_schema_extra={"enum": ["", "group", "no-group", "unplaced"]},
    )


class FiguresOut(Schema):
    """The figures of a unit."""

    unit: str = Field(description=gettext_noop("Id of the unit."))
    title: str = Field(description=gettext_noop("Name of the unit."))
    on: date = Field(description=gettext_noop("The day the figures are of."))
    demands: list[DemandOut] = Field(
        description=gettext_noop("The demands of the programme, in the order of its document.")
    )
    rows: list[FiguresRowOut] = Field(description=gettext_noop("They add up to “total”."))
    total: CountsOut = Field(description=gettext_noop("The sum."))


@operation(
    router, "GET", "", permission=VIEW, answers=ProgrammesOut,
    says=gettext_noop("Which programmes there are."),
    more=gettext_noop("Those that the unit of the key runs or takes part in. Every key of an office may read them."),
)  # fmt: skip
def list_programmes(request: HttpRequest) -> dict[str, Any]:
    """The programmes within reach."""
    return {"programmes": [vars(row) for row in programmes_within(actor_of(request), VIEW)]}


@operation(
    router, "GET", "/{programme}/standings", permission=EXPORT, scope="standings.read", answers=StandingsOut,
    says=gettext_noop("Where everybody stands."),
    more=gettext_noop(
        "The table that an office takes out as a spreadsheet, page by page: every demand with what counts and what is needed, the "
        "verdict, and why it is not yet a pass. Numbers are masked. Each page has its line in the log."
    ),
    refuses=(*PAGED, "programme-without-version"),
)  # fmt: skip
def read_standings(
    request: HttpRequest, programme: str = PROGRAMME, unit: str = AT, cursor: str = CURSOR, limit: int = LIMIT
) -> dict[str, Any]:
    """A page of the table, in the order in which people were enrolled."""
    by = actor_of(request)
    page = export_standings_page(
        by=by,
        programme=_programme(by, programme),
        unit=open_unit(unit) if unit else None,
        after=int(cursor or 0),
        size=limit,
    )
    columns = [{"key": column.key, "heading": column.headings[0]} for column in page.form.columns]
    rows = [{"person": seal_id("organisations.person", person), "row": row} for person, row in page.rows]
    return {"columns": columns, "rows": rows, "next": str(page.following or "")}


@operation(
    router, "GET", "/{programme}/figures", permission=FIGURES, scope="figures.read", answers=FiguresOut,
    says=gettext_noop("The figures of a unit."),
    more=gettext_noop("The same as on its overview: a row for each unit directly below and for the people of the unit itself."),
    refuses=("parameter-unreadable",),
)  # fmt: skip
def read_figures(
    request: HttpRequest, programme: str = PROGRAMME, unit: str = ID_OF_UNIT, on: Day = ON
) -> dict[str, Any]:
    """The figures of a unit on a day."""
    by = actor_of(request)
    found = overview(by, _programme(by, programme), open_unit(unit), day_of(on, "on", today()))
    return {
        "unit": seal_id("organisations.unit", found.unit), "title": found.title, "on": found.on,
        "demands": [{"code": code, "title": title} for code, title in found.demands],
        "rows": [_row(row) for row in found.rows], "total": _counts(found.total),
    }  # fmt: skip


def _programme(by: Actor, code: str) -> int:
    return get_or_refuse(programmes_within(by, VIEW), code=code).pk


def _row(row: OverviewRow) -> dict[str, Any]:
    return _counts(row.figures) | {
        "unit": seal_id("organisations.unit", row.unit), "title": row.title, "leaf_kind": row.leaf_kind,
    }  # fmt: skip


def _counts(figures: Figures) -> dict[str, Any]:
    return vars(figures) | {"passed": figures.passed}
