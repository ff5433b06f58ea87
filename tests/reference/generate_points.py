"""Choices, attempts and results of an invented teacher."""

from datetime import datetime, timedelta

from tests.reference.facts import Appeal, Attempt, Choice, Declaration, Result
from tests.reference.making import DAY, Maker, at
from tests.reference.plan_lines import axis_value
from tests.reference.plans import P4

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
    rng, plan = maker.rng, maker.plan
    enrolments = [e.number for e in maker.enrolments if e.programme == programme]
    opened = _open(maker, (2, 2, 3, 3, 4))
    points = _choose(maker, opened)
    everything = list(points)
    chosen = at(plan.starts + rng.randint(10, 90) * DAY, 10)
    if maker.chance(0.88):
        superseded = chosen + rng.randint(1, 40) * DAY if maker.chance(0.15) else None
        first = Choice(maker.next(), rng.choice(enrolments), opened, points, chosen, superseded)
        maker.choices.append(first)
        if superseded and maker.chance(0.8):
            opened = _open(maker, (2, 3))
            again = _choose(maker, opened)
            maker.choices.append(Choice(maker.next(), first.enrolment, opened, again, superseded))
            everything += [point for point in again if point not in points]
        unused = [e for e in enrolments if e != first.enrolment]
        if unused and maker.chance(0.5):
            theirs = _open(maker, (2,))
            when = chosen + rng.choice((-5, 5)) * DAY
            maker.choices.append(Choice(maker.next(), rng.choice(unused), theirs, _choose(maker, theirs), when))
    if maker.chance(0.2):
        everything.append(rng.choice([point.code for point in plan.points if point.code not in everything]))
    diligent = maker.chance(0.6)
    slips = rng.choice((0, 0, 0, 1)) if diligent else len(everything)
    bad = set(rng.sample(everything, slips))
    for point in rng.sample(everything, len(everything)):
        _play(maker, rng.choice(enrolments), point, rng.choice((*GOOD, *OTHERS) if point in bad else GOOD))
    recording = rng.choice(GOOD) if maker.chance(0.85 if diligent else 0.5) else rng.choice(OTHERS)
    _play(maker, rng.choice(enrolments), "", recording)
    if plan.choosing.declare:
        _declare(maker, enrolments, chosen)
    if plan is not P4:  # the district's platform takes no appeals yet
        _appeal(maker, enrolments)


def _open(maker: Maker, how_many: tuple[int, ...]) -> tuple[str, ...]:
    """The values a school opens; none where nobody opens."""
    if not maker.plan.choosing.opened:
        return ()
    values = sorted({axis_value(maker.plan, point.code, maker.plan.axis) for point in maker.plan.points})
    return tuple(maker.rng.sample(values, min(maker.rng.choice(how_many), len(values))))


def _declare(maker: Maker, enrolments: list[int], chosen: datetime) -> None:
    """Most points of the choices are declared and agreed to; one that was never decided may be withdrawn, and declared again."""
    rng = maker.rng
    decided = {result.point for result in maker.results if result.enrolment in enrolments}
    forgets = maker.chance(0.3)
    points = {
        p: c.enrolment
        for c in sorted(maker.choices, key=lambda c: c.number)
        for p in c.points
        if c.enrolment in enrolments
    }
    for point, enrolment in points.items():
        if forgets and maker.chance(0.3):
            continue
        when = chosen + timedelta(days=rng.randint(0, 5))
        agreed = when + timedelta(days=1) if maker.chance(0.95) else None
        withdrawn = None
        if point not in decided and maker.chance(0.6):
            withdrawn = rng.choice((when + timedelta(days=9), at(maker.scene.on, 12), at(maker.scene.on, 23, 59, 59)))
        maker.declarations.append(Declaration(enrolment, point, when, agreed, withdrawn))
        if withdrawn and maker.chance(0.3):
            maker.declarations.append(Declaration(enrolment, point, withdrawn, withdrawn))


def _appeal(maker: Maker, enrolments: list[int]) -> None:
    """Somebody asks for another look at something that was decided."""
    decided = [result for result in maker.results if result.enrolment in enrolments]
    if decided and maker.chance(0.08):
        result = maker.rng.choice(decided)
        answered = result.decided + timedelta(hours=1) if maker.chance(0.4) else None
        maker.appeals.append(Appeal(result.enrolment, result.point, result.decided, answered))


def make_drafts(maker: Maker) -> None:
    """Something begun and not handed in, which makes nobody a participant; or a result of a sheet alone, which does."""
    for point in maker.rng.sample(("A1", "B2", ""), maker.rng.choice((0, 1, 2))):
        _play(maker, maker.enrolments[0].number, point, maker.rng.choice(("draft", "draft", "withdrawn")))
    if maker.chance(0.3):  # brought in by a sheet, without a minute or an attempt
        _play(maker, maker.enrolments[0].number, "A2", maker.rng.choice(("sheet-fail", "sheet-overturned")))


def _choose(maker: Maker, opened: tuple[str, ...]) -> tuple[str, ...]:
    """As many points as the plan asks for or a few more, with one in each opened value; rarely a value was forgotten."""
    plan, rng = maker.plan, maker.rng
    allowed = [
        point
        for point in plan.points
        if not plan.choosing.environments or point.environment in plan.choosing.environments
    ]
    needed = opened[:-1] if maker.chance(0.04) else opened
    points: list[str] = []
    for value in needed:
        points.append(rng.choice([p.code for p in allowed if axis_value(plan, p.code, plan.axis) == value]))
    pool = [p.code for p in allowed if p.code not in points]
    if opened:
        pool = [code for code in pool if axis_value(plan, code, plan.axis) in opened]
    enough = max(plan.choosing.points, len(opened), 3 if plan.choosing.credits else 0)
    wanted = enough + rng.choice((0, 0, 0, 1, 2))
    points += rng.sample(pool, min(max(0, wanted - len(points)), len(pool)))
    return tuple(points)


class _Story:
    """What happens to one item, one thing after the other, never after the day of the scene."""

    def __init__(self, maker: Maker, enrolment: int, point: str) -> None:
        self.maker, self.enrolment, self.point = maker, enrolment, point
        self.attempt = 0
        last = min(maker.scene.on, self.maker.plan.cut_off)
        span = (last - self.maker.plan.starts).days
        self.now = at(self.maker.plan.starts + maker.rng.randint(span // 4, span - 40) * DAY, maker.rng.choice((9, 10)))

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
        on, again = self.maker.scene.on, min(self.pass_time(), at(self.maker.plan.cut_off + DAY) - timedelta(seconds=1))
        if not late or on <= self.maker.plan.cut_off or self.maker.chance(0.5):
            return again
        days = (self.maker.plan.cut_off + DAY, self.maker.plan.cut_off + DAY, min(on, self.maker.plan.late_until))
        return max(first, min(at(self.maker.rng.choice(days), 11), at(on, 12)))

    def _edge(self, when: datetime) -> datetime:
        """Handed in in good time, in the last second, or too late."""
        edge = at(self.maker.plan.cut_off + DAY)
        if self.maker.scene.on <= self.maker.plan.cut_off or self.maker.chance(0.4):
            return when
        return edge + self.maker.rng.choice((-3600, -1, 0, 1)) * timedelta(seconds=1)

    def decide(
        self, level: str, *, attempt: int | None = None, overturned: bool = False, overturns: int | None = None
    ) -> Result:
        if self.maker.scene.on > self.maker.plan.cut_off and self.maker.chance(0.04):
            self.now = max(self.now, at(self.maker.plan.cut_off + DAY, 9))  # a verdict may come after the cut-off
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
