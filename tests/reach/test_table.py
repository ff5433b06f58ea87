"""Who reaches what, from a table written by hand (table.csv): rows are permissions, columns are roles.

A cell names, letter by letter, what the role reaches with the permission:
    o  one's own               the row about oneself (provider: a record it delivered)
    c  a colleague's           the row about somebody else of one's unit (provider: a record of another platform)
    u  one's own unit          a fact in the unit of one's role (teacher: of one's post), or about somebody posted there
    s  the unit beside it      the same for a unit under the same parent
    m  what moved away         the same for a school that stood under the district until 2026; dated facts are of 2025
    p  the unit above          the same for the unit above one's own
The test computes every cell from real grants and rows, through the queries that pages and actions use.
"""

import csv
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange

from weineng.accounts.permissions import giving
from weineng.accounts.roles import ROLES
from weineng.activities.models import Session
from weineng.assessment.models import Assignment, Dossier, Result, StageRun
from weineng.assessment.queries import assigned_to, submissions_assigned
from weineng.audit.models import Line
from weineng.certification.models import Certificate, SigningKey
from weineng.evidence.models import Submission
from weineng.files.models import Upload
from weineng.insight.queries.logs import lines_within
from weineng.kernel.actors import Permission
from weineng.learning.models import Provider, Record
from weineng.notices.models import Message
from weineng.notices.queries import own_messages
from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import people_within, units_within
from weineng.planning.models import Declaration, GroupPlan, SchoolPlan
from weineng.programmes.models import Enrolment, Exemption, Programme
from weineng.programmes.queries import programmes_within
from weineng.progress.models import Standing
from weineng.statements.models import Document, Source

pytestmark = pytest.mark.slow

THEN, DAY = datetime(2025, 12, 1, 8, tzinfo=UTC), date(2025, 12, 1)
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
COLUMNS = ("teacher", *ROLES, "provider")
ABOUT = "ocusmp"


class Given:
    """Dossiers as reviewers have them: `o` is given to oneself, `c` to a colleague."""


def permissions():
    """Every permission of every module, and one for each role that can be given."""
    found = {f"accounts.give_{role}": giving(role) for role in ROLES}
    for module in settings.MODULES:
        name = apps.get_app_config(module).name
        if (Path(apps.get_app_config(module).path) / "permissions.py").exists():
            values = vars(import_module(f"{name}.permissions")).values()
            found |= {value.code: value for value in values if isinstance(value, Permission)}
    return found


def by_hand():
    with (Path(__file__).parent / "table.csv").open(encoding="utf-8", newline="") as file:
        return {row.pop("permission"): row for row in csv.DictReader(file)}


def within(model, *, changing=False):
    return lambda by, permission: model.objects.within(by, permission, changing=changing)


def evidence(by, permission):
    return Submission.objects.within(by, permission, assigned=submissions_assigned(by))


