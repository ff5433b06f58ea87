"""Documents as relations: each rule of each version becomes rows of parameters beside the facts it judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from weineng.kernel.clock import civil_date
from weineng.kernel.planner import as_array
from weineng.programmes.queries import find_points
from weineng.programmes.rules import Cap, Demand, Document
from weineng.standards.models import Point

CAPS_IN_ORDER = ("record", "day", "course", "kind")  # semantics 9


@dataclass
class Papers:
    """The versions that judge a set, as of an instant. `tables` names the relations and their typed columns."""

    documents: Mapping[int, Document]
    at: datetime
    record_caps: int = 0  # how many caps in a row any version puts on delivered minutes
    last_caps: int = 0  # … and, per kind, on minutes that come last: moved ones and those of results
    moves: bool = False  # some cap moves its rest into another kind
    gates: bool = False  # some version holds kinds back until a gate opens
    flags: bool = False  # some minimum depends on flags of the school
    elsewhere: bool = False  # some version excludes what counts in another programme
    used: frozenset[str] = (
        frozenset()
    )  # types of demands, and `parts`, `profile`, `declared`: what no version has is not asked
    days: dict[int, date] = field(default_factory=dict)  # the civil date on which each version counts
    params: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fold the documents into rows."""
        self.moves = any(cap.excess_to for document in self.documents.values() for cap in document.caps)
        self.used = frozenset(word for document in self.documents.values() for word in _words(document))
        self.gates, self.flags = "gates" in self.used, "flags" in self.used
        self.elsewhere = any(document.exclusive_with for document in self.documents.values())
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
        self._add("demand_flag", _DEMAND_FLAG, (row for v, d in self.documents.items() for row in _demand_flags(v, d)))
        self._add("part", _PART, (row for v, d in self.documents.items() for row in _parts(v, d)))
        self._add("gate_kind", _GATE_KIND, (row for v, d in self.documents.items() for row in _gate_kinds(v, d)))
        self._add("gated_kind", _GATED_KIND, (row for v, d in self.documents.items() for row in _gated_kinds(v, d)))
        self._add("handbook", _HANDBOOK, ((v, task.code) for v, d in self.documents.items() for task in d.handbook))
        excluded = ((v, i, code) for v, d in self.documents.items() for i, code in enumerate(d.exclusive_with))
        self._add("excluded", _EXCLUDED, excluded)
        wanted = self.used & {"parts", "credits", "profile"}
        self._add("place_of", _PLACE_OF, (row for v, d in self.documents.items() if wanted for row in _places(v, d)))

    def relations(self, *names: str) -> str:
        """The named relations as the first lines of a WITH clause."""
        return ",\n".join(self.tables[name] for name in names)

    def _paper(self, version: int, document: Document) -> tuple[Any, ...]:
        cycle, self.days[version] = document.cycle, civil_date(self.at, ZoneInfo(document.time_zone))
        return (
            version, document.time_zone, self.days[version], cycle.start, cycle.cut_off, cycle.late_until, document.excellent_points,
            document.profile, document.choice.declare,
        )  # fmt: skip

    def _add(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
        turned = list(zip(*rows, strict=True)) or [()] * len(columns)
        for (column, _), values in zip(columns.items(), turned, strict=True):
            self.params[f"{name}_{column}"] = as_array(values)  # once, and not for each statement that names it
        arrays = ", ".join(f"%({name}_{column})s::{kind}[]" for column, kind in columns.items())
        self.tables[name] = f"{name}({', '.join(columns)}) as (select * from unnest({arrays}))"


_PAPER = {
    "version": "bigint", "zone": "text", "on_date": "date", "starts": "date", "cut_off": "date", "late_until": "date",
    "excellent_points": "int", "profile": "bool", "declares": "bool",
}  # fmt: skip
_MODE_KIND = {"version": "bigint", "mode": "text", "kind": "text", "derived": "bool"}
_CAP_LINE = {
    "version": "bigint", "slot": "int", "kind": "text", "per": "text", "code": "text", "minutes": "int",
    "excess_to": "text",
}  # fmt: skip
_EARNING = {"version": "bigint", "item": "text", "kind": "text", "minutes": "int", "earned_on": "text"}
_DEMAND = {
    "version": "bigint", "demand": "text", "place": "int", "type": "text", "minimum": "int", "each_opened": "int",
    "share": "int", "of_demand": "text", "base": "text", "level": "int", "item": "text", "declared": "bool",
}  # fmt: skip
_DEMAND_KIND = {"version": "bigint", "demand": "text", "kind": "text"}
_INSIDE = {"version": "bigint", "inner_demand": "text", "outer_demand": "text"}
_DEMAND_FLAG = {"version": "bigint", "demand": "text", "flag": "text", "minimum": "int"}
_PART = {
    "version": "bigint", "demand": "text", "part": "text", "place": "int", "axis": "text", "named": "text", "minimum": "int",
    "level": "int", "declared": "bool",
}  # fmt: skip
_GATE_KIND = {"version": "bigint", "gate": "text", "minutes": "int", "kind": "text"}
_GATED_KIND = {"version": "bigint", "gate": "text", "place": "int", "kind": "text", "keep": "bool"}
_EXCLUDED = {"version": "bigint", "place": "int", "code": "text"}
_HANDBOOK = {"version": "bigint", "task": "text"}
_PLACE_OF = {"version": "bigint", "point": "text", "dimension": "text", "environment": "text", "credits": "int"}
LEVELS = {"pass": 1, "excellent": 2}


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
        (
            version, demand.code, place, demand.type, demand.minimum, demand.each_opened, demand.share,
            demand.of if demand.type == "share" else "", demand.base, LEVELS[demand.level], demand.item,
            _of_declared(document, demand),
        )
        for place, demand in enumerate(document.demands)
    ]  # fmt: skip


