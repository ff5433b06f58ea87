"""Where a line that tightens by itself loosens the base all the same: semantics 37 is about what people do, not about lines.

Minutes that no longer count in one place find room in another, under a cap that both share, or make a share of what is
counted easier; fewer points that are declared are fewer that can fail.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from weineng.programmes.documents.found import Found

Plain = Mapping[str, Any]
IN_ORDER = ("record", "day", "course", "kind")


def check_against_base(plain: Plain, found: Found) -> None:
    """Refuse what makes a demand of the base easier by counting less beside it."""
    for path, kinds, caps in _counting_less(plain, found):
        shared = [cap["code"] for cap in caps if kinds & set(cap["kinds"]) and len(cap["kinds"]) > 1]
        crossing = {cap["per"]: cap["code"] for cap in caps if kinds & set(cap["kinds"])}
        if shared or crossing.keys() >= {"day", "course"}:
            found.at(path, "loosens-others", cap=shared[0] if shared else crossing["course"])
    for cap in plain["caps"]:
        moved = found.tightened & {f"caps.{cap['code']}.{line}" for line in ("periods", "kinds")}
        if moved and cap["excess_to"]:
            found.at(min(moved), "loosens-by-moving", kind=cap["excess_to"])
    _demands(plain, found)


def _counting_less(plain: Plain, found: Found) -> Iterator[tuple[str, set[str], list[Plain]]]:
    """Where a refinement lets fewer minutes count: path, of which kinds, and the caps that these meet afterwards."""
    caps = [cap for cap in plain["caps"] if f"caps.{cap['code']}" not in found.added]
    caps.sort(key=lambda cap: IN_ORDER.index(cap["per"]))
    for place, cap in enumerate(caps):
        yield from _changed(found, f"caps.{cap['code']}", ("periods", "kinds"), cap["kinds"], caps[place + 1 :])
    for cap in plain["caps"]:
        later = [other for other in caps if IN_ORDER.index(other["per"]) > IN_ORDER.index(cap["per"])]
        if f"caps.{cap['code']}" in found.added:
            yield f"caps.{cap['code']}", set(cap["kinds"]), later
    for gate in plain["gates"]:
        path = f"gates.{gate['code']}"
        yield from _changed(found, path, ("kinds", "periods", "opens", "before"), gate["opens"], caps)
    for kind in plain["kinds"]:
        yield from _changed(found, f"kinds.{kind['code']}.match", ("mode",), (kind["code"],), caps)
    last = [cap for cap in caps if cap["per"] == "kind"]
    for earning in plain["results"]:
        yield from _changed(found, f"results.{earning['item']}", ("periods",), (earning["kind"],), last)


def _changed(
    found: Found, row: str, lines: tuple[str, ...], kinds: tuple[str, ...], caps: list[Plain]
) -> Iterator[tuple[str, set[str], list[Plain]]]:
    moved = sorted(found.tightened & {f"{row}.{line}" for line in lines})
    if row in found.added and row.startswith("gates"):
        moved = [row]
    if moved:
        yield moved[0], set(kinds), caps


def _demands(plain: Plain, found: Found) -> None:
    demands = {demand["code"]: demand for demand in plain["demands"]}
    for code, demand in demands.items():
        of_base = {f"demands.{code}.type", f"demands.{code}.of"} & {*found.inherited}
        of = demands.get(demand["of"] or "")
        if of_base and demand["type"] == "share" and demand["base"] == "counted" and of is not None:
            for path in sorted(_in_the_whole(plain, of, set(of["kinds"]) - set(demand["kinds"]), found)):
                found.at(path, "loosens-share", demand=code)
        declaring = plain["choice"]["declare"] and {"choice", "choice.declare"} & (found.added | found.tightened)
        if of_base and demand["type"] == "none-failed" and demand["of"] == "declared" and declaring:
            found.at("choice.declare", "loosens-none-failed", demand=code)


def _in_the_whole(plain: Plain, of: Plain, rest: set[str], found: Found) -> set[str]:
    """Paths of what a refinement changed so that fewer minutes of `rest` count, or fewer kinds are in the whole."""
    rows = [(f"caps.{cap['code']}", cap["kinds"]) for cap in plain["caps"]]
    rows += [(f"gates.{gate['code']}", gate["opens"]) for gate in plain["gates"]]
    rows += [(f"kinds.{kind['code']}", (kind["code"],)) for kind in plain["kinds"]]
    rows += [(f"results.{earning['item']}", (earning["kind"],)) for earning in plain["results"]]
    lines = {path for path, kinds in rows if rest & set(kinds)} | {"cycle", f"demands.{of['code']}.kinds"}
    titles = {path for path in found.tightened if path.endswith(".title")}
    moved = {line for line in found.tightened - titles for path in lines if line == path or line.startswith(f"{path}.")}
    return moved | (found.added & lines - {path for path in lines if path.startswith("kinds.")})
