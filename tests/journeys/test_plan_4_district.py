"""One teacher's year under plan P4 through the doors, from the choice to the certificate, and every way back once.

Pages are fetched and their forms sent by the demonstration's own visitor, hours come through the API, the worker settles
between the steps. After each decision and each way back: hours, standing, certificate, message, log.
"""

from datetime import datetime
from functools import cache
from types import SimpleNamespace

import httpx
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.district import enrol_nine_year, start_p4
from tests.planning.plans import approve
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.assessment.actions import overturn_result
from weineng.assessment.models import Result
from weineng.audit.models import Line
from weineng.certification.models import Certificate
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import issue_api_key
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.ops.demo import handing_in
from weineng.ops.demo.cast import NINE_YEAR
from weineng.ops.demo.visitor import Visitor
from weineng.ops.loops import run_once
from weineng.organisations.actions import enter_person, merge_people, unmerge_people
from weineng.organisations.rules import Number, Post
from weineng.progress.models import Standing
from weineng.web.shell.addresses import oid

POINTS = ("A4", "B1", "A3")


class Stage:
    """The demonstration's stage in a test: visitors are signed in already and call the platform in this process."""

    def __init__(self, world, set_clock):
        self.world, self.set_clock, self.visitors = world, set_clock, {}

    def as_(self, name, role=""):
        if (name, role) not in self.visitors:
            member = next(one for one in self.world.everybody if one.name == name)
            post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
            visitor = Visitor("http://testserver", name, name)
            visitor.http = http_client()
            cookie = client_of(member, post).cookies[settings.SESSION_COOKIE_NAME].value
            visitor.http.cookies.set(settings.SESSION_COOKIE_NAME, cookie, domain="testserver.local")
            self.visitors[name, role] = visitor
        return self.visitors[name, role]

    def forward(self, text):
        self.visitors.clear()
        self.set_clock(datetime.fromisoformat(text).replace(tzinfo=CIVIL))

    def settle(self):
        run_once()


platform = cache(WSGIHandler)


def http_client():
    transport = httpx.WSGITransport(app=platform())
    return httpx.Client(transport=transport, base_url="http://testserver", follow_redirects=True)


def cast(member, place):
    """Somebody of the world as the demonstration's scenes know people."""
    return SimpleNamespace(name=member.name, school=NINE_YEAR, stage="初中", subject="数学", place=place)


@pytest.fixture
def one_connection():
    """Requests leave the test's connection (and transaction) alone, as Django's own test client sees to."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def stage(world, set_clock, one_connection):
    stage = Stage(world, set_clock)
    stage.forward("2026-01-05T09:00")
    return stage


@pytest.fixture
def enrolment(world, stage):
    """The school's plan is approved, the teacher is enrolled."""
    p4 = start_p4(world)
    enrolled = enrol_nine_year(world, p4)[world.teacher.person]
    stage.forward("2026-03-02T09:00")
    dimensions = ("learner-analysis", "teaching-design")
    approve(world, p4, world.nine_year, world.cio, dimensions=dimensions, points=POINTS)
    return enrolled