# Permission → the query behind it, and the rows it is asked for.
ASKED = {
    "organisations.view_people": (people_within, Person), "organisations.edit_people": (people_within, Person),
    "organisations.export_people": (people_within, Person), "organisations.reveal_identity": (people_within, Person),
    "organisations.erase_people": (people_within, Person),
    "organisations.merge_people": (people_within, Person), "accounts.manage": (people_within, Person),
    "accounts.delegate": (people_within, Person), "notices.read_own": (lambda by, _p: own_messages(by), Message),
    "files.upload": (within(Upload), Upload), "activities.view": (within(Session), Session),
    "activities.hold": (within(Session, changing=True), Session), "activities.void": (within(Session, changing=True), Session),
    "activities.sign_in": (within(Session), Session), "programmes.view": (programmes_within, Programme),
    "programmes.publish": (programmes_within, Programme), "programmes.enrol": (within(Enrolment, changing=True), Enrolment),
    "programmes.exempt": (within(Exemption, changing=True), Exemption), "planning.view": (within(SchoolPlan), SchoolPlan),
    "planning.write_school_plan": (within(SchoolPlan, changing=True), SchoolPlan),
    "planning.review_school_plan": (within(SchoolPlan, changing=True), SchoolPlan),
    "planning.write_group_plan": (within(GroupPlan, changing=True), GroupPlan), "planning.choose": (within(Enrolment), Enrolment),
    "planning.agree": (within(Declaration, changing=True), Declaration),
    "learning.view": (within(Record), Record), "learning.deliver": (within(Record), Record),
    "learning.decide": (within(Record, changing=True), Record), "learning.void": (within(Record, changing=True), Record),
    "statements.keep_profile": (within(Document), Document), "statements.keep_state": (within(Document), Document),
    "statements.read": (within(Source), Source), "statements.write": (within(Source), Source),
    "evidence.submit": (within(Submission, changing=True), Submission), "evidence.view": (evidence, Submission),
    "assessment.review": (lambda by, _p: assigned_to(by), Given), "assessment.reassign": (within(Assignment), Assignment),
    "assessment.view_results": (within(Result), Result), "assessment.overturn": (within(Result, changing=True), Result),
    "certification.view": (within(Certificate), Certificate), "certification.revoke": (within(Certificate, changing=True), Certificate),
    "audit.follow": (lambda by, _p: lines_within(by), Line),
    "progress.view": (within(Standing), Standing), "progress.export": (within(Standing), Standing),
}  # fmt: skip
PLACES = (units_within, Unit)  # whatever has no rows of its own is asked of units
UNITS_ONLY = {Document, Session, SchoolPlan, GroupPlan, Source, Unit}  # nobody is named in them


@pytest.fixture
def scene(world, p4, at):
    """Everybody a row can be about: a resident of every unit, and a stranger nobody reaches."""
    at(NOW)
    return Scene(world, p4)


