"""The look at a proposed change says exactly what then happens: who changes verdict, which demands, which certificates."""

from datetime import datetime

import pytest

from tests.district import SOURCE, second_office
from tests.insight.sheets import refusal_of
from tests.progress.scene import ZONE, Scene, plan
from tests.settling import run_once
from tests.standard import load_standard
from weineng.audit.models import Line
from weineng.certification.models import Certificate
from weineng.insight.actions import preview_versions, previewing
from weineng.kernel.actors import platform
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.programmes.actions import (
    confirm_version,
    look_again,
    propose_former,
    propose_version,
    withdraw_version,
)
from weineng.programmes.models import Enrolment, Previewed, PreviewedSchool, Proposal
from weineng.progress.models import Standing, StandingHistory

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=ZONE)
LOOK, ONLINE = platform("look"), "      value: 20\n"
TIGHTER = SOURCE.replace(ONLINE, "      value: 22\n")
DEEPER = """  - {code: deeper, type: minutes, kinds: [online], periods: 21, title: {zh-hans: 深, zh-hant: 深, en: Deeper}}

levels:
"""
POINT_PAPER = """    when: [pass, excellent]
  - {code: each, kind: point, level: county, when: [pass, excellent], title: {zh-hans: 点, zh-hant: 點, en: Each point}}
"""
PAPER_KEPT = SOURCE.replace("    when: [pass, excellent]\n", "    when: [excellent]\n")
CHANGES = {
    "tighter": TIGHTER,
    "looser": SOURCE.replace(ONLINE, "      value: 18\n").replace("periods: 50", "periods: 48"),
    "another demand": SOURCE.replace("\nlevels:\n", DEEPER, 1),
    "excellent later": SOURCE.replace("points_excellent: {value: 2,", "points_excellent: {value: 3,"),
    "a certificate more": SOURCE.replace("    when: [pass, excellent]\n", POINT_PAPER),
    "a certificate for the excellent only": PAPER_KEPT,
    "less a day": SOURCE.replace("      value: 8\n", "      value: 6\n", 1),
}


@pytest.fixture
def refusal():
    return refusal_of


@pytest.fixture
def scene(world, built, set_clock):
    set_clock(NOW)
    return built


@pytest.fixture(scope="module")
def built(once):
    return once(build)


def build(world, set_clock):
    set_clock(NOW)
    load_standard()
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    scene.version.source = SOURCE
    scene.version.save()
    for member, level in ((world.teacher, "pass"), (world.colleague, "excellent")):
        scene.finish(scene.enrol(member.person), level)
    two = scene.enrol(name="two excellent")
    scene.finish(two)
    for point in ("A1", "A3"):
        scene.result(two, point, "excellent", decided="2026-06-01 10:00")
    more = scene.enrol(name="more than enough", leaf=world.chinese)
    scene.finish(more)
    scene.hours(more, 180, course="more", day=datetime(2026, 5, 4).date())
    less = scene.enrol(name="two periods short", leaf=world.chinese)
    scene.finish(less)
    scene.void(scene.record(less, 1, "2026-01-02 08:00"))
    for row in less_hours(less):
        scene.void(row)
    scene.hours(less, 810, course="less", day=datetime(2026, 4, 6).date())
    begun = scene.enrol(world.chinese_teachers[0].person)
    scene.hours(begun, 90)
    scene.enrol(world.leader.person)
    scene.recount(*Enrolment.objects.order_by("pk").values_list("pk", flat=True))
    run_once()
    return scene


def less_hours(enrolment):
    person = Enrolment.objects.values_list("person", flat=True).get(pk=enrolment)
    return list(Record.objects.filter(person=person, mode="online", void_of=None, minutes__gt=1).order_by("pk"))


def standings():
    return {(e, d): v for e, d, v in Standing.objects.order_by("pk").values_list("enrolment", "demand", "verdict")}


def in_force():
    rows = Certificate.objects.filter(revoked_at__isnull=True).order_by("pk")
    return {(c.enrolment_id, c.rule, c.point, c.level, c.pk) for c in rows}


def propose(world, source, **changes):
    call = {"by": world.office.actor, "source": source, "everybody": True, "reason": "省里改了要求"}
    return propose_version(**(call | changes))


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_look_says_is_what_happens(world, scene, change):
    before, papers = standings(), in_force()
    assert len(papers) == 4
    proposal = propose(world, CHANGES[change])
    assert preview_versions(by=LOOK) == 1
    assert (standings(), in_force()) == (before, papers)
    said = {row.enrolment: row for row in Previewed.objects.order_by("enrolment")}
    proposal.refresh_from_db()
    confirm_version(by=second_office(world).actor, proposal=proposal.pk, look=proposal.look_mark)
    run_once()
    after, now = standings(), in_force()
    changed = {e: (before[e, d], v) for (e, d), v in after.items() if d == "overall" and v != before[e, d]}
    assert {e: (row.was, row.becomes) for e, row in said.items() if row.was != row.becomes} == changed
    assert proposal.look["changed"] == len(changed)
    for state, named in (("met", "met"), ("open", "lost")):
        other = {(e, d) for (e, d), v in after.items() if v == state and before.get((e, d)) != state}
        assert {(e, code) for e, row in said.items() for code in getattr(row, named)} == other
    fresh, gone = now - papers, papers - now
    assert sum(row.issued for row in said.values()) == len(fresh)
    assert sum(row.ended for row in said.values()) == len(gone)
    assert {e for e, row in said.items() if row.issued} == {one[0] for one in fresh}
    assert {e for e, row in said.items() if row.ended} == {one[0] for one in gone}
    # and each of these changes does change somebody, or is there to show that it does not
    assert bool(said) == (change != "a certificate for the excellent only")