def online(world, stage, periods):
    """So many periods of online courses, two a day, delivered by the platform."""
    stage.forward("2026-04-20T09:00")
    _key, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="主服务器", scopes=["records.write"]
    )
    rows = [
        {
            "id": f"r-{day}", "person_type": "id-card", "person_number": world.teacher.number, "mode": "online", "course": f"K{day}",
            "title": "信息化教学设计", "starts_at": f"2026-03-{day:02}T19:00:00+08:00", "ends_at": f"2026-03-{day:02}T20:30:00+08:00",
            "minutes": 90,
        }
        for day in range(3, 3 + periods // 2)
    ]  # fmt: skip
    answer = http_client().post(
        "/api/v1/providers/qingyun/records", json={"records": rows}, headers={"Authorization": f"Bearer {plain}"}
    )
    assert [row["status"] for row in answer.json()["results"]] == ["created"] * len(rows)


def research(world, stage):
    """One long day of school-based research: signed in by word, minuted, closed."""
    stage.forward("2026-04-22T15:00")
    leader = stage.as_(world.leader.name, "group-leader")
    page = leader.get(f"/sessions/plan/{oid(world.maths, 'organisations.unit')}/").send(
        {
            "title": "磨课", "kind": "school-research", "form": "lesson-study", "day": "2026-04-22", "starts": "08:00",
            "ends": "17:00", "duration": "450",
        },
        holds="duration",
    )  # fmt: skip
    address = page.url
    word = page.send(do="open").html.partition('class="wall-word">')[2][:6]
    stage.as_(world.teacher.name).get(f"{address}sign-in/").send({"code": word}, holds="code")
    page = leader.get(address).send({"minutes_text": "听课、评课、改进。"}, do="minutes")
    page.send({"title": "课例一份"}, do="product")
    stage.forward("2026-04-22T18:00")
    stage.as_(world.leader.name, "group-leader").get(address).send(do="close")
    stage.settle()


def look(stage, members, returns=False):
    """These people work off what waits for them; how many dossiers each finished."""
    return [handing_in.review(stage, cast(one, place), returns=returns) for place, one in members]


def reviews(world, stage):
    """Self, peers, panel; where two differ the third."""
    stage.settle()
    look(stage, [(1, world.teacher)])
    stage.settle()
    look(stage, [(1, world.colleague), (2, world.leader), (3, world.two_posts)])
    stage.settle()
    for _round in range(3):
        look(stage, [(place, one) for place, one in enumerate(world.panel, 1)])
        stage.settle()


def standing(enrolment, demand="overall"):
    row = Standing.objects.get(enrolment=enrolment, demand=demand)
    return row.verdict if demand == "overall" else row.have


def in_force():
    return Certificate.objects.filter(revoked_at__isnull=True)


def told(world, event):
    return Message.objects.filter(event=event, person=world.teacher.person).count()


def logged(verb):
    return Line.objects.filter(verb=verb).count()


@pytest.fixture
def passed(world, stage, enrolment):
    """Choice, hours, evidence with one return, recording, reviews: the whole way."""
    page = stage.as_(world.teacher.name).get("/points/")
    page.send({"points": POINTS}, holds="points", stay=True)
    online(world, stage, 20)
    research(world, stage)
    stage.forward("2026-05-11T09:00")
    teacher = cast(world.teacher, 1)
    for number in range(3):
        handing_in.hand_in(stage, teacher, number)
    handing_in.record_lesson(stage, teacher)
    reviews(world, stage)
    return enrolment


def a_year_ends_with_a_certificate(world, stage, passed):
    assert (standing(passed, "online"), standing(passed, "research"), standing(passed, "evidence")) == (900, 450, 675)
    assert standing(passed, "recording") == 225
    assert standing(passed) in ("pass", "excellent")
    certificate = in_force().get()
    assert certificate.person_id == world.teacher.person
    assert told(world, "certificate-issued") == 1
    mine = stage.as_(world.teacher.name).get("/certificates/")
    assert certificate.number in mine.text
    paper = stage.as_(world.teacher.name).http.get(f"/certificates/{oid(certificate)}/pdf/")
    assert paper.content[:5] == b"%PDF-"
    assert Submission.objects.filter(state="decided").count() == 4


def a_record_is_voided_and_restored(world, stage, passed):
    record = Record.objects.filter(mode="online").earliest("pk")
    address = f"/learning/{oid(record)}/"
    office = stage.as_(world.office.name, "office")
    office.get(address).send({"reason": "平台误报"}, do="void")
    stage.settle()
    assert standing(passed, "online") == 810
    assert standing(passed) not in ("pass", "excellent")
    assert not in_force().exists()
    assert told(world, "certificate-revoked") == 1
    assert logged("learning.void") == 1
    office.get(address).send({"reason": "平台更正"}, do="restore")
    stage.settle()
    assert standing(passed, "online") == 900
    assert standing(passed) in ("pass", "excellent")
    assert in_force().count() == 1
    assert logged("learning.restore") == 1


def a_result_is_overturned_and_set_again(world, stage, passed):
    before, verdict = Result.objects.get(point="A3", overturned_at__isnull=True), standing(passed)
    overturn_result(by=world.office.actor, result=before.pk, level="fail", reason="抽查不符")
    stage.settle()
    assert standing(passed, "evidence") == 450
    assert standing(passed) not in ("pass", "excellent")
    assert not in_force().exists()
    again = Result.objects.get(point="A3", overturned_at__isnull=True)
    overturn_result(by=world.office.actor, result=again.pk, level=before.level, reason="复核属实")
    stage.settle()
    assert (standing(passed, "evidence"), standing(passed)) == (675, verdict)
    assert in_force().count() == 1
    assert logged("assessment.overturn") == 2


def a_certificate_is_revoked_and_issued_again(world, stage, passed):
    first = in_force().get()
    office = stage.as_(world.office.name, "office")
    page = office.get(f"/certificates/{oid(first)}/")
    page.send({"revoke-because": "issued-in-error", "revoke-reason": "姓名待核"}, action="/revoke/")
    stage.settle()
    assert not in_force().exists()
    assert standing(passed) in ("pass", "excellent")
    page = office.get(f"/certificates/{oid(first)}/")
    page.send({"reissue-because": "wrong-details", "reissue-reason": "核对无误"}, action="/reissue/")
    second = in_force().get()
    assert (second.replaces_id, second.person_id) == (first.pk, world.teacher.person)
    by_hand = Line.objects.filter(verb__startswith="certification.", person=world.office.person).order_by("pk")
    assert list(by_hand.values_list("verb", flat=True)) == ["certification.revoke", "certification.issue"]


def two_records_of_one_person_are_merged_and_parted(world, stage, passed):
    verdict = standing(passed)
    twin = enter_person(
        by=world.office.actor, name=world.teacher.name, post=Post(world.play, subject="学前综合"),
        numbers=[Number("passport", "XX5062168")],
    )  # fmt: skip
    merge = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="同一人")
    stage.settle()
    assert (standing(passed), in_force().count()) == (verdict, 1)
    unmerge_people(by=world.office.actor, merge=merge.pk, reason="并非同一人")
    stage.settle()
    assert (standing(passed), in_force().count()) == (verdict, 1)
    twin.refresh_from_db()
    assert twin.merged_into_id is None
    assert (logged("organisations.merge_people"), logged("organisations.unmerge_people")) == (1, 1)


