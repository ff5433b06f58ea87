"""Choices, attempts and results of an invented teacher."""

from datetime import datetime, timedelta

from tests.reference.district_plan import DIMENSIONS, P4
from tests.reference.facts import Attempt, Choice, Result
from tests.reference.making import DAY, Maker, at

OPEN_ENDS = ("draft", "submitted", "opened", "returned", "withdrawn")
GOOD = (
    "pass",
    "pass",
    "excellent",
    "excellent",
    "fail-pass",
    "pass-fail",
    "excellent-pass",
    "raised",
    "twice",
    "sheet-pass",
)
OTHERS = (
    "none", "none", *OPEN_ENDS, "fail", "fail-open", "pass-open", "overturned", "lowered", "sheet-fail",
    "returned-again", "fail-fail", "sheet-overturned",
)  # fmt: skip


def make_points(maker: Maker, programme: str) -> None:
    """A choice (or none, or a second one), an outcome for each point, for one outside the choice, for the recording."""
    rng = maker.rng
    enrolments = [e.number for e in maker.enrolments if e.programme == programme]
    opened = tuple(rng.sample(sorted(DIMENSIONS), rng.choice((2, 2, 3, 3, 4))))
    points = _choose(maker, opened)
    everything = list(points)
    chosen = at(P4.starts + rng.randint(10, 90) * DAY, 10)
    if maker.chance(0.88):
        superseded = chosen + rng.randint(1, 40) * DAY if maker.chance(0.15) else None
        first = Choice(maker.next(), rng.choice(enrolments), opened, points, chosen, superseded)
        maker.choices.append(first)
        if superseded and maker.chance(0.8):
            opened = tuple(rng.sample(sorted(DIMENSIONS), rng.choice((2, 3))))
            again = _choose(maker, opened)
            maker.choices.append(Choice(maker.next(), first.enrolment, opened, again, superseded))
            everything += [point for point in again if point not in points]
        unused = [e for e in enrolments if e != first.enrolment]
        if unused and maker.chance(0.5):
            theirs = tuple(rng.sample(sorted(DIMENSIONS), 2))
            when = chosen + rng.choice((-5, 5)) * DAY
            maker.choices.append(Choice(maker.next(), rng.choice(unused), theirs, _choose(maker, theirs), when))
    if maker.chance(0.2):
        everything.append(rng.choice([p for points_ in DIMENSIONS.values() for p in points_ if p not in everything]))
    diligent = maker.chance(0.6)
    slips = rng.choice((0, 0, 0, 1)) if diligent else len(everything)
    bad = set(rng.sample(everything, slips))
    for point in rng.sample(everything, len(everything)):
        _play(maker, rng.choice(enrolments), point, rng.choice((*GOOD, *OTHERS) if point in bad else GOOD))
    recording = rng.choice(GOOD) if maker.chance(0.85 if diligent else 0.5) else rng.choice(OTHERS)
    _play(maker, rng.choice(enrolments), "", recording)


def make_drafts(maker: Maker) -> None:
    """Something begun and not handed in, which makes nobody a participant; or a result of a sheet alone, which does."""
    for point in maker.rng.sample(("A1", "B2", ""), maker.rng.choice((0, 1, 2))):
        _play(maker, maker.enrolments[0].number, point, maker.rng.choice(("draft", "draft", "withdrawn")))
    if maker.chance(0.3):  # brought in by a sheet, without a minute or an attempt
        _play(maker, maker.enrolments[0].number, "A2", maker.rng.choice(("sheet-fail", "sheet-overturned")))


def _choose(maker: Maker, opened: tuple[str, ...]) -> tuple[str, ...]:
    """At least three points with one in each opened dimension; rarely a dimension was forgotten."""
    needed = opened[:-1] if maker.chance(0.04) else opened
    points = [maker.rng.choice(DIMENSIONS[dimension]) for dimension in needed]
    pool = [point for dimension in opened for point in DIMENSIONS[dimension] if point not in points]
    wanted = max(3, len(opened)) + maker.rng.choice((0, 0, 0, 1, 2))
    points += maker.rng.sample(pool, min(max(0, wanted - len(points)), len(pool)))
    return tuple(points)


