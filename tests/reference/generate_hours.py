"""Records of an invented teacher: hours aimed at the minimums and the day's cap, and then the twists."""

from datetime import date, datetime, timedelta

from tests.reference.evaluate import evaluate
from tests.reference.facts import Decision, Record
from tests.reference.gates import gated_kinds
from tests.reference.making import DAY, Maker, at, units_of
from tests.reference.minutes import Facts, count_minutes
from tests.reference.plan_lines import Cap, Minutes, Share, derived_kinds

SOURCES = ("Alpha", "alpha", "beta-10", "beta-9")  # upper case stands before lower, 1 before 9
PREFIXES = ("", "A", "a", "Z", "10-", "9-", "é")
NO_KIND = ("shadowing", "community", "self-study", "face-to-face", "workshop")
P4_ONLINE = (0, 1, 359, 360, 361, 450, 720, 899, 899, 900, 900, 900, 900, 901, 901, 1200)
P4_RESEARCH = (0, 1, 224, 225, 449, 449, 450, 450, 450, 450, 451, 451, 675)

# Minutes of each kind that the hours of a teacher are aimed at: the minimums of the plan, give or take a minute.
AIMS = {
    "p1": {},
    "p2": {
        "online": P4_ONLINE,
        "research": (0, 1, 449, 450, 450, 450, 451, 451),
        "application": (0, 0, 0, 0, 450, 899, 900),
    },
    "p3": {
        "online": (0, 1, 1124, 1124, 1125, 1125, 1125, 1126, 1126, 1500, 3150),
        "practice": (0, 1, 750, 1124, 1124, 1125, 1125, 1125, 1126, 1126, 1500),
    },
    "p4": {"online": P4_ONLINE, "research": P4_RESEARCH},
    "p5": {
        "online": (0, 1, 1124, 1124, 1125, 1125, 1125, 1126, 1126, 1800, 3150),
        "practice": (0, 1, 449, 449, 450, 450, 450, 450, 451, 451, 1125, 1500),
    },
    "every-line": {
        "online": (0, 224, 225, 226, 300, 301, 302, 360, 450, 540),
        "workshop": (0, 59, 60, 134, 135, 136, 148, 149, 150, 177, 178, 180, 222, 270, 300),
        "research": (0, 0, 44, 45, 225),
        "practice": (0, 135, 179, 180, 181, 224, 225, 225, 225, 226, 449, 450, 450, 451),
    },
}


def make_hours(maker: Maker, name: str) -> None:
    """The base: each kind near a minimum; then none to five twists."""
    for kind, aims in AIMS[name].items():
        target = maker.rng.choice(aims)
        if kind == "online":
            _learn_online(maker, target)
        else:
            _practise(maker, kind, target)
    twists = (*TWISTS, _beside_a_gate, _beside_a_gate, _beside_a_gate) if maker.plan.gates else TWISTS
    for _ in range(maker.rng.choice((0, 0, 1, 1, 2, 3, 5))):
        maker.rng.choice(twists)(maker)


def top_up(maker: Maker) -> None:
    """One record more, so that a demand on minutes or a share is just missed, just met, or met with a minute to spare."""
    plan, scene = maker.plan, maker.scene
    outcome = evaluate(maker.history(), plan, scene.programme, units_of(plan), scene.on, scene.others)
    delivered = [kind for kind, _ in plan.kinds]
    wanted = []
    for demand, standing in zip(plan.demands, outcome.standings, strict=True):
        if isinstance(demand, Minutes | Share) and standing.have < standing.need and set(delivered) & set(demand.kinds):
            wanted.append((demand, standing.need - standing.have))
    if not wanted:
        return
    demand, missing = maker.rng.choice(wanted)
    kind = maker.rng.choice([kind for kind in demand.kinds if kind in delivered])
    missing += maker.rng.choice((-1, 0, 0, 1))
    while missing > 0:
        minutes = min(missing, 270)
        day = maker.fresh_day(late=kind in gated_kinds(plan))
        add(maker, *slot(day, 0), minutes, mode=maker.rng.choice(modes_of(maker, kind)))
        missing -= minutes


def modes_of(maker: Maker, kind: str) -> tuple[str, ...]:
    """The modes whose records become a kind."""
    return next(modes for name, modes in maker.plan.kinds if name == kind)


def first_mode(maker: Maker) -> str:
    """The first mode of the first kind."""
    return maker.plan.kinds[0][1][0] if maker.plan.kinds else "online"


def any_mode(maker: Maker) -> str:
    """A mode that becomes a kind; one that does not, under a plan without kinds."""
    modes = [mode for _, modes in maker.plan.kinds for mode in modes]
    return maker.rng.choice(modes or NO_KIND)


