"""Reads the golden tables: a clerk's sentences become the facts of one teacher (golden/README.md)."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.reference.evaluate import Outcome
from tests.reference.facts import (
    Appeal,
    Attempt,
    Choice,
    Decision,
    Declaration,
    Enrolment,
    Entry,
    Exemption,
    History,
    Posting,
    Record,
    Result,
    Task,
)
from tests.reference.lines import ZONE
from tests.reference.plan_lines import HOUR, Plan

TABLES = Path(__file__).parent / "golden"
MODES = {
    "online": "online", "research": "school-research", "lesson study": "lesson-study", "face to face": "face-to-face",
    "evidence": "evidence",
}  # fmt: skip
DAY = timedelta(days=1)
POINT = r"(?P<point>[ABCL]\d+|recording)"
ON = r"(?: on (?P<on>\S+))?"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def instant(day: date, hour: str = "10:00") -> datetime:
    """An instant of civil time; 24:00 is the first of the next day."""
    if hour == "24:00":
        return datetime.combine(day + DAY, time(), ZONE)
    return datetime.combine(day, time.fromisoformat(hour), ZONE)


class Reader:
    """Sentences of one row, read one after the other."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: dict[str, list] = {
            name: [] for name in (
                "records", "decisions", "attempts", "results", "choices", "exemptions", "declarations", "appeals", "tasks",
            )
        }  # fmt: skip
        self.left_on: date | None = None
        self.decided = plan.starts + 240 * DAY

    def day(self, text: str | None, otherwise: date) -> date:
        return date.fromisoformat(text) if text else otherwise

    def read(self, sentence: str) -> None:
        for pattern, tell in SENTENCES:
            found = re.fullmatch(pattern, sentence)
            if found:
                tell(self, **found.groupdict())
                return
        raise ValueError(f"no sentence of the golden tables: {sentence!r}")

    def spread(self, mode: str, amount: str, unit: str, first: str) -> None:
        left, day = int(amount) * (HOUR if unit == "h" else 1), date.fromisoformat(first)
        while left > 0:
            self._record(mode, min(left, 300), instant(day, "09:00"), instant(day, "10:00"))
            left, day = left - 300, day + DAY

    def one(self, mode, minutes, on, begins, ends, course, known) -> None:
        day = date.fromisoformat(on)
        begin, end = instant(day, begins or "08:00"), instant(day, ends or "09:00")
        self._record(mode, int(minutes), begin, end, course, instant(date.fromisoformat(known)) if known else None)

    def _record(self, mode, minutes, starts, ends, course=None, arrived=None) -> None:
        number = len(self.rows["records"]) + 1
        self.rows["records"].append(
            Record(
                number,
                1,
                "p",
                f"{number:04}",
                MODES[mode],
                course or f"c{number}",
                starts,
                ends,
                minutes,
                arrived or ends + DAY,
            )
        )

    def voided(self, number: str) -> None:
        record = self.rows["records"][int(number) - 1]
        void = len(self.rows["records"]) + 1
        self.rows["records"].append(replace(record, number=void, source_id=f"{void:04}", voids=record.number))

    def rejected(self, number: str) -> None:
        self.rows["decisions"].append(Decision(int(number)))

    def chose(self, points: str, opened: str | None, on: str | None, until: str | None) -> None:
        chosen = instant(self.day(on, self.plan.starts + 60 * DAY))
        superseded = instant(date.fromisoformat(until)) if until else None
        number = 60 + len(self.rows["choices"])
        values = tuple((opened or "").split())
        self.rows["choices"].append(Choice(number, 11, values, tuple(points.split()), chosen, superseded))

    def result(self, point: str, level: str, on: str | None, overturned: str | None) -> None:
        self.decided += DAY
        decided, number = instant(self.day(on, self.decided)), 500 + len(self.rows["results"])
        code = "" if point == "recording" else point
        self.rows["results"].append(Result(number, 11, code, level, decided, overturned=bool(overturned)))

    def declared(self, points: str, alone: str | None) -> None:
        first = self.plan.starts + 70 * DAY
        for point in points.split():
            agreed = None if alone else instant(first + DAY)
            self.rows["declarations"].append(Declaration(11, point, instant(first), agreed))

    def withdrawn(self, point: str, on: str) -> None:
        old = next(d for d in self.rows["declarations"] if d.point == point and d.withdrawn is None)
        self.rows["declarations"].remove(old)
        self.rows["declarations"].append(replace(old, withdrawn=instant(date.fromisoformat(on), "23:59")))

    def handed_in(self, point: str, on: str, back: str | None) -> None:
        number = 70 + len(self.rows["attempts"])
        state = "returned" if back else "submitted"
        when = instant(date.fromisoformat(on), "23:59")
        self.rows["attempts"].append(Attempt(number, 11, "" if point == "recording" else point, 1, state, when))

    def drafted(self, point: str) -> None:
        self.rows["attempts"].append(Attempt(70 + len(self.rows["attempts"]), 11, point, 1, "draft"))

    def exempt(self, what: str, on: str | None, last: str | None) -> None:
        until = date.fromisoformat(last) + DAY if last else None
        code = "*" if what == "everything" else what
        self.rows["exemptions"].append(Exemption(11, code, self.day(on, self.plan.starts), until))

    def left(self, on: str) -> None:
        self.left_on = date.fromisoformat(on)

    def tasks(self, codes: str) -> None:
        self.rows["tasks"] += [Task(11, code, instant(self.plan.starts + 90 * DAY)) for code in codes.split()]

    def appeal(self, point: str, answered: str | None) -> None:
        raised = instant(self.plan.cut_off)
        self.rows["appeals"].append(Appeal(11, point, raised, raised if answered else None))

    def history(self, label: str) -> History:
        """The teacher of the row, at home in one group."""
        enrolment = Enrolment(11, 1, "golden", self.left_on, self.plan.starts)
        home = (Posting("group", self.plan.starts - 90 * DAY, None),)
        return History(
            label, (Entry(1),), (enrolment,), home, **{name: tuple(found) for name, found in self.rows.items()}
        )