class _Story:
    """What happens to one item, one thing after the other, never after the day of the scene."""

    def __init__(self, maker: Maker, enrolment: int, point: str) -> None:
        self.maker, self.enrolment, self.point = maker, enrolment, point
        self.attempt = 0
        last = min(maker.scene.on, P4.cut_off)
        span = (last - P4.starts).days
        self.now = at(P4.starts + maker.rng.randint(span // 4, span - 40) * DAY, maker.rng.choice((9, 10)))

    def pass_time(self) -> datetime:
        self.now += timedelta(days=self.maker.rng.randint(0, 5), minutes=self.maker.rng.choice((0, 1)))
        self.now = min(self.now, at(self.maker.scene.on, 12))
        return self.now

    def hand_in(self, state: str) -> Attempt:
        self.attempt += 1
        when = self.pass_time()
        if state in OPEN_ENDS:
            when = self._edge(when)
        again = None
        if state == "returned-again" or (state == "decided" and self.maker.chance(0.1)):
            again = self._again(when, late=state == "returned-again")
            state = self.maker.rng.choice(("submitted", "opened")) if state == "returned-again" else state
        handed_in = None if state == "draft" else when
        made = Attempt(self.maker.next(), self.enrolment, self.point, self.attempt, state, handed_in, again)
        self.maker.attempts.append(made)
        return made

    def _again(self, first: datetime, *, late: bool) -> datetime:
        """Handed in again before the cut-off is over, or (what was handed in by then) until the last day for late facts."""
        on, again = self.maker.scene.on, min(self.pass_time(), at(P4.cut_off + DAY) - timedelta(seconds=1))
        if not late or on <= P4.cut_off or self.maker.chance(0.5):
            return again
        days = (P4.cut_off + DAY, P4.cut_off + DAY, min(on, P4.late_until))
        return max(first, min(at(self.maker.rng.choice(days), 11), at(on, 12)))

    def _edge(self, when: datetime) -> datetime:
        """Handed in in good time, in the last second, or too late."""
        edge = at(P4.cut_off + DAY)
        if self.maker.scene.on <= P4.cut_off or self.maker.chance(0.4):
            return when
        return edge + self.maker.rng.choice((-3600, -1, 0, 1)) * timedelta(seconds=1)

    def decide(
        self, level: str, *, attempt: int | None = None, overturned: bool = False, overturns: int | None = None
    ) -> Result:
        if self.maker.scene.on > P4.cut_off and self.maker.chance(0.04):
            self.now = max(self.now, at(P4.cut_off + DAY, 9))  # a verdict may come after the cut-off
        made = Result(
            self.maker.next(), self.enrolment, self.point, level, self.pass_time(), attempt, overturned, overturns
        )
        self.maker.results.append(made)
        return made

    def judged(self, level: str, *, overturned: bool = False) -> Result:
        return self.decide(level, attempt=self.hand_in("decided").number, overturned=overturned)


def _play(maker: Maker, enrolment: int, point: str, outcome: str) -> None:
    """One outcome, step by step."""
    story, better = _Story(maker, enrolment, point), maker.rng.choice(("pass", "excellent"))
    if outcome in OPEN_ENDS or outcome == "returned-again":
        if outcome == "withdrawn":
            story.hand_in("withdrawn")
            outcome = maker.rng.choice(("", "draft"))
        if outcome:
            story.hand_in(outcome)
    elif outcome in ("raised", "overturned", "lowered", "twice"):
        levels = {
            "raised": ("fail", better), "overturned": ("pass",), "lowered": (better, "fail"),
            "twice": (better, "fail", maker.rng.choice(("pass", "excellent"))),
        }[outcome]  # fmt: skip
        result = story.judged(levels[0], overturned=True)
        for place, level in enumerate(levels[1:], 2):
            result = story.decide(
                level, attempt=result.attempt, overturns=result.number, overturned=place < len(levels)
            )
    elif outcome == "sheet-overturned":
        story.decide("pass", overturned=True)
    elif outcome.startswith("sheet-"):
        story.decide(outcome.removeprefix("sheet-") if outcome == "sheet-fail" else better)
    elif outcome != "none":
        for level in outcome.split("-"):
            if level == "open":
                story.hand_in(maker.rng.choice(OPEN_ENDS[:4]))
            else:
                story.judged(level)
