"""Tables: columns, order and pages of rows.

    head = Table(request, columns=(
        Column("name", _("School"), sort="name_order"),
        Column("share", _("Finished"), number=True, unit="%", sort="share"),
    ), order="-share")
    slice_ = head.cut(queryset)   # one query: the rows of this page

Pages are cut by key, never by number: page 900 costs what page 1 costs, and nothing is shown twice when rows come in.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

SALT = "weineng.page"


@dataclass(frozen=True)
class Column:
    """`key` names the column in addresses; `sort` is what the query is ordered by, one expression or several with commas
    between them ('' = not sortable);
    `number` columns stand right-aligned with their `unit` in the heading; `first` is the order on the first click.
    """

    key: str
    title: object
    sort: str = ""
    number: bool = False
    unit: object = ""
    descending_first: bool = False


@dataclass(frozen=True)
class Heading:
    """A column's heading as shown: `url` sorts by it; `direction` ascending, descending or ''."""

    column: Column
    url: str
    direction: str


class Table:
    """A table's columns, the order the reader asked for, and the page of rows."""

    def __init__(
        self, request: HttpRequest, columns: Sequence[Column], *, order: str = "", size: int = 50, prefix: str = ""
    ) -> None:
        self.query: QueryDict = request.GET
        self.columns = columns
        self.size = size
        self.prefix = prefix  # two tables on one page
        wanted = self.query.get(f"{prefix}sort", order)
        by_key = {column.key: column for column in columns if column.sort}
        self.sorted_by = wanted if wanted.lstrip("-") in by_key else order
        self.column = by_key.get(self.sorted_by.lstrip("-"))
        self.rows: list[Any] = []
        self.next = self.previous = ""

    @property
    def headings(self) -> list[Heading]:
        """Each heading with the address that sorts by it (the other way round when it is the present one)."""
        return [self._heading(column) for column in self.columns]

    def _heading(self, column: Column) -> Heading:
        if not column.sort:
            return Heading(column, "", "")
        direction = ""
        if self.sorted_by.lstrip("-") == column.key:
            direction = "descending" if self.sorted_by.startswith("-") else "ascending"
        downward = direction == "ascending" or (not direction and column.descending_first)
        return Heading(column, self._address(sort=f"{'-' if downward else ''}{column.key}"), direction)

    def _address(self, **changes: str) -> str:
        query = self.query.copy()
        for name in ("after", "before"):
            query.pop(f"{self.prefix}{name}", None)
        for name, value in changes.items():
            query[f"{self.prefix}{name}"] = value
        return f"?{query.urlencode()}"

    def cut(self, rows: QuerySet[Any], *, tie: str = "pk") -> "Table":
        """Fetch this page of `rows`: one query. `tie` makes the order complete; sort expressions must not be null."""
        keys = [tie]
        if self.column:
            sign = "-" if self.sorted_by.startswith("-") else ""
            keys = [*(f"{sign}{key}" for key in self.column.sort.split(",")), tie]
        after, before = self._mark("after"), self._mark("before")
        back = before is not None and len(before) == len(keys)
        mark = before if back else after
        order = [_turned(key) for key in keys] if back else keys
        if mark is not None and len(mark) == len(keys):
            rows = rows.filter(_beyond(order, mark))
        found = list(rows.order_by(*order)[: self.size + 1])
        more, found = len(found) > self.size, found[: self.size]
        if back:
            found.reverse()
        if found and (more or back):
            self.next = self._address(after=self._sealed(found[-1], keys))
        if found and (mark is not None if not back else more):
            self.previous = self._address(before=self._sealed(found[0], keys))
        self.rows = found
        return self

    def _sealed(self, row: Any, keys: Sequence[str]) -> str:
        return signing.dumps([_plain(_value(row, key.lstrip("-"))) for key in keys], salt=SALT, compress=True)

    def _mark(self, name: str) -> list[Any] | None:
        try:
            return signing.loads(self.query.get(f"{self.prefix}{name}", ""), salt=SALT)
        except signing.BadSignature:
            return None


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(keys: Sequence[str], mark: Sequence[Any]) -> Q:
    """Rows after the mark in this order: a > x or (a = x and (b > y …))."""
    key, value = keys[0], mark[0]
    name, side = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
    here = Q(**{f"{name}__{side}": value})
    return here if len(keys) == 1 else here | (Q(**{name: value}) & _beyond(keys[1:], mark[1:]))


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = row[name] if isinstance(row, dict) else getattr(row, name)
    return row


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
