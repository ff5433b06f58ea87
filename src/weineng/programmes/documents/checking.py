"""What no single line shows: dates in order, codes that exist, demands that can be met."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from weineng.programmes.documents.folding import unknown
from weineng.programmes.documents.shapes import Found

Plain = Mapping[str, Any]


def check_whole(plain: Plain, found: Found) -> None:
    """Name what is wrong in a document whose lines are right one by one."""
    if plain["time_zone"] not in available_timezones():
        found.at("time_zone", "time-zone-unknown", value=plain["time_zone"])
    _dates(plain, found)
    _tasks(plain, found)
    _kinds(plain, found)
    _earnings(plain, found)
    _caps(plain, found)
    _demands(plain, found)
    _choice(plain, found)
    if not any(stage["decides"] for stage in plain["stages"]):
        found.at("stages", "nobody-decides")
    _whole_minutes(plain, found)
    if not found.problems:
        _reachable(plain, found)


def codes(rows: Iterable[Plain]) -> tuple[str, ...]:
    """The codes of coded rows."""
    return tuple(row["code"] for row in rows)


def _known(found: Found, code: str, path: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        found.problems.append(unknown(code, found.places.get(path, found.places[""]), path, value, known))


def _order(found: Found, path: str, later: Any, earlier: Any) -> None:
    if later < earlier:
        found.at(path, "dates-out-of-order", later=later.isoformat(), earlier=earlier.isoformat())


def _dates(plain: Plain, found: Found) -> None:
    cycle = plain["cycle"]
    _order(found, "cycle.cut_off", cycle["cut_off"], cycle["start"])
    _order(found, "cycle.late_until", cycle["late_until"], cycle["cut_off"])
    for phase in plain["phases"]:
        _order(found, f"phases.{phase['code']}.to", phase["to"], phase["from"])
        if phase["to"] < cycle["start"] or phase["from"] > cycle["late_until"]:
            params = {"start": cycle["start"].isoformat(), "end": cycle["late_until"].isoformat()}
            found.at(f"phases.{phase['code']}.from", "phase-outside-cycle", **params)
    for task in plain["tasks"]:
        path = f"tasks.{task['code']}"
        dues = {f"{path}.due": task["due"]} | {
            f"{path}.due_for_batch.{batch}": due for batch, due in task["due_for_batch"].items()
        }
        for place, due in dues.items():
            _order(found, place, due, cycle["start"])
            _order(found, place, cycle["cut_off"], due)
        _dues_in_phases(plain, task, found)


def _dues_in_phases(plain: Plain, task: Plain, found: Found) -> None:
    """A day that is set for a batch lies within the phase the batch takes part in."""
    phases = {phase["code"]: phase for phase in plain["phases"]}
    for batch, due in task["due_for_batch"].items():
        phase = phases.get(batch)
        if phase is not None and not phase["from"] <= due <= phase["to"]:
            params = {"due": due.isoformat(), "start": phase["from"].isoformat(), "end": phase["to"].isoformat()}
            found.at(f"tasks.{task['code']}.due_for_batch.{batch}", "due-outside-phase", **params)


def _tasks(plain: Plain, found: Found) -> None:
    doable = ("choose", *codes(plain["demands"]))
    for task in plain["tasks"]:
        _known(found, "unknown-code", f"tasks.{task['code']}.code", task["code"], doable)
        for batch in task["due_for_batch"]:
            path = f"tasks.{task['code']}.due_for_batch.{batch}"
            _known(found, "unknown-code", path, batch, codes([phase for phase in plain["phases"] if phase["batch"]]))


def _kinds(plain: Plain, found: Found) -> None:
    seen: set[str] = set()
    for kind in plain["kinds"]:
        path = f"kinds.{kind['code']}"
        if kind["from"] == "results":
            if kind["match"]:
                found.at(f"{path}.match", "derived-with-match")
            if not kind["item"]:
                found.at(path, "derived-without-item")
            continue
        if kind["item"]:
            found.at(f"{path}.item", "records-with-item")
        if not kind["match"]:
            found.at(path, "records-without-match")
            continue
        for mode in kind["match"]["mode"]:
            if mode in seen:
                found.at(f"{path}.match.mode", "match-hidden", mode=mode)
            seen.add(mode)


def _earnings(plain: Plain, found: Found) -> None:
    kinds = {kind["code"]: kind for kind in plain["kinds"]}
    for earning in plain["results"]:
        path = f"results.{earning['item']}.kind"
        kind = kinds.get(earning["kind"])
        if kind is None:
            _known(found, "unknown-kind", path, earning["kind"], tuple(kinds))
        elif kind["from"] == "records":
            found.at(path, "earning-of-records", kind=earning["kind"])
        elif kind["item"] and kind["item"] != earning["item"]:
            found.at(path, "earning-of-other-item", kind=earning["kind"], item=kind["item"])
    earned = {earning["kind"] for earning in plain["results"]}
    for code, kind in kinds.items():
        if kind["from"] == "results" and code not in earned:
            found.at(f"kinds.{code}", "earned-never", kind=code)


def _caps(plain: Plain, found: Found) -> None:
    kinds = codes(plain["kinds"])
    derived = [kind["code"] for kind in plain["kinds"] if kind["from"] == "results"]
    for cap in plain["caps"]:
        path = f"caps.{cap['code']}"
        for kind in cap["kinds"]:
            _known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
        if cap["excess_to"]:
            _known(found, "unknown-kind", f"{path}.excess_to", cap["excess_to"], kinds)
        if cap["excess_to"] in cap["kinds"]:
            found.at(f"{path}.excess_to", "excess-to-itself", kind=cap["excess_to"])
        elif cap["excess_to"] in derived:
            found.at(f"{path}.excess_to", "excess-to-derived", kind=cap["excess_to"])


def _demands(plain: Plain, found: Found) -> None:
    kinds = codes(plain["kinds"])
    for demand in plain["demands"]:
        path = f"demands.{demand['code']}"
        minutes = demand["type"] == "minutes"
        for kind in demand["kinds"]:
            _known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
        needed, foreign = (
            (("kinds", "periods"), ("minimum", "each_opened")) if minutes else (("minimum",), ("kinds", "periods"))
        )
        for name in needed:
            if not demand[name] and demand[name] != 0:
                found.at(path, "missing-field", field=name)
        if minutes and demand["periods"] == 0:
            found.at(f"{path}.periods", "demand-of-nothing")
        for name in foreign:
            if demand[name]:
                found.at(f"{path}.{name}", "field-not-for-type", field=name, type=demand["type"])


def _choice(plain: Plain, found: Found) -> None:
    opened, points = plain["choice"]["opened"], plain["choice"]["points"]
    if points["minimum"] < opened["minimum"] * max(points["each_opened"], 1):
        params = {"points": points["minimum"], "opened": opened["minimum"], "each": max(points["each_opened"], 1)}
        found.at("choice.points.minimum", "choice-below-opened", **params)
    for flag, least in opened["minimum_for_flag"].items():
        _not_below(found, f"choice.opened.minimum_for_flag.{flag}", least, opened["minimum"])
    for demand in plain["demands"]:
        if demand["type"] == "points" and (demand["minimum"] or 0) > points["minimum"]:
            params = {"need": demand["minimum"], "points": points["minimum"]}
            found.at(f"demands.{demand['code']}.minimum", "demand-above-choice", **params)
        if demand["type"] == "points" and demand["each_opened"] > points["each_opened"]:
            params = {"need": demand["each_opened"], "each": points["each_opened"]}
            found.at(f"demands.{demand['code']}.each_opened", "each-above-choice", **params)


def _not_below(found: Found, path: str, value: int, least: int) -> None:
    if value < least:
        found.at(path, "number-out-of-range", value=value, least=least, most=4)


def _whole_minutes(plain: Plain, found: Found) -> None:
    tables = {"caps": "code", "results": "item", "demands": "code"}
    for table, key in tables.items():
        for row in plain[table]:
            periods = row["periods"]
            if periods is not None and periods * plain["period_minutes"] % 1:
                params = {"periods": periods, "minutes": plain["period_minutes"]}
                found.at(f"{table}.{row[key]}.periods", "fraction-of-minute", **params)


def _reachable(plain: Plain, found: Found) -> None:
    """Refuse demands that nobody could meet: the caps of their kinds, or one recording, allow less."""
    days = (plain["cycle"]["cut_off"] - plain["cycle"]["start"]).days + 1
    for demand in plain["demands"]:
        if demand["type"] == "minutes":
            most, why = _most(plain, frozenset(demand["kinds"]), days)
            if most is not None and demand["periods"] > most:
                minutes = plain["period_minutes"]
                params = {"need": int(demand["periods"] * minutes), "most": int(most * minutes), "cap": why}
                found.at(f"demands.{demand['code']}.periods", "impossible-demand", **params)


def _most(plain: Plain, kinds: frozenset[str], days: int) -> tuple[Any, str]:
    """At most so many periods of these kinds can count together (None: no limit), and what limits them.

    Each kind by itself has the tightest of its limits; a cap that covers several kinds limits their sum once more.
    """
    alone = {kind: _most_of(plain, kind, days) for kind in kinds}
    names = sorted({name for _, name in alone.values() if name})
    limits = [most for most, _ in alone.values()]
    total = None if None in limits else sum(limits)
    for cap in plain["caps"]:
        if cap["per"] == "kind" and kinds <= set(cap["kinds"]) and (total is None or cap["periods"] < total):
            total, names = cap["periods"], [cap["code"]]
    return total, ", ".join(names)


def _most_of(plain: Plain, kind: str, days: int) -> tuple[Any, str]:
    limits = [
        (cap["periods"] * (days if cap["per"] == "day" else 1), cap["code"])
        for cap in plain["caps"]
        if kind in cap["kinds"] and cap["per"] in ("kind", "day")
    ]
    # One recording is handed in; points can be passed as often as there are any, so only their cap limits them.
    limits += [(r["periods"], r["item"]) for r in plain["results"] if r["kind"] == kind and r["item"] == "recording"]
    return min(limits) if limits else (None, "")
