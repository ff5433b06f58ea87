"""From ticks to levels (semantics 19–23): plain functions over values, the same for the page, the action and the test."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

LEVELS = ("fail", "pass", "excellent")  # in ascending order


@dataclass(frozen=True)
class RatingDraft:
    """What a reviewer says of one piece of evidence. `revision`: of the stored rating this was written over, 0: of none.

    `looked`: whether they say they have looked at it; with no tick and without that it stays unrated.
    """

    seq: int
    ticks: Collection[str]
    comment: str
    revision: int
    looked: bool = True


def level_of(ticks: Collection[str], pass_lines: Collection[int], excellent_lines: Collection[int]) -> str:
    """The level that one reviewer's ticks mean on one piece of evidence (semantics 19).

    `ticks` are `pass:<n>` and `excellent:<n>`. Excellent needs every pass line and every excellent line; where a rubric
    has no excellent lines nobody can be excellent.
    """
    if not all(f"pass:{n}" in ticks for n in pass_lines):
        return "fail"
    if excellent_lines and all(f"excellent:{n}" in ticks for n in excellent_lines):
        return "excellent"
    return "pass"


def decided_level(first_two: Sequence[str], third: str | None) -> str | None:
    """The panel's level of one piece of evidence (semantics 20): two equal ratings, else the median of three; None while
    the third is missing."""
    if len(set(first_two)) == 1:
        return first_two[0]
    if third is None:
        return None
    return LEVELS[median_low(LEVELS.index(level) for level in (*first_two, third))]


def point_level(evidence_levels: Iterable[str]) -> str:
    """A point's level from those of its rated evidence (semantics 21)."""
    levels = set(evidence_levels)
    if "fail" in levels:
        return "fail"
    return "excellent" if levels == {"excellent"} else "pass"


def better(a: str, b: str) -> bool:
    """Whether level `a` is above level `b`."""
    return LEVELS.index(a) > LEVELS.index(b)
