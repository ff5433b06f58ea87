"""One teacher's year under plan P4 through the doors, from the choice to the certificate, and every way back once.

Pages are fetched and their forms sent by the demonstration's own visitor, hours come through the API, the worker settles
between the steps. After each decision and each way back all five are looked at: hours, standing, certificate, message, log.
"""

import pytest
from django.utils.translation import override

from tests.district import enrol_nine_year, start_p4
from tests.journeys.stage import cast
from tests.journeys.steps import look, online, research, reviews
from tests.planning.plans import approve
from weineng.assessment.models import Result
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.certification.models import Certificate
from weineng.evidence.models import Submission
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.notices.queries import told as shown
from weineng.ops.demo import handing_in
from weineng.organisations.models import Person
from weineng.programmes.models import Enrolment
from weineng.progress.models import Standing
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

POINTS = ("A4", "B1", "A3")
WHOLE = {"online": 900, "research": 450, "evidence": 675, "recording": 225}  # minutes of a year that is done
STANDS = {"hours": WHOLE, "standing": "excellent", "certificate": "in force"}
PASSPORT = "XX5062168"
DECISIONS = {
    "planning.file", "planning.unfile", "assessment.return", "evidence.seal", "learning.void", "learning.restore",
    "assessment.overturn", "certification.revoke", "certification.issue", "organisations.merge_people",
    "organisations.unmerge_people",
}  # fmt: skip


@pytest.fixture
def plan(world, stage):
    """The programme has started, the school takes part, its plan is approved."""
    p4 = start_p4(world)
    enrol_nine_year(world, p4)
    stage.forward("2026-03-02T09:00")
    dimensions = ("learner-analysis", "teaching-design")
    return approve(world, p4, world.nine_year, world.cio, dimensions=dimensions, points=POINTS)


class Five:
    """Of the teacher, at any step of the story: the hours, the standing, the certificate, what was told, what is logged."""

    def __init__(self, world, stage):
        self.world, self.stage = world, stage
        self.enrolment = Enrolment.objects.get(person=world.teacher.person)
        self.from_here()

    def from_here(self):
        """What was told and logged until now was looked at."""
        self.message, self.line = (last(model.objects.all()) for model in (Message, Line))

    def are(self, *, hours, standing, certificate, told, logged):
        """`hours`: minutes of each kind; `certificate`: "none", "in force" or why the last one is revoked; `told`: events,
        and `logged`: (verb, who, reason) of the decisions, both since one looked last, in order."""
        self.stage.settle()
        rows = {row.demand: row for row in Standing.objects.filter(enrolment=self.enrolment)}
        messages = Message.objects.filter(person=self.world.teacher.person, pk__gt=self.message).order_by("pk")
        lines = list(Line.objects.filter(verb__in=DECISIONS, pk__gt=self.line).order_by("pk"))
        reasons = reasons_of(lines)
        assert {
            "hours": {demand: rows[demand].have for demand in WHOLE},
            "standing": rows["overall"].verdict,
            "certificate": self.certificate(),
            "told": [message.event for message in messages],
            "logged": [(line.verb, self.name_of(line.person), reasons[line.pk]) for line in lines],
        } == {"hours": hours, "standing": standing, "certificate": certificate, "told": told, "logged": logged}
        self.are_on_the_pages(messages, [reasons[line.pk] for line in lines if line.subject])
        self.from_here()

    def certificate(self):
        paper = Certificate.objects.filter(person=self.world.teacher.person).order_by("-pk").first()
        assert in_force().count() == (paper is not None and paper.revoked_at is None)
        return "none" if paper is None else paper.revoked_because or "in force"

    def are_on_the_pages(self, messages, reasons):
        """The teacher reads the messages, and the office the reasons in the log."""
        read = self.stage.as_(self.world.teacher.name).get("/messages/").text
        log = f"/log/people/{oid(self.world.teacher.person, 'organisations.person')}/"
        written = self.stage.as_(self.world.office.name, "office").get(log).text
        with override("zh-hans"):
            assert [shown(message).text for message in messages if shown(message).text not in read] == []
        assert [reason for reason in reasons if reason not in written] == []

    def name_of(self, person):
        return "platform" if person is None else self.world.member(person).key