def make_idle_hours(maker: Maker) -> None:
    """Hours that count for nothing."""
    for _ in range(maker.rng.choice((0, 1, 3))):
        maker.rng.choice((_no_kind, _nobody, _edge_of_the_cycle))(maker)


def add(maker: Maker, starts: datetime, ends: datetime, minutes: int, **more) -> Record:
    """One more record; by default a course of its own, delivered soon."""
    rng, number = maker.rng, maker.next()
    soon = min(ends + timedelta(hours=rng.randint(1, 200)), at(maker.scene.on, 20))
    facts = {
        "entry": maker.entries[0].number, "source": rng.choice(SOURCES), "source_id": f"{rng.choice(PREFIXES)}{number}",
        "mode": first_mode(maker), "course": f"course-{number}", "arrived": max(ends, soon),
    } | more  # fmt: skip
    record = Record(number=number, starts=starts, ends=ends, minutes=minutes, **facts)
    maker.records.append(record)
    return record


def slot(day: date, place: int) -> tuple[datetime, datetime]:
    """One of seven times of a day, two hours each, that touch and do not overlap."""
    return at(day, 8 + 2 * place), at(day, 10 + 2 * place)


def _learn_online(maker: Maker, target: int) -> None:
    while target > 0:
        full = (360, 360, 361, 359, 500) if target >= 360 else ()
        whole = maker.rng.choice((*full, min(target, 45), min(target, 180), min(target, 360)))
        day, rest = maker.fresh_day(), whole
        for place in range(7):
            minutes = rest if maker.chance(0.6) else maker.rng.randint(1, rest)
            add(maker, *slot(day, place), minutes, mode=maker.rng.choice(modes_of(maker, "online")))
            rest -= minutes
            if not rest:
                break
        target -= min(whole - rest, 360)


def _practise(maker: Maker, kind: str, target: int) -> None:
    late, whole = (
        kind in gated_kinds(maker.plan),
        360 if any(cap.per == "day" for cap in maker.plan.caps if kind in cap.kinds) else target,
    )
    while target > 0:
        minutes = maker.rng.choice((min(target, 90), min(target, 225), min(target, whole)))
        mode = maker.rng.choice(modes_of(maker, kind))
        add(maker, *slot(maker.fresh_day(late=late), maker.rng.randrange(7)), minutes, mode=mode)
        target -= minutes


# --- Twists: duplicates and overlaps ------------------------------------------------------------------------------
def _some(maker: Maker) -> Record | None:
    found = [record for record in maker.records if record.voids is None and record.entry is not None]
    return maker.rng.choice(found) if found else None


def _beside(maker: Maker, record: Record) -> tuple[datetime, datetime]:
    """A time that is equal, inside, around, overlapping before or after, touching, or a moment."""
    begin, end, half = record.starts, record.ends, (record.ends - record.starts) / 2
    return maker.rng.choice((
        (begin, end), (begin, end), (begin + half / 2, end - half / 2), (begin - half / 2, end + half / 2),
        (begin - half, begin + half), (end - half, end + half), (begin, begin + half), (begin + half, end),
        (end, end + half), (begin - half, begin), (end - timedelta(minutes=1), end + half),
        (begin + half, begin + half), (begin, begin), (end, end),
    ))  # fmt: skip


def _duplicate(maker: Maker) -> None:
    if record := _some(maker):
        add(maker, *_beside(maker, record), record.minutes + maker.rng.choice((-1, 0, 0, 1)) if record.minutes else 0,
            mode=record.mode, course=record.course)  # fmt: skip


def _same_end(maker: Maker) -> None:
    """Sources and ids decide who comes first, within a cap or among duplicates."""
    if record := _some(maker):
        course = record.course if maker.chance(0.5) else "another course"
        source = record.source if maker.chance(0.5) else maker.rng.choice(SOURCES)
        add(
            maker,
            record.starts,
            record.ends,
            maker.rng.choice((1, 100, 359, 360)),
            mode=record.mode,
            course=course,
            source=source,
        )


def _chain(maker: Maker) -> None:
    """Three or more of one course, each overlapping the next."""
    begin, course, mode = (
        at(maker.fresh_day(), 8),
        f"chain-{maker.next()}",
        maker.rng.choice(("online", "school-research")),
    )
    for place in range(maker.rng.randint(3, 5)):
        starts = begin + timedelta(minutes=maker.rng.choice((30, 45, 60)) * place)
        add(maker, starts, starts + timedelta(minutes=60), maker.rng.choice((0, 1, 2)), course=course, mode=mode)


