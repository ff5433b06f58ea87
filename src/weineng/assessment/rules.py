"""From ticks to levels (semantics 19–23): plain functions over values, the same for the page, the action and the test."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Literal

from weineng.kernel.words import spoken
from weineng.programmes.documents.labels import STAGE_REVIEWERS
from weineng.programmes.rules import Stage

LEVELS = ("fail", "pass", "excellent")  # in ascending order
UNIT_LEVELS = {"town": "zone"}  # level in a document -> level in the tree, where they differ
_ROLES = {"panel": "panel-member", "backbone": "backbone", "training-team": "training-team", "experts": "expert"}
_AS = {"self": "self", "panel": "panel", "backbone": "backbone", "training-team": "team", "experts": "expert"}


MODE_BY = ("self", "group-peers", "panel", "backbone", "training-team")  # who can look in a school's own mode


@dataclass(frozen=True)
class ModeStage:
    """A stage of a school's own mode of assessment, as the school writes it."""

    by: Literal["self", "group-peers", "panel", "backbone", "training-team"]
    reviewers: int
    days: int
    decides: bool = False
    third: bool = False


def problem_of_mode(stages: Sequence[ModeStage], base: Sequence[Stage]) -> str:
    """What is wrong with a school's own stages, as the code of a refusal; '' where nothing is. The decision stays with one stage
    of at least as many reviewers as the document's, which asks one more where they differ if the document's does."""
    decided = next(stage for stage in base if stage.decides)
    deciding = [stage for stage in stages if stage.decides]
    if not stages or any(
        stage.by not in MODE_BY or not 1 <= stage.reviewers <= 9 or not 1 <= stage.days <= 365 for stage in stages
    ):
        return "stage-wrong"
    if len(deciding) != 1 or not stages[-1].decides:
        return "last-decides"
    if deciding[0].by in ("self", "group-peers", "backbone"):
        return "decision-to-panel"
    if deciding[0].reviewers < decided.reviewers:
        return "too-few-reviewers"
    return "third-missing" if decided.third_on_difference and not deciding[0].third else ""


def own_stages(stages: Sequence[ModeStage], base: Sequence[Stage]) -> tuple[Stage, ...]:
    """A school's own stages in the place of the document's: what the document says of its deciding stage beside the reviewers
    (from inside and outside, blind, handed over) holds for the school's, and peers fall back as there."""
    decided = next(stage for stage in base if stage.decides)
    fallback = next((stage.fallback for stage in base if stage.by == "group-peers"), ())
    made = []
    for number, one in enumerate(stages, 1):
        stage = Stage(
            code=f"own-{number}",
            title=spoken(STAGE_REVIEWERS[one.by]),
            by=one.by,
            reviewers=one.reviewers,
            decides=one.decides,
            days=one.days,
            fallback=fallback if one.by == "group-peers" else (),
            third_on_difference=one.third,
        )
        if one.decides:
            stage = replace(stage, blind=decided.blind, delegated_to=decided.delegated_to)
        if one.decides and one.by == "panel":
            stage = replace(stage, insiders=decided.insiders, outsiders=decided.outsiders)
        made.append(stage)
    return tuple(made)


def way_of(stage: Stage) -> tuple[str, ...]:
    """On which bases reviewers of a stage are looked for, in this order: `group` and what it falls back to, `panel`,
    `backbone`, or `experts` and `training-team` with their level (`experts-county`)."""
    if stage.by == "group-peers":
        return ("group", *stage.fallback)
    return (f"{stage.by}-{stage.level}" if stage.level else stage.by,)


def grant_of(basis: str) -> tuple[str, str]:
    """The role of `accounts` that somebody holds to be asked on a basis, and at a unit of which level of the tree ('' any);
    ('', '') for peers, who need none."""
    for by, role in _ROLES.items():
        if basis == by or basis.startswith(f"{by}-"):
            level = basis.removeprefix(by).removeprefix("-")
            return role, UNIT_LEVELS.get(level, level)
    return "", ""


def role_on(basis: str) -> str:
    """The role in a dossier of who is asked on a basis: self, peer, panel, backbone, team or expert."""
    return next((role for by, role in _AS.items() if basis == by or basis.startswith(f"{by}-")), "peer")


def mixed(free: Sequence[int], inside: Collection[int], places: int, *, insiders: int, outsiders: int) -> list[int]:
    """Whom to ask for so many places: of `free` (in the order in which they come) at least so many from `inside` the school and
    so many from outside; a place kept for somebody who cannot be found stays free."""
    within = [one for one in free if one in inside][:insiders]
    without = [one for one in free if one not in inside][:outsiders]
    kept = min(places, insiders + outsiders)
    chosen = [*within, *without][:places]
    others = [one for one in free if one not in chosen]
    return chosen + others[: places - kept]


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


def decided_level(said: Sequence[str], third: str | None, *, asks: bool = True) -> str | None:
    """The level of one piece of evidence where a stage decides (semantics 20): what all said; of an odd number, or with one
    more rating, the median; where an even number differs and one more is not asked for (`asks`), the lower of the middle
    two. None while one more rating is missing."""
    if len(set(said)) == 1:
        return said[0]
    if third is None and asks and len(said) % 2 == 0:
        return None
    given = said if third is None else (*said, third)
    return LEVELS[median_low(LEVELS.index(level) for level in given)]


def point_level(evidence_levels: Iterable[str]) -> str:
    """A point's level from those of its rated evidence (semantics 21)."""
    levels = set(evidence_levels)
    if "fail" in levels:
        return "fail"
    return "excellent" if levels == {"excellent"} else "pass"


def better(a: str, b: str) -> bool:
    """Whether level `a` is above level `b`."""
    return LEVELS.index(a) > LEVELS.index(b)


def wanted_of(size: int, share: int, least: int) -> int:
    """How many of a stratum of this size are drawn: so many per cent, rounded up, at least `least`, at most all."""
    return min(size, max(least, -(-share * size // 100)))


def draw(seed: str, numbers: Iterable[int], wanted: int) -> list[int]:
    """Which of these numbers of a stratum a seed draws: those first in the order of SHA-256 of `seed:number`, as hexadecimal
    text. Anybody can do this again with the published seed and numbers."""
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).hexdigest())[:wanted]


def widens(drawn: int, lowered: int, tolerance: int) -> bool:
    """Whether so many lowered ones among those drawn are more than `tolerance` per cent, so that all of the stratum are drawn."""
    return 100 * lowered > tolerance * drawn


HIDDEN = "*"  # in the place of each letter of a name that a blind reviewer does not see


def without_names(text: str, names: Iterable[str]) -> str:
    """A text in which these names (longest first) cannot be read; single letters are no names."""
    for name in names:
        if len(name) > 1:
            text = text.replace(name, HIDDEN * len(name))
    return text
