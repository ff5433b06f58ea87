"""Awarded when earned, revoked when not, replaced when changed; a second run writes nothing."""

from datetime import date

import pytest

from tests.certification.conftest import SETTLE
from weineng.audit.models import Line
from weineng.certification.actions import award_due, awarding
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.organisations.models import Person
from weineng.programmes.models import Enrolment


def facts():
    return (
        list(Certificate.objects.order_by("pk").values()), Line.objects.count(), Message.objects.order_by("pk").count(),
    )  # fmt: skip


def test_whoever_passed_gets_a_certificate_that_says_what_was_done(certificate, world, scene):
    claim = verified(certificate).claim
    assert (claim.name, claim.identity, claim.school) == (
        world.teacher.name,
        f"****{world.teacher.number[-4:]}",
        "锦霖区白石镇九年一贯制学校",
    )
    assert (claim.level, claim.periods, claim.issuer, claim.issued_on) == ("pass", "50.0", "岷岭省", date(2026, 11, 2))
    assert [(p.code, p.level, p.title["zh-hans"] != "") for p in claim.points] == [
        ("A1", "pass", True), ("A3", "pass", True), ("A5", "pass", True),
    ]  # fmt: skip
    assert (claim.programme, claim.version, claim.kind) == ("p4-district", 1, "programme")
    assert claim.title["en"] == "Certificate of the ICT capability enhancement project 2.0"
    assert (certificate.person_id, certificate.school_id) == (world.teacher.person, world.nine_year)
    told = Message.objects.get(event="certificate-issued")
    assert (told.person, told.params) == (world.teacher.person, {"number": certificate.number})
    line = Line.objects.get(verb="certification.issue")
    assert (line.thing, line.subject, line.door) == (certificate.pk, world.teacher.person, "settle")


def test_a_second_run_writes_nothing(certificate):
    before = facts()
    assert award_due(by=SETTLE) == 0
    assert facts() == before


def test_who_has_not_passed_gets_none(scene, world):
    short = scene.enrol(world.colleague.person)
    scene.choose(short, ["A1", "A3", "A5"])
    scene.hours(short, 900)
    scene.recount(short)
    assert award_due(by=SETTLE) == 0
    assert Certificate.objects.count() == 0


def test_an_enrolment_that_waits_for_its_recount_waits_for_its_certificate(scene, world, passed):
    from weineng.programmes.effects import touch

    touch(enrolments=[passed])
    assert award_due(by=SETTLE) == 0
    scene.recount(passed)
    assert award_due(by=SETTLE) == 1


def test_no_round_issues_more_than_it_may(scene, passed, world, monkeypatch):
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    monkeypatch.setattr(awarding, "MOST_RECENT", 1)
    assert award_due(by=SETTLE, recent=True) == 1
    assert Certificate.objects.count() == 1
    Certificate.objects.all().delete()
    monkeypatch.setattr(awarding, "MOST", 1)
    monkeypatch.setattr(awarding, "MOST_RECENT", 2)
    assert [award_due(by=SETTLE) for _round in range(3)] == [1, 1, 0]


def test_a_changed_level_replaces_the_certificate(scene, passed, certificate):
    for point in ("A1", "A3"):
        scene.result(passed, point, "excellent", decided="2026-06-01 10:00")
    scene.recount(passed)
    assert award_due(by=SETTLE) == 2
    old, new = Certificate.objects.order_by("pk")
    assert (old.pk, old.revoked_because, new.replaces_id, new.level) == (
        certificate.pk, "level-changed", old.pk, "excellent",
    )  # fmt: skip
    assert verified(old).state == "replaced"
    assert verified(old).successor == (new.number, new.code)
    assert [p.level for p in verified(new).claim.points] == ["excellent", "excellent", "pass"]
    assert award_due(by=SETTLE) == 0


def test_voided_hours_take_it_and_give_it_back(scene, passed, certificate, world):
    from weineng.learning.models import Record

    record = Record.objects.filter(person=world.teacher.person, mode="online").order_by("pk").first()
    void = scene.void(record)
    Record.objects.filter(pk=void.pk).update(arrived_at=certificate.issued_at)
    scene.recount(passed)
    assert award_due(by=SETTLE) == 1
    certificate.refresh_from_db()
    assert (certificate.revoked_because, verified(certificate).state) == ("hours-voided", "revoked")
    told = Message.objects.filter(event="certificate-revoked").order_by("person").values_list("person", flat=True)
    assert list(told) == sorted([world.teacher.person, world.cio.person])
    assert award_due(by=SETTLE) == 0
    Record.objects.filter(pk=void.pk).delete()
    scene.recount(passed)
    assert award_due(by=SETTLE) == 1
    assert Certificate.objects.get(revoked_at__isnull=True).replaces_id == certificate.pk