def last(rows):
    return rows.order_by("pk").values_list("pk", flat=True).last() or 0


def told(person, event):
    return Message.objects.filter(person=person, event=event).count()


def entered_twice(world, stage):
    """A kindergarten, too, has her on its list, under her passport: one person too many."""
    stage.forward("2026-04-20T08:00")
    form = stage.as_(world.office.name, "office").get(f"/units/{oid(world.play, 'organisations.unit')}/people/enter/")
    form.send({"name": world.teacher.name, "number_type": "passport", "number": PASSPORT}, holds="number_type")


def in_force():
    return Certificate.objects.filter(revoked_at__isnull=True)


def all_but_one_point(world, stage):
    """Choice, hours, evidence, recording, reviews; the first point is still to come."""
    page = stage.as_(world.teacher.name).get("/points/")
    page.send({"points": POINTS}, holds="points", stay=True)
    entered_twice(world, stage)
    stage.forward("2026-04-20T09:00")
    numbers = [("id-card", world.teacher.number)] * 10
    online(world, [*numbers, ("passport", PASSPORT)])  # two periods under the other record
    research(world, stage)
    stage.forward("2026-05-11T09:00")
    teacher = cast(world.teacher, 1)
    for number in (1, 2):
        handing_in.hand_in(stage, teacher, number)
    handing_in.record_lesson(stage, teacher)
    reviews(world, stage)


def a_plan_is_filed_by_mistake(world, stage, plan, five):
    address = f"/plans/{oid(plan)}/judge/"
    office = stage.as_(world.office.name, "office")
    nothing = {"hours": dict.fromkeys(WHOLE, 0), "standing": "not-begun", "certificate": "none", "told": []}
    office.get(address).send(do="file")
    five.are(**nothing, logged=[("planning.file", "office", "")])
    office.get(address).send({"comment": "误备案"}, do="unfile")
    five.are(**nothing, logged=[("planning.unfile", "office", "误备案")])
    assert (told(world.cio.person, "plan-filed"), told(world.cio.person, "plan-unfiled")) == (1, 1)


def evidence_comes_back_with_advice_and_goes_in_again(world, stage, five):
    stand = {"hours": WHOLE | {"evidence": 450}, "standing": "in-progress", "certificate": "none"}
    stage.settle()
    five.from_here()
    handing_in.hand_in(stage, cast(world.teacher, 1), 0)
    stage.settle()
    look(stage, [(1, world.teacher)])
    stage.settle()
    look(stage, [(1, world.colleague), (2, world.leader), (3, world.two_posts)])
    five.are(**stand, told=[], logged=[("evidence.seal", "teacher", "")])
    reviewer = next(one for one in world.panel if "/next/" in stage.as_(one.name).get("/review/").html)
    page = stage.as_(reviewer.name).get("/review/").send(action="/next/")
    page.send({"advice": "请补充时间安排。"}, do="return")
    five.are(**stand, told=["evidence-returned"], logged=[("assessment.return", reviewer.key, "")])
    row = Submission.objects.get(state="returned")
    visitor = stage.as_(world.teacher.name)
    page = visitor.get(f"/evidence/{oid(row)}/")
    assert "请补充时间安排。" in page.text
    piece = row.items.filter(version=row.version).earliest("seq")
    handing_in.send_up(visitor, f"evidence.item:{oid(piece)}", "补充.pdf", handing_in.paper("补充"))
    handing_in.consent(visitor.get(page.url))
    five.are(**stand, told=[], logged=[("evidence.seal", "teacher", "")])
    reviews(world, stage)
    five.are(
        **STANDS, told=["evidence-decided", "verdict-changed", "certificate-issued"], logged=[("certification.issue", "platform", "")],
    )  # fmt: skip


def the_certificate_can_be_printed(world, stage):
    certificate = in_force().get()
    assert certificate.number in stage.as_(world.teacher.name).get("/certificates/").text
    paper = stage.as_(world.teacher.name).http.get(f"/certificates/{oid(certificate)}/pdf/")
    assert paper.content[:5] == b"%PDF-"