class Scene:
    """Rows, made once for each subject."""

    def __init__(self, world, p4):
        self.world, self.p4, self.version, self.made = world, p4, p4.versions.get(), {}
        self.residents = {}
        self.stranger = world.enter("外人", world.province).person
        self.key = SigningKey.objects.create(name="k", public=b"", since=THEN, retired_at=THEN)
        self.other = Provider.objects.create(code="other", name="别的平台", owner_id=world.district, created_at=THEN)
        self.mine = Provider.objects.get(code="qingyun")
        world.grant(world.chinese_teachers[0].person, "backbone", world.nine_year)
        self.team, self.expert = (self.of_the_district(role) for role in ("training-team", "expert"))

    def of_the_district(self, role):
        member = self.world.enter(f"县里的{role}", self.world.district)
        self.world.grant(member.person, role, self.world.district)
        return member

    def holders(self):
        """Role → who holds it, a colleague, own unit, the one beside, the one above."""
        w = self.world
        school = (w.teacher.person, w.nine_year, w.kindergarten, w.zone)
        county = (w.auditor.person, w.district, w.sibling, w.city)
        return {
            "teacher": (w.teacher, w.colleague.person, w.maths, w.chinese, w.nine_year),
            "group-leader": (w.leader, w.teacher.person, w.maths, w.chinese, w.nine_year),
            "panel-member": (w.panel[0], *school), "backbone": (w.chinese_teachers[0], *school), "training-team": (self.team, *county),
            "expert": (self.expert, *county), "cio": (w.cio, *school), "principal": (w.principal, *school),
            "office": (w.office, w.auditor.person, w.district, w.sibling, w.city),
            "auditor": (w.auditor, w.office.person, w.district, w.sibling, w.city), "provider": (None, None, 0, 0, 0),
        }  # fmt: skip

    def resident(self, unit):
        if unit not in self.residents:
            self.residents[unit] = self.world.enter(f"住户{len(self.residents)}", unit).person
        return self.residents[unit]

    def row(self, model, letter, role):
        """The primary key of the row that a column is about; None where there is no such row."""
        if role == "provider":
            provider = {"o": self.mine, "c": self.other}.get(letter)
            return self.delivered(model, letter, provider) if provider else None
        holder, colleague, own, beside, above = self.holders()[role]
        if letter in "oc":
            return (
                None if model in UNITS_ONLY else self.keep(model, holder.person if letter == "o" else colleague, None)
            )
        return self.keep(model, None, {"u": own, "s": beside, "m": self.world.moved, "p": above}[letter])

    def keep(self, model, person, unit):
        if (model, person, unit) not in self.made:
            self.made[model, person, unit] = getattr(self, model.__name__.lower())(person, unit)
        return self.made[model, person, unit]

    def about(self, person, unit):
        """For rows without a unit of their own: somebody posted there."""
        return person or self.resident(unit)

    def person(self, person, unit):
        return self.about(person, unit)

    def unit(self, person, unit):
        return unit

    def message(self, person, unit):
        return Message.objects.create(person=self.about(person, unit), event="x", dedupe="x", at=THEN).pk

    def upload(self, person, unit):
        fields = {
            "file_name": "x",
            "size": 1,
            "purpose": "x",
            "created_at": THEN,
            "touched_at": THEN,
            "expires_at": NOW,
        }
        return Upload.objects.create(person=self.about(person, unit), **fields).pk

    def session(self, person, unit):
        return Session.objects.create(
            unit_id=unit, programme="p4-district", kind="school-research", form="training", title="x", starts_at=THEN,
            ends_at=THEN + timedelta(hours=1), duration=45, host_id=self.stranger, changed_at=THEN,
        ).pk  # fmt: skip

    def programme(self, person, unit):
        code = f"of-{person}-{unit}"
        made = Programme.objects.create(code=code, owner_id=unit or self.world.province, title={}, started_on=DAY)
        if person:
            Enrolment.objects.create(programme=made, version=self.version, person_id=person, since=DAY)
        return made.pk

    def declaration(self, person, unit):
        about = self.about(person, unit)
        other = Programme.objects.create(
            code=f"declared-{about}", owner_id=self.world.province, title={}, started_on=DAY
        )
        taking = Enrolment.objects.create(programme=other, version=self.version, person_id=about, since=DAY)
        return Declaration.objects.create(enrolment=taking, point="A1", dimension="x", declared_at=THEN).pk

    def enrolment(self, person, unit):
        """Of somebody, or of an outsider whose host school it is."""
        who = person or self.world.enter("局里的人", self.world.province).person
        return Enrolment.objects.create(
            programme=self.p4, version=self.version, person_id=who, since=DAY, host_id=unit
        ).pk

    def exemption(self, person, unit):
        return Exemption.objects.create(
            enrolment_id=self.keep(Enrolment, person, unit),
            demand="online",
            during=DateRange(DAY, None),
            reason="x",
            asked_by=1,
        ).pk

    def line(self, person, unit):
        return Line.objects.create(at=THEN, door="web", verb="x.y", thing_type="", subject=person, unit=unit).pk

    def schoolplan(self, person, unit):
        return SchoolPlan.objects.create(
            programme=self.p4, unit_id=unit, number=1, state="filed", edited_at=THEN, submitted_at=THEN
        ).pk

    def groupplan(self, person, unit):
        plan = self.keep(SchoolPlan, None, unit)
        return GroupPlan.objects.create(programme=self.p4, unit_id=unit, school_plan_id=plan, edited_at=THEN).pk

    def record(self, person, unit, provider=None, number=""):
        return Record.objects.create(
            provider=provider or self.other, source_id=number or f"r-{person}-{unit}", content="",
            person_id=person or self.stranger, person_type="id-card", mode="online", course="c", canonical="c",
            starts_at=THEN, ends_at=THEN, event_on=DAY, minutes=45, unit_id=unit, arrived_at=THEN,
        ).pk  # fmt: skip

    def delivered(self, model, letter, provider):
        if model is Source:
            return self.source(None, None, provider.code)
        if model is Document:
            return self.document(None, None, provider.code)
        return self.record(None, None, provider, letter) if model is Record else None

    def document(self, person, unit, code=""):
        source = self.source(person, unit, code)
        return Document.objects.create(place=uuid4(), source_id=source, kind="state", name="x", changed_at=THEN).pk

    def source(self, person, unit, code=""):
        code = code or f"s-{person}-{unit}"
        return Source.objects.get_or_create(code=code, defaults={"unit_id": unit, "opened_at": THEN})[0].pk

    def submission(self, person, unit):
        who = person or self.world.enter("交件人", self.world.province).person
        return Submission.objects.create(
            person_id=who, enrolment=1 + len(self.made), programme="p4-district", item="point", point="A1", edition="e",
            state="submitted", unit_id=unit, handed_in_on=DAY, submitted_at=THEN, created_at=THEN, edited_at=THEN,
        ).pk  # fmt: skip

    def assignment(self, person, unit, reviewer=None):
        """A dossier about somebody, given to a stranger."""
        who = self.about(person, unit)
        dossier, _new = Dossier.objects.get_or_create(
            submission_id=self.keep(Submission, who, None), version=1, person_id=who, enrolment=1, stage="s",
            defaults={"opened_at": THEN},
        )  # fmt: skip
        run, _new = StageRun.objects.get_or_create(dossier=dossier, stage="s", place=1, wanted=1, decides=True)
        return Assignment.objects.create(
            run=run, reviewer_id=reviewer or self.stranger, judged_id=who, role="panel", assigned_at=THEN
        ).pk

    def given(self, person, unit):
        """A dossier about somebody of that unit (or of none), given to that person."""
        if person is None:
            return self.keep(Assignment, None, unit)
        return self.assignment(self.resident(self.world.province), None, reviewer=person)

    def result(self, person, unit):
        return Result.objects.create(
            person_id=self.about(person, unit),
            enrolment=1,
            item="recording",
            level="pass",
            decided_at=THEN,
            decided_on=DAY,
        ).pk

    def certificate(self, person, unit):
        who = person or self.world.enter("得证人", self.world.province).person
        number = f"n-{person}-{unit}"
        return Certificate.objects.create(
            number=number, code=number[:16], programme=self.p4, enrolment_id=self.keep(Enrolment, who, None), person_id=who, rule="r",
            kind="programme", level="pass", claim={}, signature="", key=self.key, school_id=unit, issued_at=THEN, issued_on=DAY,
        ).pk  # fmt: skip

    def standing(self, person, unit):
        return Standing.objects.create(
            enrolment_id=self.keep(Enrolment, self.about(person, unit), None),
            programme=self.p4,
            demand="overall",
            have=0,
            need=1,
            met=False,
            verdict="not-begun",
            version=1,
        ).pk


def actor(scene, role):
    return scene.world.provider if role == "provider" else scene.holders()[role][0].actor


def test_every_permission_reaches_what_the_table_says(scene):
    rows = permissions()
    keys = {
        (model, letter, role): scene.row(model, letter, role)
        for model in {model for _ask, model in ASKED.values()} | {Unit}
        for letter in ABOUT
        for role in COLUMNS
    }
    found = {
        code: {role: cell(scene, keys, code, permission, role) for role in COLUMNS} for code, permission in rows.items()
    }
    expected = by_hand()
    wrong = {
        f"{code} {role}": (found.get(code, {}).get(role), expected.get(code, {}).get(role))
        for code in {*found, *expected}
        for role in {*found.get(code, {}), *expected.get(code, {})}
        if found.get(code, {}).get(role) != expected.get(code, {}).get(role)
    }
    assert wrong == {}


def cell(scene, keys, code, permission, role):
    ask, model = ASKED.get(code, PLACES)
    reached = set(ask(actor(scene, role), permission).order_by().values_list("pk", flat=True))
    letters = [letter for letter in ABOUT if keys[model, letter, role] in reached]
    return "".join(letters) or "-"