def test_an_overturned_result_is_named(scene, passed, certificate):
    from weineng.assessment.models import Result

    Result.objects.filter(enrolment=passed, point="A1").update(overturned_at=certificate.issued_at)
    scene.recount(passed)
    assert award_due(by=SETTLE) == 1
    certificate.refresh_from_db()
    assert certificate.revoked_because == "result-overturned"


def test_who_leaves_keeps_it(scene, passed, certificate):
    Enrolment.objects.filter(pk=passed).update(left_on=date(2026, 11, 1), left_reason="retired")
    scene.recount(passed)
    assert award_due(by=SETTLE) == 0


@pytest.fixture
def merged(scene, passed, certificate, world):
    """The teacher's record turns out to be a second one of the colleague; both had passed."""
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    assert award_due(by=SETTLE) == 1
    Person.objects.filter(pk=world.teacher.person).update(merged_into=world.colleague.person)
    scene.recount(passed, other)
    assert award_due(by=SETTLE) == 1
    return other


def test_a_merge_leaves_one_certificate(merged, certificate, world):
    certificate.refresh_from_db()
    kept = Certificate.objects.get(enrolment=merged)
    assert (certificate.revoked_because, kept.revoked_at) == ("person-merged", None)
    assert verified(certificate).successor == (kept.number, kept.code)
    told = Message.objects.filter(event="certificate-revoked").values_list("person", flat=True)
    assert set(told) == {world.colleague.person, world.cio.person}  # the one who stands for both


@pytest.mark.slow
def test_the_merge_undone_gives_each_their_own(merged, scene, passed, certificate, world):
    Person.objects.filter(pk=world.teacher.person).update(merged_into=None)
    scene.recount(passed, merged)
    assert award_due(by=SETTLE) == 1
    again = Certificate.objects.get(enrolment=passed, revoked_at__isnull=True)
    assert (again.replaces_id, again.person_id) == (certificate.pk, world.teacher.person)
    assert award_due(by=SETTLE) == 0


def test_a_merge_into_somebody_without_an_enrolment_changes_the_name(scene, passed, certificate, world):
    Person.objects.filter(pk=world.teacher.person).update(merged_into=world.colleague.person)
    scene.recount(passed)
    assert award_due(by=SETTLE) == 2
    new = Certificate.objects.select_related("key").get(revoked_at__isnull=True)
    assert (new.person_id, verified(new).claim.name, new.replaces_id) == (
        world.colleague.person, world.colleague.name, certificate.pk,
    )  # fmt: skip


def test_the_quick_look_finds_what_changed_and_leaves_the_rest_to_the_whole_comparison(
    scene, passed, world, monkeypatch
):
    assert award_due(by=SETTLE, recent=True) == 1
    for point in ("A1", "A3"):
        scene.result(passed, point, "excellent", decided="2026-06-01 10:00")
    scene.recount(passed)
    assert award_due(by=SETTLE, recent=True) == 2
    monkeypatch.setattr("weineng.certification.measures.RECENT", 0)
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    assert award_due(by=SETTLE, recent=True) == 0
    assert award_due(by=SETTLE) == 1


def test_only_the_platform_awards(world, passed):
    for who in (world.office, world.cio, world.teacher):
        with pytest.raises(Refused) as refusal:
            award_due(by=who.actor)
        assert refusal.value.code == "platform-only"


def test_a_point_gets_a_certificate_of_its_own_once_everything_is_passed(world, set_clock, p4):
    from dataclasses import replace
    from datetime import datetime

    from tests.progress.scene import ZONE, Scene
    from weineng.programmes.rules import CertificateRule
    from weineng.standards.actions import load_edition
    from weineng.standards.rules import EDITIONS

    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    load_edition(by=platform("test"), folder=EDITIONS / "ecnu-2019-unofficial")
    rule = CertificateRule("point", "point", "county", {"en": "Point"}, ("pass", "excellent"))
    scene = Scene(replace(p4, certificates=(rule,)), owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(world.teacher.person)
    scene.choose(enrolment, ["A1", "A3", "A5"])
    scene.result(enrolment, "A1")
    scene.recount(enrolment)
    assert award_due(by=SETTLE) == 0
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.result(other, "B2", "excellent")  # passed, though not chosen (semantics 16)
    scene.recount(other)
    assert award_due(by=SETTLE) == 4
    rows = Certificate.objects.select_related("key").order_by("point")
    assert [(row.point, row.level, row.enrolment_id) for row in rows] == [
        ("A1", "pass", other), ("A3", "pass", other), ("A5", "pass", other), ("B2", "excellent", other),
    ]  # fmt: skip
    assert {verified(row).claim.issuer for row in rows} == {"锦霖区"}