def a_record_is_voided_and_restored(world, stage, five):
    record = Record.objects.filter(person=world.teacher.person, mode="online").earliest("pk")
    address = f"/learning/{oid(record)}/"
    office = stage.as_(world.office.name, "office")
    office.get(address).send({"reason": "平台误报"}, do="void")
    five.are(
        hours=WHOLE | {"online": 810}, standing="in-progress", certificate="hours-voided",
        told=["record-voided", "verdict-changed", "certificate-revoked"],
        logged=[("learning.void", "office", "平台误报"), ("certification.revoke", "platform", "")],
    )  # fmt: skip
    office.get(address).send({"reason": "平台更正"}, do="restore")
    five.are(
        **STANDS, told=["record-restored", "verdict-changed", "certificate-issued"],
        logged=[("learning.restore", "office", "平台更正"), ("certification.issue", "platform", "")],
    )  # fmt: skip


def a_result_is_overturned_and_set_again(world, stage, five):
    result = Result.objects.get(point="A3", overturned_at__isnull=True)
    office = stage.as_(world.office.name, "office")
    page = office.get(f"/results/{oid(result)}/").send({"level": "fail", "reason": "抽查不符"}, do="look")
    page = page.send(do="overturn")
    five.are(
        hours=WHOLE | {"evidence": 450}, standing="in-progress", certificate="result-overturned",
        told=["result-overturned", "verdict-changed", "certificate-revoked"],
        logged=[("assessment.overturn", "office", "抽查不符"), ("certification.revoke", "platform", "")],
    )  # fmt: skip
    office.get(page.url).send({"reason": "复核属实"}, do="look").send(do="overturn")
    five.are(
        **STANDS, told=["result-overturned", "verdict-changed", "certificate-issued"],
        logged=[("assessment.overturn", "office", "复核属实"), ("certification.issue", "platform", "")],
    )  # fmt: skip


def two_records_of_one_person_are_merged_and_parted(world, stage, five):
    twin = Person.objects.exclude(pk=world.teacher.person).get(name=world.teacher.name)
    one, two = (oid(pk, "organisations.person") for pk in (world.teacher.person, twin.pk))
    office = stage.as_(world.office.name, "office")
    page = office.get(f"/units/people/{one}/merge/{two}/").send({"kept": one, "reason": "同一人"}, do="look")
    page = page.send(do="apply")
    five.are(
        **STANDS | {"hours": WHOLE | {"online": 990}}, told=["records-merged"],
        logged=[("organisations.merge_people", "office", "同一人")],
    )  # fmt: skip
    page = office.get(office.get(page.url).link(address="/units/merges/"))
    page.send({"reason": "并非同一人"}, do="look").send(do="apply")
    five.are(**STANDS, told=["records-parted"], logged=[("organisations.unmerge_people", "office", "并非同一人")])
    assert told(twin.pk, "records-parted") == 1


def a_certificate_is_revoked_and_issued_again(world, stage, five):
    first = in_force().get()
    address = f"/certificates/{oid(first)}/"
    office = stage.as_(world.office.name, "office")
    office.get(address).send({"revoke-because": "issued-in-error", "revoke-reason": "姓名待核"}, action="/revoke/")
    five.are(
        **STANDS | {"certificate": "issued-in-error"}, told=["certificate-revoked"],
        logged=[("certification.revoke", "office", "姓名待核")],
    )  # fmt: skip
    office.get(address).send({"reissue-because": "wrong-details", "reissue-reason": "核对无误"}, action="/reissue/")
    five.are(**STANDS, told=["certificate-issued"], logged=[("certification.issue", "office", "核对无误")])
    assert in_force().get().replaces_id == first.pk


def test_a_year_and_every_way_back(world, stage, plan):
    five = Five(world, stage)
    a_plan_is_filed_by_mistake(world, stage, plan, five)
    all_but_one_point(world, stage)
    evidence_comes_back_with_advice_and_goes_in_again(world, stage, five)
    the_certificate_can_be_printed(world, stage)
    a_record_is_voided_and_restored(world, stage, five)
    a_result_is_overturned_and_set_again(world, stage, five)
    two_records_of_one_person_are_merged_and_parted(world, stage, five)
    a_certificate_is_revoked_and_issued_again(world, stage, five)