def _moment(maker: Maker) -> None:
    """Events without length: twice the same, and one inside or at the edge of a longer one."""
    begin, course = at(maker.fresh_day(), 8), f"moment-{maker.next()}"
    add(maker, begin, begin + timedelta(minutes=60), 1, course=course)
    for minutes in maker.rng.sample((0, 0, 30, 60), 2):
        moment = begin + timedelta(minutes=minutes)
        add(maker, moment, moment, 1, course=maker.rng.choice((course, course, "another")))


def _overlap(maker: Maker) -> None:
    """Another course at the same time; an office may reject one of both, and take it back."""
    record = _some(maker)
    if record is None:
        return
    mode = maker.rng.choice((record.mode, any_mode(maker), any_mode(maker), "workshop"))
    other = add(maker, *_beside(maker, record), maker.rng.choice((0, 1, 30)), mode=mode)
    decided = {decision.record for decision in maker.decisions}
    if maker.chance(0.6):
        chosen = maker.rng.choice((record, other, other))
        if chosen.number not in decided:
            maker.decisions += [
                Decision(chosen.number, ended) for ended in maker.rng.choice(((False,), (True,), (True, False)))
            ]


def _same_course_other_kind(maker: Maker) -> None:
    if record := _some(maker):
        add(maker, *_beside(maker, record), 1, mode=any_mode(maker), course=record.course)


# --- Twists: corrections and voids --------------------------------------------------------------------------------
def _free(maker: Maker) -> Record | None:
    """A record that nothing corrects or voids yet."""
    pointed = {r.corrects for r in maker.records} | {r.voids for r in maker.records}
    found = [r for r in maker.records if r.number not in pointed and r.voids is None and r.entry is not None]
    return maker.rng.choice(found) if found else None


def _later(maker: Maker, record: Record) -> datetime:
    last = at(maker.scene.on, 21)
    return max(record.arrived, min(record.arrived + timedelta(hours=maker.rng.randint(1, 900)), last))


def _void_of(maker: Maker, record: Record) -> Record:
    return add(maker, record.starts, record.ends, record.minutes, mode=record.mode, course=record.course, voids=record.number,
               source=record.source, arrived=_later(maker, record))  # fmt: skip


def _voided(maker: Maker) -> None:
    """A record is withdrawn; one of some voids is withdrawn again."""
    record = _free(maker)
    if record is None:
        return
    void = _void_of(maker, record)
    if maker.chance(0.4):
        _void_of(maker, void)


def _corrected(maker: Maker) -> None:
    """A chain of corrections, under the same id or another; sometimes to nobody, sometimes the last or first is voided."""
    record = _free(maker)
    if record is None:
        return
    chain = [record]
    for _ in range(maker.rng.choice((1, 1, 2, 3))):
        old = chain[-1]
        same_id = {"source_id": old.source_id, "revision": old.revision + 1} if maker.chance(0.5) else {}
        nobody = {"entry": None} if maker.chance(0.1) else {}
        change = maker.rng.choice(
            ({}, {"mode": any_mode(maker)}, {"mode": any_mode(maker)}, {"mode": "workshop"}, {"course": "corrected"})
        )
        facts = {"mode": old.mode, "course": old.course, "source": old.source} | same_id | nobody | change
        shift = maker.rng.choice((0, 0, 1, 60)) * timedelta(minutes=1)
        minutes = max(0, old.minutes + maker.rng.choice((-1, 0, 1)))
        chain.append(
            add(
                maker,
                old.starts + shift,
                old.ends + shift,
                minutes,
                corrects=old.number,
                arrived=_later(maker, old),
                **facts,
            )
        )
    if maker.chance(0.3):
        _void_of(maker, maker.rng.choice(chain))


# --- Twists: edges of time, kinds, nobody -------------------------------------------------------------------------
def _edge_of_the_cycle(maker: Maker) -> None:
    """It ends on, just before or just after a first or last day."""
    edge = maker.rng.choice(
        (
            maker.plan.starts,
            maker.plan.cut_off + DAY,
            maker.scene.on,
            maker.scene.on + DAY,
            maker.scene.on + DAY,
            maker.scene.on + 9 * DAY,
        )
    )
    ends = at(edge) + maker.rng.choice((-1, 0, 1, 1800)) * timedelta(seconds=1)
    add(
        maker,
        ends - timedelta(minutes=40),
        ends,
        maker.rng.choice((1, 40, 361)),
        mode=any_mode(maker),
    )