def test_the_sums_of_a_look_and_its_schools(world, scene):
    proposal = propose(world, TIGHTER)
    preview_versions(by=LOOK)
    proposal.refresh_from_db()
    assert proposal.look == {
        "people": 7, "changed": 3, "verdicts": [["excellent", "in-progress", 2], ["pass", "in-progress", 1]],
        "demands": {"online": [0, 3]}, "schools": 1, "issued": 0, "ended": 3,
    }  # fmt: skip
    school = PreviewedSchool.objects.get()
    assert (school.unit_id, school.verdicts, school.gained, school.fallen, school.ended) == (
        world.nine_year,
        3,
        0,
        3,
        3,
    )
    line = Line.objects.get(verb="insight.preview_version")
    assert (line.thing, line.facts) == (proposal.pk, {"people": 7})


def test_history_stays_and_a_second_change_brings_back_what_was(world, scene):
    second = second_office(world).actor
    past = set(StandingHistory.objects.order_by("pk").values_list("pk", "verdict", "version"))
    before = standings()
    proposal = propose(world, TIGHTER)
    run_once()
    confirm_version(by=second, proposal=proposal.pk, look=Proposal.objects.get().look_mark)
    run_once()
    assert past <= set(StandingHistory.objects.order_by("pk").values_list("pk", "verdict", "version"))
    assert {*Enrolment.objects.values_list("version__number", flat=True)} == {2}
    back = propose_former(by=world.office.actor, programme=scene.programme.pk, version=1, everybody=True, reason="收回")
    run_once()
    confirm_version(by=second, proposal=back.pk, look=Proposal.objects.get(pk=back.pk).look_mark)
    run_once()
    assert standings() == before
    assert {*Enrolment.objects.values_list("version__number", flat=True)} == {3}
    assert Previewed.objects.count() == PreviewedSchool.objects.count() == 0


def test_new_enrolments_only_leaves_everybody_where_they_are(world, scene):
    before, papers = standings(), in_force()
    proposal = propose(world, TIGHTER, everybody=False)
    run_once()
    proposal.refresh_from_db()
    assert (proposal.look["people"], proposal.look["changed"]) == (0, 0)
    confirm_version(by=second_office(world).actor, proposal=proposal.pk, look=proposal.look_mark)
    run_once()
    assert (standings(), in_force()) == (before, papers)
    assert {*Enrolment.objects.values_list("version__number", flat=True)} == {1}


def test_a_look_that_facts_have_overtaken_is_not_confirmed(world, scene, refusal):
    second = second_office(world).actor
    proposal = propose(world, TIGHTER)
    assert refusal(confirm_version, by=second, proposal=proposal.pk, look="") == "look-missing"
    run_once()
    mark = Proposal.objects.get().look_mark
    assert refusal(confirm_version, by=second, proposal=proposal.pk, look="another") == "stale-look"
    begun = Enrolment.objects.get(person=world.chinese_teachers[0].person).pk
    scene.hours(begun, 45, day=datetime(2026, 5, 5).date())
    scene.recount(begun)
    assert refusal(confirm_version, by=second, proposal=proposal.pk, look=mark) == "stale-look"
    look_again(by=second, proposal=proposal.pk)
    assert refusal(confirm_version, by=second, proposal=proposal.pk, look=mark) == "look-missing"
    run_once()
    mark = Proposal.objects.get().look_mark
    assert confirm_version(by=second, proposal=proposal.pk, look=mark).state == "confirmed"


def test_a_look_of_another_day_is_not_confirmed(world, scene, set_clock, refusal):
    proposal = propose(world, TIGHTER)
    run_once()
    mark = Proposal.objects.get().look_mark
    set_clock(datetime(2026, 11, 3, 9, 0, tzinfo=ZONE))
    second = second_office(world).actor
    assert refusal(confirm_version, by=second, proposal=proposal.pk, look=mark) == "stale-look"


def test_those_concerned_are_told_once(world, scene):
    second = second_office(world)
    proposal = propose(world, TIGHTER)
    run_once()
    Message.objects.all().delete()
    confirm_version(by=second.actor, proposal=proposal.pk, look=Proposal.objects.get().look_mark)
    run_once()
    told = list(Message.objects.order_by("event", "person").values_list("event", "person"))
    fallen = sorted(Enrolment.objects.filter(certificates__revoked_at__isnull=False).values_list("person", flat=True))
    assert [person for event, person in told if event == "verdict-changed"] == fallen
    heads = sorted([world.cio.person, world.principal.person])
    assert [person for event, person in told if event == "version-applied"] == heads
    assert [person for event, person in told if event == "version-confirmed"] == [world.office.person]
    assert Message.objects.filter(event="version-applied").first().params["count"] == 3


def test_a_look_whose_change_was_withdrawn_meanwhile_leaves_nothing(world, scene, monkeypatch):
    proposal = propose(world, TIGHTER)

    def measured(row):
        withdraw_version(by=world.office.actor, proposal=row.pk)
        return measure(row)

    measure = previewing._measure
    monkeypatch.setattr(previewing, "_measure", measured)
    assert preview_versions(by=LOOK) == 1
    assert (Previewed.objects.count(), PreviewedSchool.objects.count()) == (0, 0)
    assert Proposal.objects.get(pk=proposal.pk).look == {}
    assert preview_versions(by=LOOK) == 0
