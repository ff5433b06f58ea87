"""What is known of one teacher, as plain values: all that the second opinion of `evaluate.py` is told.

Numbers are those of the rows in the database; instants are aware; a date is a civil date. A day that ends something is
the first day without it.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Entry:
    """An entry of the register of people. A teacher has several if they were entered twice and merged later."""

    number: int
    merged_into: int | None = None  # the number of the entry that was kept


@dataclass(frozen=True)
class Record:
    """What a source said. A void says nothing of hours: it withdraws the record `voids`."""

    number: int
    entry: int | None  # None: nobody knows yet who is meant
    source: str
    source_id: str
    mode: str
    course: str  # the canonical one: the same course under two names has one
    starts: datetime
    ends: datetime
    minutes: int
    arrived: datetime
    revision: int = 1
    corrects: int | None = None
    voids: int | None = None


@dataclass(frozen=True)
class Decision:
    """An office rejected a record for its overlap; an ended decision works no longer."""

    record: int
    ended: bool = False


@dataclass(frozen=True)
class Enrolment:
    """One entry in one programme."""

    number: int
    entry: int
    programme: str
    left_on: date | None = None
    since: date = date(2000, 1, 1)  # its first day
    host: str = ""  # key of the host school of office staff


@dataclass(frozen=True)
class Attempt:
    """One attempt at a point or at the recording (then `point` is '')."""

    number: int
    enrolment: int
    point: str
    attempt: int
    state: str  # draft, submitted, opened, returned, decided, withdrawn
    handed_in: datetime | None = None  # its first version
    again: datetime | None = None  # its second, after it was sent back


@dataclass(frozen=True)
class Result:
    """The decided level of an attempt (`attempt` None: brought in by a sheet)."""

    number: int
    enrolment: int
    point: str  # '' for the recording
    level: str  # fail, pass, excellent
    decided: datetime
    attempt: int | None = None
    overturned: bool = False
    overturns: int | None = None


@dataclass(frozen=True)
class Choice:
    """The points a teacher chose, with the axis values that the school had opened (D), frozen."""

    number: int
    enrolment: int
    opened: tuple[str, ...]  # D
    points: tuple[str, ...]
    chosen: datetime
    superseded: datetime | None = None


@dataclass(frozen=True)
class Declaration:
    """A chosen point the teacher wants assessed; the group agrees; it may be withdrawn while it was never decided."""

    enrolment: int
    point: str
    declared: datetime
    agreed: datetime | None = None
    withdrawn: datetime | None = None


@dataclass(frozen=True)
class Appeal:
    """Somebody asked for another look at a decided item; open until it is answered."""

    enrolment: int
    point: str
    raised: datetime
    answered: datetime | None = None


@dataclass(frozen=True)
class Task:
    """A task of the handbook that was confirmed."""

    enrolment: int
    code: str
    confirmed: datetime


@dataclass(frozen=True)
class Diagnosis:
    """A self-diagnosis; handed in or still being filled in."""

    enrolment: int
    handed_in: datetime | None


@dataclass(frozen=True)
class Exemption:
    """A demand, a gate ('*': the whole programme) is taken from an enrolment for some days."""

    enrolment: int
    demand: str
    first: date
    until: date | None
    granted: bool = True
    ended: bool = False


@dataclass(frozen=True)
class Posting:
    """A post of the person (a merge moves posts to the entry that is kept) at a unit for some days."""

    unit: str
    first: date
    until: date | None
    home: bool = True


@dataclass(frozen=True)
class Flag:
    """What a school bears for some days, such as smart-education."""

    code: str
    first: date
    until: date | None = None


@dataclass(frozen=True)
class Unit:
    """A place of the tree; `above` is the unit it stands under."""

    key: str
    level: str
    above: str = ""
    closed_on: date | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class SchoolPlan:
    """The plan of a school for a programme, on the days on which it is approved or filed."""

    school: str
    first: date
    until: date | None = None


@dataclass(frozen=True)
class Programme:
    """One running of a plan: by which unit, and closed since when."""

    code: str
    owner: str  # key of the unit
    closed_on: date | None = None
    school_plans: tuple[SchoolPlan, ...] = ()


@dataclass(frozen=True)
class History:
    """Everything of one teacher. The first entry is the one that was kept."""

    label: str
    entries: tuple[Entry, ...]
    enrolments: tuple[Enrolment, ...]
    postings: tuple[Posting, ...] = ()
    records: tuple[Record, ...] = ()
    decisions: tuple[Decision, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    results: tuple[Result, ...] = ()
    choices: tuple[Choice, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    tasks: tuple[Task, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