def test_a_year_and_every_way_back(world, stage, passed):
    a_year_ends_with_a_certificate(world, stage, passed)
    a_record_is_voided_and_restored(world, stage, passed)
    a_result_is_overturned_and_set_again(world, stage, passed)
    two_records_of_one_person_are_merged_and_parted(world, stage, passed)
    a_certificate_is_revoked_and_issued_again(world, stage, passed)


def test_evidence_comes_back_with_advice_and_goes_in_again(world, stage, enrolment):
    page = stage.as_(world.teacher.name).get("/points/")
    page.send({"points": POINTS}, holds="points", stay=True)
    teacher = cast(world.teacher, 1)
    handing_in.hand_in(stage, teacher, 0)
    stage.settle()
    look(stage, [(1, world.teacher)])
    stage.settle()
    look(stage, [(1, world.colleague), (2, world.leader), (3, world.two_posts)])
    stage.settle()
    reviewer = next(one for one in world.panel if "/next/" in stage.as_(one.name).get("/review/").html)
    page = stage.as_(reviewer.name).get("/review/").send(action="/next/")
    page.send({"advice": "请补充时间安排。"}, do="return")
    row = Submission.objects.get()
    assert (row.state, told(world, "evidence-returned")) == ("returned", 1)
    visitor = stage.as_(world.teacher.name)
    page = visitor.get(f"/evidence/{oid(row)}/")
    assert "请补充时间安排。" in page.text
    handing_in.send_up(
        visitor,
        f"evidence.item:{oid(row.items.filter(version=row.version).earliest('seq'))}",
        "补充.pdf",
        handing_in.paper("补充"),
    )
    handing_in.consent(visitor.get(page.url))
    row.refresh_from_db()
    assert (row.state, row.version) == ("submitted", 2)
    reviews(world, stage)
    row.refresh_from_db()
    assert row.state == "decided"
    assert Result.objects.get().point == "A4"
