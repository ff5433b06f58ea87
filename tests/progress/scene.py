"""Facts for the counting to judge, in few words: people, records, results, choices, as the modules below would have left them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateRange

import weineng
from weineng.assessment.models import Result
from weineng.evidence.models import Submission
from weineng.kernel.actors import platform
from weineng.learning.models import Decision, Provider, Record
from weineng.organisations.models import Person, Posting
from weineng.planning.models import Choice, ChosenPoint
from weineng.programmes.documents import read_document, to_json
from weineng.programmes.models import Enrolment, Exemption, Programme, Touched, Version
from weineng.progress.actions import recount
from weineng.progress.models import Counted, Standing, Tally

ZONE = ZoneInfo("Asia/Shanghai")
PLANS = Path(weineng.__file__).parent / "programmes" / "plans"
SETTLE = platform("settle")
POINTS = {  # code -> dimension, as the standard has them
    "A1": "learner-analysis", "B1": "learner-analysis", "A2": "teaching-design", "A3": "teaching-design", "A4": "teaching-design",
    "A5": "learning-guidance", "A6": "learning-guidance", "A11": "academic-assessment", "A12": "academic-assessment",
}  # fmt: skip
START = datetime(2026, 1, 1, 0, 0, tzinfo=ZONE)


def plan(code):
    def find(base):
        place = PLANS / f"{base}.yaml"
        return (place.name, place.read_text(encoding="utf-8")) if place.exists() else None

    return read_document((PLANS / f"{code}.yaml").read_text(encoding="utf-8"), find)


def at(text):
    """'2026-03-02 08:00' in the programme's zone."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@dataclass
