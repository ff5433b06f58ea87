"""Documents as relations: each rule of each version becomes rows of parameters beside the facts it judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from weineng.kernel.clock import civil_date
from weineng.programmes.rules import Cap, Document

CAPS_IN_ORDER = ("record", "day", "course", "kind")  # semantics 9


@dataclass
class Papers:
    """The versions that judge a set, as of an instant. `tables` names the relations and their typed columns."""

    documents: Mapping[int, Document]
    at: datetime
    record_caps: int = 0  # how many caps in a row any version puts on delivered minutes
    last_caps: int = 0  # … and, per kind, on minutes that come last: moved ones and those of results
    moves: bool = False  # some cap moves its rest into another kind
    params: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fold the documents into rows."""
        self.moves = any(cap.excess_to for document in self.documents.values() for cap in document.caps)
        self._add("paper", _PAPER, (self._paper(v, d) for v, d in self.documents.items()))
        self._add("mode_kind", _MODE_KIND, (row for v, d in self.documents.items() for row in _modes(v, d)))
        caps = [row for v, d in self.documents.items() for row in _record_caps(v, d)]
        self.record_caps = max((row[1] for row in caps), default=0)
        self._add("cap_line", _CAP_LINE, caps)
        last = [row for v, d in self.documents.items() for row in _last_caps(v, d)]
        self.last_caps = max((row[1] for row in last), default=0)
        self._add("last_cap", _CAP_LINE, last)
        self._add("earning", _EARNING, (row for v, d in self.documents.items() for row in _earnings(v, d)))
        self._add("demand", _DEMAND, (row for v, d in self.documents.items() for row in _demands(v, d)))
        self._add("demand_kind", _DEMAND_KIND, (row for v, d in self.documents.items() for row in _demand_kinds(v, d)))
        self._add("inside", _INSIDE, (row for v, d in self.documents.items() for row in _inside(v, d)))

    def relations(self, *names: str) -> str:
        """The named relations as the first lines of a WITH clause."""
        return ",\n".join(self.tables[name] for name in names)

    def _paper(self, version: int, document: Document) -> tuple[Any, ...]:
        cycle, on = document.cycle, civil_date(self.at, ZoneInfo(document.time_zone))
        return (
            version, document.time_zone, on, cycle.start, cycle.cut_off, cycle.late_until, document.excellent_points,
        )  # fmt: skip

    def _add(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
        turned = list(zip(*rows, strict=True)) or [()] * len(columns)
        for (column, _), values in zip(columns.items(), turned, strict=True):
            self.params[f"{name}_{column}"] = list(values)
        arrays = ", ".join(f"%({name}_{column})s::{kind}[]" for column, kind in columns.items())
        self.tables[name] = f"{name}({', '.join(columns)}) as (select * from unnest({arrays}))"


_PAPER = {
    "version": "bigint", "zone": "text", "on_date": "date", "starts": "date", "cut_off": "date", "late_until": "date",
    "excellent_points": "int",
}  # fmt: skip
_MODE_KIND = {"version": "bigint", "mode": "text", "kind": "text", "derived": "bool"}
_CAP_LINE = {
    "version": "bigint", "slot": "int", "kind": "text", "per": "text", "code": "text", "minutes": "int",
    "excess_to": "text",
}  # fmt: skip
_EARNING = {"version": "bigint", "item": "text", "kind": "text", "minutes": "int", "earned_on": "text"}
_DEMAND = {
    "version": "bigint", "demand": "text", "place": "int", "type": "text", "minimum": "int", "each_opened": "int",
}  # fmt: skip
_DEMAND_KIND = {"version": "bigint", "demand": "text", "kind": "text"}
_INSIDE = {"version": "bigint", "inner_demand": "text", "outer_demand": "text"}


def _modes(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Mode → the first kind that matches; the code of a kind earned by results matches too, as derived."""
    first: dict[str, tuple[Any, ...]] = {}
    for kind in document.kinds:
        derived = kind.source == "results"
        for mode in (*kind.modes, kind.code) if derived else kind.modes:
            first.setdefault(mode, (version, mode, kind.code, derived))
    return list(first.values())


def _record_caps(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Caps on delivered minutes, a row a kind; a rest that would become what it is already is simply cut off."""
    delivered = {kind.code for kind in document.kinds if kind.source == "records"}
    caps = [cap for per in CAPS_IN_ORDER for cap in document.caps if cap.per == per and delivered & set(cap.kinds)]
    return [
        (version, slot, kind, cap.per, cap.code, cap.minutes, cap.excess_to if cap.excess_to != kind else "")
        for slot, cap in enumerate(caps, 1)
        for kind in cap.kinds
        if kind in delivered
    ]


def _last_caps(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Caps per kind that minutes can meet which come after the delivered ones."""
    late = {kind.code for kind in document.kinds if kind.source == "results"}
    late |= {cap.excess_to for cap in document.caps if cap.excess_to}
    caps = [cap for cap in document.caps if cap.per == "kind" and late & set(cap.kinds)]
    return [
        (version, slot, kind, cap.per, cap.code, cap.minutes, "")
        for slot, cap in enumerate(caps, 1)
        for kind in cap.kinds
    ]


def _earnings(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [(version, line.item, line.kind, line.minutes, line.earned_on) for line in document.earnings]


def _demands(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [
        (version, demand.code, place, demand.type, demand.minimum, demand.each_opened)
        for place, demand in enumerate(document.demands)
    ]


def _demand_kinds(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [(version, demand.code, kind) for demand in document.demands for kind in demand.kinds]


def _inside(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Pairs of demands on minutes of which one's kinds are all among the other's, and not all of them (semantics 32)."""
    minutes = [demand for demand in document.demands if demand.type == "minutes"]
    return [
        (version, inner.code, outer.code)
        for inner in minutes
        for outer in minutes
        if set(inner.kinds) < set(outer.kinds)
    ]


def caps_of(document: Document, kind: str) -> list[Cap]:
    """The caps that minutes of a kind meet, in the order in which they are applied."""
    return [cap for per in CAPS_IN_ORDER for cap in document.caps if cap.per == per and kind in cap.kinds]
