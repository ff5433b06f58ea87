"""Records of an invented teacher: hours aimed at the minimums and the day's cap, and then the twists."""

from datetime import date, datetime, timedelta

from tests.reference.district_plan import P4
from tests.reference.facts import Decision, Record
from tests.reference.making import DAY, Maker, at

SOURCES = ("Alpha", "alpha", "beta-10", "beta-9")  # upper case stands before lower, 1 before 9
PREFIXES = ("", "A", "a", "Z", "10-", "9-", "é")
NO_KIND = ("face-to-face", "workshop", "community", "self-study", "shadowing")
ONLINE = (0, 1, 359, 360, 361, 450, 720, 899, 899, 900, 900, 900, 900, 901, 901, 1200)
RESEARCH = (0, 1, 224, 225, 449, 449, 450, 450, 450, 450, 451, 451, 675)


def make_hours(maker: Maker) -> None:
    """The base: online and research near their minimums; then none to five twists."""
    _learn_online(maker, maker.rng.choice(ONLINE))
    _research(maker, maker.rng.choice(RESEARCH))
    for _ in range(maker.rng.choice((0, 0, 1, 1, 2, 3, 5))):
        maker.rng.choice(TWISTS)(maker)


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
        "mode": "online", "course": f"course-{number}", "arrived": max(ends, soon),
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
            add(maker, *slot(day, place), minutes)
            rest -= minutes
            if not rest:
                break
        target -= min(whole - rest, 360)


def _research(maker: Maker, target: int) -> None:
    while target > 0:
        minutes = maker.rng.choice((min(target, 90), min(target, 225), target))
        add(maker, *slot(maker.fresh_day(), maker.rng.randrange(7)), minutes, mode="school-research")
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
    mode = maker.rng.choice((record.mode, "online", "school-research", "workshop"))
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
        mode = "school-research" if record.mode == "online" else "online"
        add(maker, *_beside(maker, record), 1, mode=mode, course=record.course)


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
            ({}, {"mode": "school-research"}, {"mode": "online"}, {"mode": "workshop"}, {"course": "corrected"})
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
        (P4.starts, P4.cut_off + DAY, maker.scene.on, maker.scene.on + DAY, maker.scene.on + 9 * DAY)
    )
    ends = at(edge) + maker.rng.choice((-1, 0, 1, 1800)) * timedelta(seconds=1)
    add(
        maker,
        ends - timedelta(minutes=40),
        ends,
        maker.rng.choice((1, 40, 361)),
        mode=maker.rng.choice(("online", "school-research")),
    )


def _late(maker: Maker) -> None:
    """It arrives on the last day, at its last second, a second too late; so may its correction."""
    edge = at(P4.late_until + DAY)
    if maker.scene.on < P4.cut_off:
        return
    arrived = edge + maker.rng.choice((-3600 * 5, -1, 0, 1)) * timedelta(seconds=1)
    arrived = min(arrived, at(maker.scene.on, 22))
    day = maker.rng.choice((P4.cut_off, maker.fresh_day()))
    record = add(maker, *slot(day, 0), maker.rng.choice((1, 2, 60)), arrived=arrived)
    if maker.chance(0.3):
        add(maker, record.starts, record.ends, 3, corrects=record.number, course=record.course, source=record.source,
            arrived=max(arrived, edge) if maker.chance(0.5) else arrived)  # fmt: skip


def _no_kind(maker: Maker) -> None:
    mode = maker.rng.choice((*NO_KIND, "evidence", "recording", "evidence", ""))
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
    total, day, course = maker.rng.choice((359, 360, 361)), maker.fresh_day(), f"long-{maker.next()}"
    first = maker.rng.randint(1, total - 2)
    second = maker.rng.randint(1, total - first - 1)
    for place, minutes in enumerate((first, second, total - first - second)):
        add(maker, *slot(day, place), minutes, **maker.rng.choice(({}, {"course": course})))


TWISTS = (
    _duplicate, _duplicate, _duplicate, _same_end, _same_end, _chain, _moment, _overlap, _overlap, _overlap,
    _same_course_other_kind, _voided, _voided, _corrected, _corrected, _corrected, _edge_of_the_cycle,
    _edge_of_the_cycle, _late, _late, _no_kind, _no_minutes, _nobody, _past_midnight, _full_day,
)  # fmt: skip
