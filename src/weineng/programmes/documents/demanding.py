"""What no single line shows of demands, the choice and gates: lines that belong to another type, codes, who does what first."""

from collections.abc import Iterable, Mapping
from typing import Any

from weineng.programmes.documents.building import minimum_of
from weineng.programmes.documents.folding import unknown
from weineng.programmes.documents.found import Found
from weineng.standards.rules import AXES

Plain = Mapping[str, Any]

# type of a demand -> the lines it needs, and those it may have
LINES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "minutes": (("kinds", "periods"), ("periods_for_flag",)),
    "share": (("kinds", "share", "of"), ("base",)),
    "points": (("minimum",), ("each_opened", "minimum_for_flag", "parts", "level", "of")),
    "credits": (("minimum",), ("of",)),
    "none-failed": ((), ("of",)),
    "items": (("item",), ("minimum",)),
}
EVERY_DEMAND = ("code", "type", "title")
POINTS_OF = ("choice", "declared")


def codes(rows: Iterable[Plain]) -> tuple[str, ...]:
    """The codes of coded rows."""
    return tuple(row["code"] for row in rows)


def known(found: Found, code: str, path: str, value: str, words: tuple[str, ...]) -> None:
    """Name a word that is none of the known ones, where the path stands."""
    if value not in words:
        found.problems.append(unknown(code, found.places.get(path, found.places[""]), path, value, words))


def check_demands(plain: Plain, found: Found) -> None:
    """Lines that a type needs or does not know, kinds and demands that are not there, minimums that ask for nothing."""
    kinds = codes(plain["kinds"])
    for demand in plain["demands"]:
        path = f"demands.{demand['code']}"
        for kind in demand["kinds"]:
            known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
        needed, may = LINES[demand["type"]]
        for name in needed:
            if not demand[name] and demand[name] != 0:
                found.at(path, "missing-field", field=name)
        for name, value in demand.items():
            if value and name not in (*EVERY_DEMAND, *needed, *may):
                found.at(f"{path}.{name}", "field-not-for-type", field=name, type=demand["type"])
        if demand["type"] == "minutes" and demand["periods"] == 0:
            found.at(f"{path}.periods", "demand-of-nothing")
        if demand["minimum"] is not None:
            _minimum(demand, f"{path}.minimum", found)
        _of(plain, demand, f"{path}.of", found)
        _flags(demand, path, found)
        _parts(plain, demand, path, found)
        if demand["type"] == "items":
            _items(plain, demand, path, found)


def check_advice(plain: Plain, found: Found) -> None:
    """Suggestions on kinds there are, of something, under codes that are no demand's."""
    kinds, demands = codes(plain["kinds"]), codes(plain["demands"])
    for row in plain["advice"]:
        path = f"advice.{row['code']}"
        for kind in row["kinds"]:
            known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
        if row["periods"] == 0:
            found.at(f"{path}.periods", "demand-of-nothing")
        if row["code"] in demands:
            found.at(f"{path}.code", "duplicate-code", value=row["code"])


def _minimum(demand: Plain, path: str, found: Found) -> None:
    least = demand["minimum"]
    if demand["type"] == "credits":
        if least == 0:
            found.at(path, "demand-of-nothing")
    elif least % 1:
        found.at(path, "wrong-type", expected="whole number")
    elif least < 1:
        found.at(path, "number-out-of-range", value=least, least=1, most=10_000)


def _of(plain: Plain, demand: Plain, path: str, found: Found) -> None:
    if demand["of"] is None:
        return
    if demand["type"] == "share":
        minutes = codes(d for d in plain["demands"] if d["type"] == "minutes")
        known(found, "unknown-code", path, demand["of"], minutes)
    elif demand["type"] in ("points", "credits", "none-failed"):
        known(found, "not-one-of", path, demand["of"], POINTS_OF)


def _flags(demand: Plain, path: str, found: Found) -> None:
    for name, least in (("periods_for_flag", demand["periods"]), ("minimum_for_flag", demand["minimum"])):
        for flag, value in demand[name].items():
            if least is not None and value < least:
                found.at(f"{path}.{name}.{flag}", "flag-below-minimum", flag=flag, value=value, least=least)


def _parts(plain: Plain, demand: Plain, path: str, found: Found) -> None:
    for part in demand["parts"]:
        for value in part["values"]:
            known(found, "not-one-of", f"{path}.parts.{part['code']}.values", value, tuple(AXES[part["axis"]]))
    if demand["each_opened"] and plain["choice"]["opened"] is None:
        found.at(f"{path}.each_opened", "each-without-opened")


