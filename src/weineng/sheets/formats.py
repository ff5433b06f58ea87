"""What a kind of sheet looks like: its columns, the headings and words that are accepted, what is required.

A format is data. The accepted writings come from a CSV of three columns (list, value, accepted_writing): the list
`header` names columns, every other list the words of the column of that name. The first writing is the one we export.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property

from weineng.sheets.plain import plain, read_data, words


class Kind(StrEnum):
    """What the cells of a column hold; decides how they are cleaned and judged."""

    NAME = "name"
    IDENTITY = "identity"
    PHONE = "phone"
    CODE = "code"
    TEXT = "text"
    WORD = "word"
    DATE = "date"
    CLOCK = "clock"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `words` maps a `plain` writing to the canonical word; `lowest`/`highest` bound numbers.

    An `ours` column is written by us to know our own rows again: it is never asked for and never missing.
    """

    key: str
    kind: Kind
    headings: tuple[str, ...]
    required: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    longest: int = 200
    lowest: float | None = None
    highest: float | None = None
    ours: bool = False


@dataclass(frozen=True)
class SheetFormat:
    """A kind of sheet. `needed` are groups of columns; of each group at least one must be on the sheet.

    `unique` are the columns that together name a row once; a later row with the same values is a duplicate.
    """

    key: str
    columns: tuple[Column, ...]
    needed: tuple[tuple[str, ...], ...]
    unique: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """The columns by their canonical key."""
        return {column.key: column for column in self.columns}

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {plain(heading): column.key for column in self.columns for heading in column.headings}

    def recognise(self, heading: str) -> str | None:
        """The column a heading names, marks like * and （必填） aside; None where it names none."""
        form = plain(heading)
        if not form or len(form) > 40:
            return None
        return self._headings.get(form) or self._headings.get(without_marks(form))


def without_marks(form: str) -> str:
    """A `plain` heading without the marks people add to it."""
    for mark in words("header-mark"):
        form = form.replace(mark, "")
    return form.rstrip(":")


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What code says about a column; the writings come from the lists."""

    key: str
    kind: Kind
    required: bool = False
    longest: int = 200
    lowest: float | None = None
    highest: float | None = None
    ours: bool = False


def format_from_lists(
    key: str,
    lists: Sequence[Mapping[str, str]],
    plans: Sequence[ColumnPlan],
    *,
    needed: Sequence[Sequence[str]] | None = None,
    unique: Sequence[str] = (),
) -> SheetFormat:
    """A format from the rows of a code-list CSV; `needed` defaults to every required column by itself."""
    columns = tuple(_column(plan, lists) for plan in plans)
    groups = needed if needed is not None else [[plan.key] for plan in plans if plan.required]
    return SheetFormat(key, columns, tuple(map(tuple, groups)), tuple(unique))


def _column(plan: ColumnPlan, lists: Sequence[Mapping[str, str]]) -> Column:
    headings = tuple(r["accepted_writing"] for r in lists if r["list"] == "header" and r["value"] == plan.key)
    coded = [(r["value"], r["accepted_writing"]) for r in lists if r["list"] == plan.key]
    return Column(
        key=plan.key,
        kind=plan.kind,
        headings=headings,
        required=plan.required,
        words={plain(writing): value for value, writing in coded},
        choices=tuple(dict.fromkeys(value for value, _ in coded)),
        longest=plan.longest,
        lowest=plan.lowest,
        highest=plan.highest,
        ours=plan.ours,
    )


# As long as the columns of the tables that keep them (a test compares): what is read can be stored.
ROSTER_PLANS = (
    ColumnPlan("name", Kind.NAME, required=True, longest=80),
    ColumnPlan("gender", Kind.WORD),
    ColumnPlan("id_type", Kind.WORD),
    ColumnPlan("id_number", Kind.IDENTITY, required=True),
    ColumnPlan("phone", Kind.PHONE),
    ColumnPlan("school_code", Kind.CODE, longest=50),
    ColumnPlan("school_name", Kind.TEXT, required=True),
    ColumnPlan("group", Kind.TEXT, longest=120),
    ColumnPlan("stage", Kind.WORD),
    ColumnPlan("subject", Kind.WORD),
    ColumnPlan("post", Kind.TEXT, longest=40),
    ColumnPlan("establishment", Kind.WORD),
    ColumnPlan("in_post", Kind.WORD),
    ColumnPlan("licence", Kind.WORD),
    ColumnPlan("staff_number", Kind.CODE, longest=24),
    ColumnPlan("start_date", Kind.DATE),
    ColumnPlan("row_mark", Kind.TEXT, ours=True),
)


@cache
def roster_format() -> SheetFormat:
    """The teachers' roster: a name, an identity number, and a school by name or code are needed."""
    return format_from_lists(
        "roster",
        read_data("code-lists.csv"),
        ROSTER_PLANS,
        needed=[["name"], ["id_number"], ["school_name", "school_code"]],
    )
