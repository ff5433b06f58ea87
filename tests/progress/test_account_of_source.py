"""What the programmes made of what a platform delivered: every minute once, counted or with its reason."""

from datetime import date

import pytest

from tests.progress.scene import plan
from weineng.kernel.refusals import Refused
from weineng.learning.models import Provider
from weineng.organisations.actions import merge_people
from weineng.progress.models import Counted
from weineng.progress.queries import account_of_source
from weineng.progress.reasons import LINE_REASONS

SINCE, UNTIL = date(2026, 3, 1), date(2026, 3, 31)


def told(world, since=SINCE, until=UNTIL, by=None):
    accounts = account_of_source(by or world.provider, "qingyun", since, until)
    return [
        (
            one.programme.code, one.minutes, [(line.kind, line.records, line.people, line.minutes) for line in one.counted],
            [(line.kind, line.reason, line.records, line.people, line.minutes) for line in one.left_out],
        )
        for one in accounts
    ]  # fmt: skip


@pytest.fixture
def delivered(world, scene):
    """Of three teachers: what counts, twice the same, a void one, one of no kind, one of another platform, one too early to ask for."""
    one, two = scene.enrol(name="one"), scene.enrol(name="two")
    scene.record(one, 60, "2026-03-02 08:00", source="qingyun", number="a")
    scene.record(one, 60, "2026-03-02 08:00", source="qingyun", number="b")
    scene.void(scene.record(one, 30, "2026-03-03 08:00", source="qingyun"))
    scene.record(two, 45, "2026-03-31 08:00", source="qingyun", course="D")
    scene.record(two, 90, "2026-03-05 08:00", source="qingyun", mode="face-to-face", course="E")
    scene.record(two, 40, "2026-03-06 08:00", source="yun", course="F")
    scene.record(two, 20, "2026-02-28 08:00", source="qingyun", course="G")
    scene.recount(one, two)
    return one, two


def test_every_minute_is_there_once(world, delivered):
    expected = [
        (
            "p4-district",
            105,
            [("online", 2, 2, 105)],
            [("", "no-kind", 1, 1, 90), ("online", "duplicate-of", 1, 1, 60), ("online", "voided", 1, 1, 30)],
        )
    ]
    assert told(world) == expected
    assert told(world, by=world.office.actor) == expected
    assert told(world, date(2026, 2, 28), date(2026, 2, 28)) == [("p4-district", 20, [("online", 1, 1, 20)], [])]
    assert told(world, date(2026, 3, 31), date(2026, 3, 31)) == [("p4-district", 45, [("online", 1, 1, 45)], [])]


def test_each_programme_has_its_account_and_says_it_in_words(world, scene, delivered):
    other = type(scene)(
        plan("p2-province"), owner=world.district, leaf=world.maths, school=world.nine_year, code="p2-province"
    )
    twice = other.enrol(person=scene.person(delivered[1]))
    other.recount(twice)
    accounts = account_of_source(world.provider, "qingyun", SINCE, UNTIL)
    assert [one.programme.code for one in accounts] == ["p2-province", "p4-district"]
    sums = {one.programme.code: sum(line.minutes for line in (*one.counted, *one.left_out)) for one in accounts}
    assert sums == {"p2-province": 135, "p4-district": 285}
    for line in accounts[1].left_out:
        assert line.text == str(LINE_REASONS[line.reason])


def test_records_follow_people_who_were_made_one(world, scene, delivered):
    one, two = (scene.person(enrolment) for enrolment in delivered)
    before = sum(row.minutes for row in Counted.objects.filter(event_on__gte=SINCE))
    merge_people(by=world.office.actor, kept=two, gone=one, reason="同一人")
    scene.recount(*delivered)
    ((_code, minutes, counted, left_out),) = told(world)
    assert minutes + sum(line[-1] for line in left_out) == before - 40  # that of the other platform
    assert {line[2] for line in counted} == {1}


def test_whose_account_it_is(world, delivered):
    Provider.objects.create(
        code="other",
        name="别的平台",
        owner_id=world.sibling,
        created_at=Provider.objects.get(code="qingyun").created_at,
    )
    for by, code in (
        (world.wu.actor, "qingyun"),
        (world.cio.actor, "qingyun"),
        (world.provider, "other"),
        (world.office.actor, "other"),
    ):
        with pytest.raises(Refused) as refusal:
            account_of_source(by, code, SINCE, UNTIL)
        assert refusal.value.code == "not-found"
    for since, until in ((UNTIL, SINCE), (date(2025, 1, 1), UNTIL)):
        with pytest.raises(Refused) as refusal:
            account_of_source(world.provider, "qingyun", since, until)
        assert refusal.value.code == "days-out-of-range"