def _items(plain: Plain, demand: Plain, path: str, found: Found) -> None:
    """Whether anybody can do the item, and so often."""
    item = demand["item"]
    there = {
        "recording": any(earning["item"] == "recording" for earning in plain["results"]),
        "handbook": bool(plain["handbook"]),
        "declaration": plain["choice"]["declare"],
    }
    if item is not None and not there.get(item, True):
        lines = {"recording": "results", "handbook": "handbook", "declaration": "choice.declare"}
        found.at(f"{path}.item", "item-without-source", line=lines[item])
        return
    most = {"handbook": len(plain["handbook"]), "declaration": None}.get(item, 1)
    if most is not None and minimum_of(demand) > most:
        found.at(f"{path}.minimum", "items-above-source", need=minimum_of(demand), most=most)


def check_gates(plain: Plain, found: Found) -> None:
    """Gates of kinds that are there and delivered, none behind another, each holding something back."""
    derived = {kind["code"] for kind in plain["kinds"] if kind["from"] == "results"}
    kinds, demands = codes(plain["kinds"]), codes(plain["demands"])
    gated = {kind for gate in plain["gates"] for kind in gate["opens"]}
    for gate in plain["gates"]:
        path = f"gates.{gate['code']}"
        if gate["code"] in demands:  # an exemption names the one or the other
            found.at(f"{path}.code", "duplicate-code", value=gate["code"])
        if gate["periods"] == 0:
            found.at(f"{path}.periods", "gate-of-nothing")
        for kind in gate["kinds"]:
            known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
            if kind in derived:
                found.at(f"{path}.kinds", "gate-of-derived", kind=kind)
            if kind in gated:
                found.at(f"{path}.kinds", "gate-of-gated", kind=kind)
        for kind in gate["opens"]:
            known(found, "unknown-kind", f"{path}.opens", kind, kinds)
            if kind in derived:
                found.at(f"{path}.opens", "derived-gated", kind=kind)
        if not gate["opens"] and gate["before"] != "refuse":
            found.at(f"{path}.opens", "gate-opens-nothing")


def check_choice(plain: Plain, found: Found) -> None:
    """A choice that covers what is opened, and demands that ask for no more than has to be chosen."""
    choice = plain["choice"]
    opened, points = choice["opened"], choice["points"]
    if opened is None:
        if points["each_opened"]:
            found.at("choice.points.each_opened", "each-without-opened")
        if points["minimum"] is None and not points["credits"]:
            found.at("choice.points", "missing-field", field="minimum")
    else:
        for name, row, path in (
            ("axis", choice, "choice"),
            ("minimum", points, "choice.points"),
            ("each_opened", points, "choice.points"),
        ):
            if row[name] is None:
                found.at(path, "missing-field", field=name)
        _opened(opened, points, found)
    for demand in plain["demands"]:
        if demand["type"] == "points" and demand["minimum"] is not None:
            _within_choice(plain, demand, found)


def _opened(opened: Plain, points: Plain, found: Found) -> None:
    each = max(points["each_opened"] or 0, 1)
    if points["minimum"] is not None and points["minimum"] < opened["minimum"] * each:
        params = {"points": points["minimum"], "opened": opened["minimum"], "each": each}
        found.at("choice.points.minimum", "choice-below-opened", **params)
    for flag, least in opened["minimum_for_flag"].items():
        if least < opened["minimum"]:
            path = f"choice.opened.minimum_for_flag.{flag}"
            found.at(path, "number-out-of-range", value=least, least=opened["minimum"], most=4)


def _within_choice(plain: Plain, demand: Plain, found: Found) -> None:
    """A demand on points asks for no more than everybody has to choose."""
    path, points = f"demands.{demand['code']}", plain["choice"]["points"]
    least = points["minimum"] or 1
    if demand["minimum"] > least:
        found.at(f"{path}.minimum", "demand-above-choice", need=demand["minimum"], points=least)
    for flag, value in demand["minimum_for_flag"].items():
        opened = (plain["choice"]["opened"] or {"minimum_for_flag": {}})["minimum_for_flag"].get(flag, 0)
        most = max(least, opened * (points["each_opened"] or 0))
        if value > most:
            found.at(f"{path}.minimum_for_flag.{flag}", "demand-above-choice", need=value, points=most)
    if demand["each_opened"] > (points["each_opened"] or 0) and plain["choice"]["opened"] is not None:
        params = {"need": demand["each_opened"], "each": points["each_opened"] or 0}
        found.at(f"{path}.each_opened", "each-above-choice", **params)
    together = together_in_parts(demand["parts"])
    if together > least:
        found.at(f"{path}.parts", "parts-above-choice", need=together, points=least)


def together_in_parts(parts: Iterable[Plain]) -> int:
    """So many points at least meet all parts: those of parts on one axis that share no value are different points."""
    rows = list(parts)
    most = 0
    for axis in AXES:
        totals: dict[frozenset[str], int] = {
            frozenset(): 0
        }  # values used up -> points, over sets of parts without a common value
        for part in (p for p in rows if p["axis"] == axis):
            for used, total in list(totals.items()):
                if not used & set(part["values"]):
                    both = used | frozenset(part["values"])
                    totals[both] = max(totals.get(both, 0), total + part["minimum"])
        most = max(most, *totals.values())
    return most