def _of_declared(document: Document, demand: Demand) -> bool:
    """Whether a demand ranges over the declared points; where nobody declares, those are the points of the choice."""
    return demand.of == "declared" and document.choice.declare


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


def _words(document: Document) -> set[str]:
    """What a document has that not every one has."""
    words: set[str] = {demand.type for demand in document.demands}
    words |= {"parts" for demand in document.demands if demand.parts}
    words |= {"declared"} if document.choice.declare else set()
    words |= {"flags" for demand in document.demands if demand.minimum_for_flag}
    return words | {"gates" for _gate in document.gates} | ({"profile"} if document.profile else set())


def _demand_flags(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [(version, d.code, flag, least) for d in document.demands for flag, least in d.minimum_for_flag.items()]


def _parts(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Parts of demands on points; the values that are asked for stand in one text, with a comma after each."""
    return [
        (
            version, demand.code, part.code, place, part.axis, "".join(f"{value}," for value in part.values), part.minimum,
            LEVELS[demand.level], _of_declared(document, demand),
        )
        for demand in document.demands
        for place, part in enumerate(demand.parts)
    ]  # fmt: skip


def _gate_kinds(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [(version, gate.code, gate.minutes, kind) for gate in document.gates for kind in gate.kinds]


def _gated_kinds(version: int, document: Document) -> list[tuple[Any, ...]]:
    return [
        (version, gate.code, place, kind, gate.before == "keep")
        for place, gate in enumerate(document.gates)
        for kind in gate.opens
    ]


def _places(version: int, document: Document) -> list[tuple[Any, ...]]:
    """Every point that can be judged under a document: those of its standard and the local ones, as its edition has them, or
    will have them once the document is published."""
    rows = Point.objects.order_by("place").values_list("code", "dimension", "environment")
    points = list(rows.filter(edition__code=document.edition)) or [
        *((code, at["dimension"], at["environment"]) for code, at in (find_points(document.standard) or {}).items()),
        *((one.code, one.dimension, one.environment) for one in document.points.local),
    ]
    return [
        (version, code, dimension, environment, document.points.credits_of(code))
        for code, dimension, environment in points
    ]


def caps_of(document: Document, kind: str) -> list[Cap]:
    """The caps that minutes of a kind meet, in the order in which they are applied."""
    return [cap for per in CAPS_IN_ORDER for cap in document.caps if cap.per == per and kind in cap.kinds]
