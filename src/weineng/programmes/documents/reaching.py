"""What nobody could reach: more minutes than caps let through, more points or credits than may be chosen."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from weineng.programmes.documents.building import hundredths
from weineng.programmes.documents.found import Found
from weineng.programmes.documents.points import Choosable
from weineng.standards.rules import AXES

Plain = Mapping[str, Any]


def check_reachable(plain: Plain, found: Found, choosable: Choosable | None) -> None:
    """Refuse demands, gates and a choice that nobody could meet. `choosable`: None where the standard is not known."""
    for gate in plain["gates"]:
        _in_minutes(plain, found, f"gates.{gate['code']}.periods", "impossible-gate", gate["periods"], gate["kinds"])
    for demand in plain["demands"]:
        path = f"demands.{demand['code']}"
        if demand["type"] == "minutes":
            said = {f"{path}.periods": demand["periods"]}
            said |= {f"{path}.periods_for_flag.{flag}": least for flag, least in demand["periods_for_flag"].items()}
            for place, periods in said.items():
                _in_minutes(plain, found, place, "impossible-demand", periods, demand["kinds"])
        if demand["type"] == "share":
            least = _least_of_share(plain, demand)
            _in_minutes(plain, found, f"{path}.share", "impossible-share", least, demand["kinds"])
    _credits_of_choice(plain, found, choosable)
    if choosable is not None:
        _choice(plain["choice"], found, choosable)
        _points(plain["demands"], found, choosable)


def _in_minutes(plain: Plain, found: Found, path: str, code: str, periods: Any, kinds: Iterable[str]) -> None:
    most, why = _most(plain, frozenset(kinds))
    if periods is None or (most is not None and periods > most):
        minutes = plain["period_minutes"]
        need = "∞" if periods is None else -int(-periods * minutes // 1)
        found.at(path, code, need=need, most="∞" if most is None else int(most * minutes), cap=why or "-")


def _least_of_share(plain: Plain, demand: Plain) -> Fraction | None:
    """So many periods of its kinds at least make the share; None where no number does.

    With `base: counted` what other demands ask of the rest of the kinds counts against it: 100 % of what everybody must
    also have otherwise is never reached.
    """
    of = next(d for d in plain["demands"] if d["code"] == demand["of"])
    share, mine = Fraction(demand["share"], 100), set(demand["kinds"])
    least = share * Fraction(max([of["periods"], *of["periods_for_flag"].values()]))
    if demand["base"] == "required" or not mine <= set(of["kinds"]):
        return least
    rest = set(of["kinds"]) - mine
    others = [d["periods"] for d in plain["demands"] if d["type"] == "minutes" and set(d["kinds"]) <= rest]
    if others and share == 1:
        return None
    return max([least, *(share / (1 - share) * Fraction(asked) for asked in others)])


def _most(plain: Plain, kinds: frozenset[str]) -> tuple[Any, str]:
    """At most so many periods of these kinds can count together (None: no limit), and what limits them.

    Each kind by itself has the tightest of its limits; a cap that covers several kinds limits their sum once more.
    """
    days = (plain["cycle"]["cut_off"] - plain["cycle"]["start"]).days + 1
    alone = {kind: _most_of(plain, kind, days) for kind in kinds}
    names = sorted({name for _, name in alone.values() if name})
    limits = [most for most, _ in alone.values()]
    total = None if None in limits else sum(limits)
    for cap in plain["caps"]:
        if cap["per"] == "kind" and kinds <= set(cap["kinds"]) and (total is None or cap["periods"] < total):
            total, names = cap["periods"], [cap["code"]]
    return total, ", ".join(names)


def _most_of(plain: Plain, kind: str, days: int) -> tuple[Any, str]:
    moved = any(cap["excess_to"] == kind for cap in plain["caps"])  # what moves here meets only the caps per kind
    bases = ("kind",) if moved else ("kind", "day")
    limits = [
        (cap["periods"] * (days if cap["per"] == "day" else 1), cap["code"])
        for cap in plain["caps"]
        if kind in cap["kinds"] and cap["per"] in bases
    ]
    # One recording is handed in; points can be passed as often as there are any, so only their cap limits them.
    limits += [(r["periods"], r["item"]) for r in plain["results"] if r["kind"] == kind and r["item"] == "recording"]
    return min(limits) if limits else (None, "")


def _choice(choice: Plain, found: Found, choosable: Choosable) -> None:
    """As many points, credits and opened values as a choice must have are among those that may be chosen."""
    points, opened, only = choice["points"], choice["opened"], choice["from"]
    if only is not None and (points["minimum"] or 1) > len(choosable.points):
        found.at("choice.points.minimum", "points-unreachable", need=points["minimum"] or 1, most=len(choosable.points))
    if opened is not None:
        each = max(points["each_opened"], 1)
        wide = sum(choosable.with_values(choice["axis"], (value,)) >= each for value in AXES[choice["axis"]])
        said = {"choice.opened.minimum": opened["minimum"]}
        said |= {f"choice.opened.minimum_for_flag.{flag}": least for flag, least in opened["minimum_for_flag"].items()}
        for path, least in said.items():
            if least > wide:
                found.at(path, "opened-unreachable", need=least, most=wide, each=each)
    _in_credits(found, "choice.points.credits", points["credits"], choosable)


def _points(demands: Iterable[Plain], found: Found, choosable: Choosable) -> None:
    for demand in demands:
        path = f"demands.{demand['code']}"
        if demand["type"] == "credits":
            _in_credits(found, f"{path}.minimum", demand["minimum"], choosable)
        for part in demand["parts"]:
            most = choosable.with_values(part["axis"], part["values"])
            if part["minimum"] > most:
                params = {"need": part["minimum"], "most": most}
                found.at(f"{path}.parts.{part['code']}.minimum", "part-unreachable", **params)


def _in_credits(found: Found, path: str, need: Any, choosable: Choosable) -> None:
    most = sum(choosable.credits.values())
    if hundredths(need) > most:
        found.at(path, "credits-unreachable", need=need, most=f"{most / 100:g}")


def _credits_of_choice(plain: Plain, found: Found, choosable: Choosable | None) -> None:
    """A demand on credits asks for no more than everybody has to choose: what is said, or the cheapest points."""
    points = plain["choice"]["points"]
    cheapest = sorted(choosable.credits.values())[: points["minimum"] or 1] if choosable is not None else []
    if not points["credits"] and choosable is None:
        return
    least = max(hundredths(points["credits"]), sum(cheapest))
    for demand in plain["demands"]:
        if demand["type"] == "credits" and hundredths(demand["minimum"]) > least:
            params = {"need": demand["minimum"], "credits": f"{least / 100:g}"}
            found.at(f"demands.{demand['code']}.minimum", "credits-above-choice", **params)