class Scene:
    """One programme with its document, run by `owner`; people are posted at `leaf`."""

    document: object
    owner: int
    leaf: int
    school: int
    code: str = "p4-district"
    numbers: dict = field(default_factory=dict)

    def __post_init__(self):
        self.programme = Programme.objects.create(
            code=self.code, owner_id=self.owner, title={"en": self.code}, started_on=date(2026, 1, 1)
        )
        self.version = self.publish(self.document)

    def publish(self, document):
        number = Version.objects.filter(programme=self.programme).count() + 1
        return Version.objects.create(
            programme=self.programme, number=number, source="", document=to_json(document), digest=f"{number}",
            published_at=START,
        )  # fmt: skip

    def enrol(self, person=None, leaf=None, name="somebody", version=None):
        if person is None:
            person = Person.objects.create(name=name, name_order=name, created_at=START).pk
            Posting.objects.create(
                person_id=person, unit_id=leaf or self.leaf, school_id=self.school, during=DateRange(date(2025, 9, 1), None),
                known_at=START,
            )  # fmt: skip
        return Enrolment.objects.create(
            programme=self.programme, version=version or self.version, person_id=person, since=date(2026, 1, 1)
        ).pk

    def person(self, enrolment):
        return Enrolment.objects.values_list("person", flat=True).get(pk=enrolment)

    def source(self, code):
        return Provider.objects.get_or_create(code=code, defaults={"name": code, "created_at": START})[0]

    def record(
        self, enrolment, minutes, starts, ends=None, *, mode="online", course="C", source="yun", number=None, arrived=None,
        supersedes=None, void_of=None,
    ):  # fmt: skip
        provider = self.source(source)
        self.numbers[source] = self.numbers.get(source, 0) + 1
        starts = at(starts) if isinstance(starts, str) else starts
        ends = at(ends) if isinstance(ends, str) else ends or starts + timedelta(minutes=minutes)
        return Record.objects.create(
            provider=provider, source_id=number or f"{self.numbers[source]:06}", content="", person_id=self.person(enrolment),
            person_type="person", mode=mode, course=course, canonical=f"{course}", title=course, starts_at=starts, ends_at=ends,
            event_on=ends.astimezone(ZONE).date(), minutes=minutes, arrived_at=arrived or ends, supersedes=supersedes,
            void_of=void_of,
        )  # fmt: skip

    def void(self, record):
        return Record.objects.create(
            provider=record.provider, source_id=f"void:{record.pk}", content="", person_id=record.person_id, person_type="person",
            mode=record.mode, course=record.course, canonical=record.canonical, starts_at=record.starts_at, ends_at=record.ends_at,
            event_on=record.event_on, minutes=0, arrived_at=record.arrived_at, void_of=record,
        )  # fmt: skip

    def reject(self, record):
        return Decision.objects.create(record=record, verdict="overlap-rejected", reason="twice", by=1, at=START)

    def hours(self, enrolment, minutes, *, mode="online", day=date(2026, 3, 2), course="C", most=360):
        """As many records on as many days as it takes: never more than `most` minutes a day."""
        while minutes > 0:
            said = min(minutes, most)
            self.record(
                enrolment, said, datetime(day.year, day.month, day.day, 8, tzinfo=ZONE), mode=mode, course=course
            )
            minutes, day = minutes - said, day + timedelta(days=1)

    def choose(self, enrolment, points, dimensions=None, *, superseded=None, chosen=START):
        dimensions = dimensions or sorted({POINTS[p] for p in points})
        choice = Choice.objects.create(
            enrolment_id=enrolment, version=self.version, dimensions=dimensions, opened=sorted(POINTS), chosen_at=chosen,
            superseded_at=superseded,
        )  # fmt: skip
        ChosenPoint.objects.bulk_create(ChosenPoint(choice=choice, point=p, dimension=POINTS[p]) for p in points)
        return choice

    def result(self, enrolment, point, level="pass", *, decided="2026-05-04 10:00", submission=None):
        decided = at(decided) if isinstance(decided, str) else decided
        return Result.objects.create(
            person_id=self.person(enrolment), enrolment=enrolment, item="point" if point else "recording", point=point,
            level=level, decided_at=decided, decided_on=decided.astimezone(ZONE).date(), source="sheet", submission=submission,
        )  # fmt: skip

    def submit(self, enrolment, point, state="submitted", *, on="2026-04-20 09:00", attempt=1):
        when = at(on) if state != "draft" else None
        return Submission.objects.create(
            person_id=self.person(enrolment), enrolment=enrolment, programme=self.code, edition="e", attempt=attempt,
            item="point" if point else "recording", point=point, state=state, submitted_at=when, created_at=START, edited_at=START,
        )  # fmt: skip

    def exempt(self, enrolment, demand, since=date(2026, 1, 1), until=None):
        return Exemption.objects.create(
            enrolment_id=enrolment, demand=demand, during=DateRange(since, until), reason="ill", asked_by=1, granted_by=2,
            granted_at=START,
        )  # fmt: skip

    def finish(self, enrolment, level="pass"):
        """Everything P4 asks for, exactly."""
        self.choose(enrolment, ["A1", "A3", "A5"])
        self.hours(enrolment, 900)
        self.hours(enrolment, 450, mode="school-research", course="R")
        for point in ("A1", "A3", "A5"):
            self.result(enrolment, point, level)
        self.result(enrolment, "", level)

    def recount(self, *enrolments):
        Touched.objects.bulk_create(Touched(enrolment=e, at=datetime.now(UTC)) for e in enrolments)
        return recount(by=SETTLE)


class Here(Scene):
    """The scene's short words, in the programme that is there already."""

    def __post_init__(self):
        self.programme = Programme.objects.get(code=self.code)
        self.version = self.programme.versions.get()


def lines(enrolment):
    """{(source/id or item, kind, reason, ref): minutes}: what was counted, in words that do not depend on row numbers."""
    records = {r.pk: f"{r.provider.code}/{r.source_id}" for r in Record.objects.select_related("provider")}
    results = {r.pk: f"{r.item} {r.point}".strip() for r in Result.objects.all()}
    found = {}
    for row in Counted.objects.filter(enrolment=enrolment):
        origin = records[row.origin_id] if row.origin == "record" else results[row.origin_id]
        ref = records.get(int(row.ref), row.ref) if row.ref.isdigit() else row.ref
        found[origin, row.kind, row.reason, ref] = row.minutes
    return found


def standing(enrolment, demand="overall"):
    return Standing.objects.get(enrolment=enrolment, demand=demand)


def verdict(enrolment):
    return standing(enrolment).verdict


def tallies(programme):
    rows = Tally.objects.filter(programme=programme).order_by("pk")
    return {(t.leaf_id, t.leaf_kind, t.demand, t.verdict): (t.people, t.participants, t.have) for t in rows}