ONE_RECORD = (
    rf"(?P<mode>{'|'.join(MODES)}) (?P<minutes>\d+) min on (?P<on>\S+)(?: (?P<begins>\d\d:\d\d)-(?P<ends>\d\d:\d\d))?"
    r"(?: course (?P<course>\S+))?(?: known on (?P<known>\S+))?"
)
SENTENCES = (
    (rf"(?P<mode>{'|'.join(MODES)}) (?P<amount>\d+) (?P<unit>h|min) from (?P<first>\S+)", Reader.spread),
    (ONE_RECORD, Reader.one),
    (r"record (?P<number>\d+) voided", Reader.voided),
    (r"record (?P<number>\d+) rejected for overlap", Reader.rejected),
    (
        rf"chose (?P<points>[ABCL]\d+(?: [ABCL]\d+)*)(?: of (?P<opened>[a-z-]+(?: [a-z-]+)*?))?{ON}(?: until (?P<until>\S+))?",
        Reader.chose,
    ),
    (rf"{POINT} (?P<level>pass|fail|excellent){ON}(?P<overturned> overturned)?", Reader.result),
    (r"declared (?P<points>[ABC]\d+(?: [ABC]\d+)*)(?P<alone> without the group)?", Reader.declared),
    (rf"{POINT} withdrawn on (?P<on>\S+)", Reader.withdrawn),
    (rf"{POINT} handed in on (?P<on>\S+)(?P<back> and sent back)?", Reader.handed_in),
    (rf"{POINT} drafted", Reader.drafted),
    (r"exempt from (?P<what>\S+)(?: from (?P<on>\S+))?(?: to (?P<last>\S+))?", Reader.exempt),
    (r"left on (?P<on>\S+)", Reader.left),
    (r"tasks (?P<codes>.+)", Reader.tasks),
    (rf"appeal on {POINT}(?P<answered> answered)?", Reader.appeal),
)


def history_of(row: dict[str, str], plan: Plan) -> History:
    """The teacher a row tells of."""
    reader = Reader(plan)
    for sentence in row["facts"].split(";"):
        if sentence.strip():
            reader.read(sentence.strip())
    return reader.history(row["teacher"])


# --- What came out, in the words of the table ---------------------------------------------------------------------
def told(outcome: Outcome) -> dict[str, str]:
    """Every cell a table may hold."""
    cells = {s.demand: demand_told(s.have, s.need, s.state, s.reasons) for s in outcome.standings}
    cells["state"] = outcome.state
    cells["reached"] = outcome.reached
    cells["not counted"] = "; ".join(uncounted(outcome))
    cells["gate"] = "; ".join(str(opening.opened_on or "no") for opening in outcome.openings)
    cells["profile"] = "; ".join(
        f"{environment} {dimension} {level}"
        for environment, dimension, level in outcome.profile
        if level not in ("none", "not-applicable")
    )
    return cells


def demand_told(have: int, need: int, state: str, reasons: tuple[str, ...]) -> str:
    """`899/900 open: minutes-short 1`."""
    return f"{have}/{need} {state}" + (f": {', '.join(reasons)}" if reasons else "")


def uncounted(outcome: Outcome) -> Iterator[str]:
    """Minutes that do not count, by reason, in the order of the reasons."""
    minutes: Counter = Counter()
    for line in outcome.lines:
        if line.reason:
            minutes[f"cap {line.ref}" if line.reason == "cap" else line.reason] += line.minutes
    for reason, number in sorted(minutes.items()):
        yield f"{reason} {number}"
