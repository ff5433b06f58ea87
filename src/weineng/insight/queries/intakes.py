"""Sheets on their way in and back: one's own that one brought, and whatever is being taken back within one's reach."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from weineng.assessment.permissions import IMPORT as IMPORT_RESULTS
from weineng.assessment.queries import sheets_within as result_sheets
from weineng.insight.models import Intake, TakeBack
from weineng.insight.rules import KINDS
from weineng.insight.sheets import Understood, unpack_sheet, unpack_understood
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.learning.permissions import IMPORT as IMPORT_HOURS
from weineng.learning.queries import sheets_within as hour_sheets
from weineng.organisations.models import Roster
from weineng.organisations.permissions import IMPORT_ROSTER
from weineng.organisations.reach import units_within

PERMISSIONS = {"roster": IMPORT_ROSTER, "hours": IMPORT_HOURS, "results": IMPORT_RESULTS}


def may_bring(by: Actor, kind: str, unit: int) -> bool:
    """Whether one may bring sheets of a kind in there."""
    return units_within(by, PERMISSIONS[kind]).filter(pk=unit).exists()


def intake_of(by: Actor, unit: int, upload: int) -> Intake:
    """The roster of a unit that one brought with an upload, without what was understood of it, which is large; refuses `not-found`."""
    return get_or_refuse(Intake.objects.of(by).brief(), kind="roster", unit=unit, upload=upload)


def work_intake_of(by: Actor, kind: str, upload: int) -> Intake:
    """The sheet of hours or results that one brought with an upload, as `intake_of`; refuses `not-found`."""
    return get_or_refuse(Intake.objects.of(by).brief().exclude(kind="roster"), kind=kind, upload=upload)


def understood_of(intake: Intake) -> Understood:
    """What the page of a sheet that was read shows of it."""
    if not intake.understood:  # read by a version that kept only all of it
        return unpack_sheet(intake.reading).understood()
    return unpack_understood(intake.understood)


def intakes_under_way(by: Actor) -> QuerySet[Intake]:
    """Sheets one brought that wait, for oneself or for the worker, or were refused; the newest first."""
    rows = Intake.objects.of(by).exclude(state="done").select_related("unit", "upload")
    return rows.defer("reading", "understood").order_by("-pk")


def sheets_before(work: Intake | TakeBack) -> int:
    """How many sheets, whoever asked, the worker reads before this one that waits to be read; or brings in or takes back before
    this one that waits for that."""
    sooner = Q(asked_at__lt=work.asked_at)
    if work.state == "arrived":
        return Intake.objects.filter(sooner, state="arrived").count()
    return (
        Intake.objects.filter(sooner, state="waiting").count()
        + TakeBack.objects.filter(sooner, state="waiting").count()
    )


def taken_back_at(intake: Intake) -> datetime | None:
    """When the roster it became was taken back; None where it was not, or became none."""
    if intake.roster is None:
        return None
    return Roster.objects.filter(pk=intake.roster).values_list("undone_at", flat=True).first()


def sheets_to_take_back(by: Actor, kind: str) -> QuerySet[Any]:
    """The sheets of a kind that were brought in for one's part of the tree, newest first: who may bring in may take back."""
    if kind == "hours":
        return hour_sheets(by)
    if kind == "results":
        return result_sheets(by)
    if kind != "roster":
        raise NotFound("insight.takeback")
    return Roster.objects.filter(unit__in=units_within(by, IMPORT_ROSTER)).select_related("unit").order_by("-at", "-pk")


def take_backs_within(by: Actor) -> QuerySet[TakeBack]:
    """What is being taken back, or was lately, of the sheets one might take back oneself; the newest first."""
    mine = Q()
    for kind in KINDS:
        mine |= Q(kind=kind, sheet__in=sheets_to_take_back(by, kind).order_by().values("pk"))
    return TakeBack.objects.filter(mine).order_by("-pk")


def take_backs_of(kind: str, sheets: Iterable[int]) -> Mapping[int, TakeBack]:
    """Sheet → what was asked last about taking it back; the caller has narrowed the sheets to what the reader may see."""
    rows = TakeBack.objects.filter(kind=kind, sheet__in=list(sheets)).order_by("pk")
    return {row.sheet: row for row in rows}
