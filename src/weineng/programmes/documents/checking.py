"""What no single line shows: dates in order, codes that exist, demands that can be met."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from weineng.programmes.documents.demanding import (
    Plain,
    check_advice,
    check_choice,
    check_demands,
    check_gates,
    codes,
    known,
)
from weineng.programmes.documents.found import Found
from weineng.programmes.documents.loosening import check_against_base
from weineng.programmes.documents.points import Points, check_points, choosable
from weineng.programmes.documents.reaching import check_reachable
from weineng.programmes.documents.staging import check_stages, check_units


def check_whole(plain: Plain, found: Found, points: Points | None) -> None:
    """Name what is wrong in a document whose lines are right one by one. `points`: those of its standard, if known."""
    if plain["time_zone"] not in _time_zones():
        found.at("time_zone", "time-zone-unknown", value=plain["time_zone"])
    _dates(plain, found)
    _tasks(plain, found)
    _kinds(plain, found)
    _earnings(plain, found)
    _caps(plain, found)
    check_demands(plain, found)
    check_advice(plain, found)
    check_choice(plain, found)
    check_gates(plain, found)
    check_points(plain, found, points)
    _ends(plain, found)
    check_stages(plain, found)
    check_units(plain, found)
    _whole_minutes(plain, found)
    check_against_base(plain, found)
    if not found.problems:
        check_reachable(plain, found, choosable(plain, points))


@cache
def _time_zones() -> set[str]:
    return available_timezones()  # looks through a folder of some six hundred files


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
        known(found, "unknown-code", f"tasks.{task['code']}.code", task["code"], doable)
        for batch in task["due_for_batch"]:
            path = f"tasks.{task['code']}.due_for_batch.{batch}"
            known(found, "unknown-code", path, batch, codes([phase for phase in plain["phases"] if phase["batch"]]))


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
            known(found, "unknown-kind", path, earning["kind"], tuple(kinds))
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
            known(found, "unknown-kind", f"{path}.kinds", kind, kinds)
        if cap["excess_to"]:
            known(found, "unknown-kind", f"{path}.excess_to", cap["excess_to"], kinds)
        if cap["excess_to"] in cap["kinds"]:
            found.at(f"{path}.excess_to", "excess-to-itself", kind=cap["excess_to"])
        elif cap["excess_to"] in derived:
            found.at(f"{path}.excess_to", "excess-to-derived", kind=cap["excess_to"])


def _ends(plain: Plain, found: Found) -> None:
    """What stands beside the demands: certificates for a level there is, other programmes that are others."""
    if plain["levels"]["excellent"] is None:
        for certificate in plain["certificates"]:
            if "excellent" in certificate["when"]:
                found.at(f"certificates.{certificate['code']}.when", "level-missing")
    if plain["track_of"] == plain["programme"]:
        found.at("track_of", "names-itself")
    if plain["programme"] in plain["exclusive_with"]:
        found.at("exclusive_with", "names-itself")


def _whole_minutes(plain: Plain, found: Found) -> None:
    tables = {"caps": "code", "results": "item", "gates": "code", "demands": "code"}
    for table, key in tables.items():
        for row in plain[table]:
            path = f"{table}.{row[key]}"
            said = {f"{path}.periods": row["periods"]}
            for flag, periods in row.get("periods_for_flag", {}).items():
                said[f"{path}.periods_for_flag.{flag}"] = periods
            for place, periods in said.items():
                if periods is not None and periods * plain["period_minutes"] % 1:
                    found.at(place, "fraction-of-minute", periods=periods, minutes=plain["period_minutes"])
