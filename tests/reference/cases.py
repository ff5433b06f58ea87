"""Teachers of the hand-made cases: one who has done everything exactly, and shorthands for what somebody asks of them."""

from datetime import date, datetime, timedelta

from tests.reference.evaluate import evaluate
from tests.reference.facts import (
    Choice,
    Enrolment,
    Entry,
    Exemption,
    History,
    Posting,
    Programme,
    Record,
    Result,
    Unit,
)
from tests.reference.lines import ZONE
from tests.reference.plans import P4

UNITS = {
    unit.key: unit
    for unit in (
        Unit("district", "county"),
        Unit("school", "school", "district"),
        Unit("group", "group", "school"),
        Unit("closed-group", "group", "school", closed_on=date(2026, 3, 1)),
        Unit("closed-school", "school", "district", closed_on=date(2026, 3, 1)),
        Unit("its-group", "group", "closed-school", closed_on=date(2026, 3, 1)),
    )
}
OPEN = Programme("p4", "district")
TODAY = date(2026, 11, 1)
THREE = ("A1", "A2", "A5")  # learner analysis, teaching design, learning guidance


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def hours(number, minutes, begins, *, mode="online", course="c1", lasts=60, **more):
    """One record of the platform `p`, in force unless `more` says otherwise."""
    begins = at(begins)
    facts = {"entry": 1, "source": "p", "source_id": f"{number:04}", "arrived": begins + timedelta(days=1)} | more
    return Record(
        number=number, mode=mode, course=course, starts=begins, ends=begins + timedelta(minutes=lasts), minutes=minutes, **facts
    )  # fmt: skip


def spread(first, total, mode="online", month=5, a_day=300):
    """Records of at most `a_day` minutes on days of their own that add up to `total`."""
    records = []
    while total > 0:
        minutes = min(total, a_day)
        day = len(records) + 1
        records.append(
            hours(first + day, minutes, f"2026-{month:02}-{day:02} 09:00", mode=mode, course=f"c{first + day}")
        )
        total -= minutes
    return tuple(records)


def results(*levels, first=501, points=THREE):
    return tuple(
        Result(first + i, 11, point, level, at(f"2026-09-{i + 1:02} 10:00"))
        for i, (point, level) in enumerate(zip(points, levels, strict=False))
    )


RECORDING = (Result(599, 11, "", "pass", at("2026-10-01 10:00")),)
CHOICE = Choice(61, 11, ("learner-analysis", "teaching-design"), THREE, at("2026-04-01 10:00"))


def teacher(**facts):
    given = {
        "label": "a teacher",
        "entries": (Entry(1),),
        "enrolments": (Enrolment(11, 1, "p4"),),
        "postings": (Posting("group", date(2020, 9, 1), None),),
    }
    return History(**given | facts)


def done(**facts):
    """A teacher who has done everything, exactly."""
    given = {
        "records": spread(100, 900) + spread(200, 450, "school-research", month=6),
        "results": results("pass", "pass", "pass") + RECORDING,
        "choices": (CHOICE,),
    }
    return teacher(**given | facts)


def exempt(*demands, first=date(2026, 1, 1), until=None, **more):
    return tuple(Exemption(11, demand, first, until, **more) for demand in demands)


def judge(history, *, plan=P4, programme=OPEN, on=TODAY):
    return evaluate(history, plan, programme, UNITS, on)


def standing(outcome, demand):
    return next(s for s in outcome.standings if s.demand == demand)


def numbers(outcome):
    return {s.demand: (s.have, s.need, s.state) for s in outcome.standings}


def told(*records, on=TODAY, plan=P4, **facts):
    """The lines of some records: (number, kind, minutes, reason, ref)."""
    outcome = judge(teacher(records=records, **facts), on=on, plan=plan)
    return sorted((x.number, x.kind, x.minutes, x.reason, x.ref) for x in outcome.lines)


def flags(*records, **facts):
    return {line.number: line.flagged for line in judge(teacher(records=records, **facts)).lines}
