"""The page of a sheet that was read, whatever it brings: what was understood, what is wrong, what comes next."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.models import Intake
from weineng.insight.rules import AT_ONCE, KEPT_FOR
from weineng.insight.sheets import Understood
from weineng.insight.sheets.understood import Remark, Sample
from weineng.sheets import SheetFormat
from weineng.web.imports.arriving import STEPS, said
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import show

Cell = tuple[str, str, bool]  # the heading, what stands below it, whether that is a number


def told(
    of: SheetFormat, found: Understood, *, samples: Callable[[Sample], list[Cell]], places: Mapping[str, Any] = {}
) -> dict[str, Any]:
    """What was understood, as the page shows it: `places` are columns to be named before what is wrong in them."""
    counts = found.counts
    return {
        "counts": counts, "rows": sum(counts.get(kind, 0) for kind in ("new", "changed", "same", "wrong")),
        "columns": [(heading, letters, of.by_key[key].headings[0]) for heading, key, letters in found.about.columns],
        "unknown": found.about.unknown, "other_sheets": found.about.other_sheets,
        "samples": [(row.row, samples(row)) for row in found.samples],
        "wrong": _remarks(found.wrong, places), "looks": _remarks(found.looks, places),
    }  # fmt: skip


def _remarks(remarks: Sequence[Remark], places: Mapping[str, Any]) -> list[tuple[int, str, list[str]]]:
    """Row, name and sentences, each behind its column."""
    return [(one.row, one.name, said(one.issues, places)) for one in remarks]


def understood_page(
    request: Asked, intake: Intake, *, taken_back: datetime | None = None, read_again: str = "", **context: Any
) -> HttpResponse:
    """The page: `taken_back` when it had gone in and is out again, `read_again` where it is then read once more."""
    about = {
        "intake": intake, "most": AT_ONCE, "steps": STEPS, "kept_for": KEPT_FOR, "taken_back": taken_back, "read_again": read_again,
        "said_now": _said_now(intake, taken_back),
    }  # fmt: skip
    return show(request, "imports/understood.html", about | context)


def _said_now(intake: Intake, taken_back: datetime | None) -> str:
    roster = intake.kind == "roster"
    if taken_back:
        return _("The roster was taken back")
    if intake.state == "done":
        return _("The roster has gone in") if roster else _("The sheet has gone in")
    return _("What I understood")