def _late(maker: Maker) -> None:
    """It arrives on the last day, at its last second, a second too late; so may its correction."""
    edge = at(maker.plan.late_until + DAY)
    if maker.scene.on < maker.plan.cut_off:
        return
    arrived = edge + maker.rng.choice((-3600 * 5, -1, 0, 1)) * timedelta(seconds=1)
    arrived = min(arrived, at(maker.scene.on, 22))
    day = maker.rng.choice((maker.plan.cut_off, maker.fresh_day()))
    record = add(maker, *slot(day, 0), maker.rng.choice((1, 2, 60)), arrived=arrived)
    if maker.chance(0.3):
        add(maker, record.starts, record.ends, 3, corrects=record.number, course=record.course, source=record.source,
            arrived=max(arrived, edge) if maker.chance(0.5) else arrived)  # fmt: skip


def _no_kind(maker: Maker) -> None:
    known = [mode for _, modes in maker.plan.kinds for mode in modes]
    derived = derived_kinds(maker.plan) or [""]
    mode = maker.rng.choice([*(mode for mode in NO_KIND if mode not in known), *derived, *derived, ""])
    add(maker, *slot(maker.fresh_day(), 1), maker.rng.choice((0, 45, 450)), mode=mode)


def _no_minutes(maker: Maker) -> None:
    day = maker.fresh_day()
    add(maker, *slot(day, 1), 0)
    if maker.chance(0.5):
        add(maker, *slot(day, 0), 360)
    if maker.chance(0.5):
        add(maker, *slot(day, 2), 0)


def _nobody(maker: Maker) -> None:
    """Nobody knows yet whose it is; it takes no room under a cap and makes no duplicate."""
    if record := _some(maker):
        add(maker, record.starts, record.ends, 60, mode=record.mode, course=record.course, entry=None, source="Alpha")


def _past_midnight(maker: Maker) -> None:
    """Two evenings that end on the next day, with that day's hours under one cap."""
    day = maker.fresh_day()
    for minutes in maker.rng.sample((0, 1, 15, 30, 90), 2):
        ends = at(day + DAY) + timedelta(minutes=minutes)
        add(maker, ends - timedelta(minutes=60), ends, maker.rng.choice((179, 180, 181)))
    if maker.chance(0.5):
        add(maker, *slot(day + DAY, 1), maker.rng.choice((1, 180)))


def _full_day(maker: Maker) -> None:
    """A day's total just below, at and above its cap, in two or three records of one course or of several."""
    caps: list[Cap] = [cap for cap in maker.plan.caps if cap.per == "day"]
    cap = maker.rng.choice(caps) if caps else Cap("", "day", (), 360)
    kind = maker.rng.choice(cap.kinds) if cap.kinds else ""
    mode = maker.rng.choice(modes_of(maker, kind)) if kind else first_mode(maker)
    total, day = cap.minutes + maker.rng.choice((-1, 0, 1)), maker.fresh_day(late=kind in gated_kinds(maker.plan))
    course = f"long-{maker.next()}"
    first = maker.rng.randint(1, total - 2)
    second = maker.rng.randint(1, total - first - 1)
    for place, minutes in enumerate((first, second, total - first - second)):
        add(maker, *slot(day, place), minutes, mode=mode, **maker.rng.choice(({}, {"course": course})))


def _beside_a_gate(maker: Maker) -> None:
    """Hours of a gated kind on the day a gate opens, around its midnight, and on the day after."""
    facts = Facts([r for r in maker.records if r.entry is not None], maker.records, [], [], [])
    openings = [o for o in count_minutes(facts, maker.plan, maker.scene.on).openings if o.opened_on is not None]
    if not openings:
        return
    opening = maker.rng.choice(openings)
    midnight = at(opening.opened_on)
    ends = midnight + maker.rng.choice((-3600 * 9, -1, 0, 3600 * 9, 3600 * 24)) * timedelta(seconds=1)
    mode = maker.rng.choice(modes_of(maker, maker.rng.choice(opening.gate.opens)))
    add(maker, ends - timedelta(minutes=30), ends, maker.rng.choice((1, 30)), mode=mode)


TWISTS = (
    _duplicate, _duplicate, _duplicate, _same_end, _same_end, _chain, _moment, _overlap, _overlap, _overlap,
    _same_course_other_kind, _voided, _voided, _corrected, _corrected, _corrected, _edge_of_the_cycle,
    _edge_of_the_cycle, _edge_of_the_cycle, _edge_of_the_cycle, _late, _late, _late, _late, _no_kind, _no_minutes,
    _nobody, _past_midnight, _full_day,
)  # fmt: skip
