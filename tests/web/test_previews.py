"""What a change of posts or units would bring about is shown beforehand, for today and for a day in the past: then it happens."""

import re
from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from tests.certification.conftest import certificate, p4, passed, scene  # noqa: F401 (somebody who has passed)
from tests.settling import run_once
from tests.web.test_merge_pages import everything, text, visit  # noqa: F401 (looking at a page as one of the cast)
from weineng.kernel.actors import platform
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.learning.models import Record
from weineng.organisations.actions import (
    close_unit,
    end_posting,
    enter_person,
    found_unit,
    merge_people,
    move_unit,
    transfer_person,
)
from weineng.organisations.models import Person, Posting, Unit
from weineng.organisations.reach import units_below
from weineng.organisations.rules import Post
from weineng.programmes.effects import touch
from weineng.programmes.models import Touched
from weineng.progress.actions import compare_with_recount, recount
from weineng.progress.models import Standing
from weineng.progress.queries import figures_of
from weineng.web.shell import following
from weineng.web.shell.addresses import oid
from weineng.web.shell.following import what_follows

pytestmark = pytest.mark.slow

PAST = date(2026, 4, 1)


def figures(world, *days):
    """(unit, day) → figures, of every unit below the city that the office sees figures of."""
    programme = Standing.objects.order_by("pk").values_list("programme", flat=True).first()
    names = dict(units_below({world.district}).order_by("pk").values_list("pk", "name"))
    return {(names[unit], day): row for day in days for unit, row in figures_of(programme, list(names), day).items()}


def places():
    """Unit → how many records lie there."""
    found = {}
    for name in Record.objects.filter(unit__isnull=False).order_by("pk").values_list("unit__name", flat=True):
        found[name] = found.get(name, 0) + 1
    return found


def standings():
    rows = Standing.objects.order_by("enrolment", "demand").select_related("leaf")
    return {(row.enrolment_id, row.demand): (row.have, row.verdict, row.leaf.name, row.leaf_kind) for row in rows}


def happens(world, act, on):
    """Foretell, do, settle; asserts that what was foretold is what is other now, and that a recount agrees. Returns the former."""
    before = everything()
    told = what_follows(world.office.actor, act, on=on)
    assert everything() == before
    summed, lay, stood = figures(world, today(), on), places(), standings()
    act()
    run_once()
    now, lies = figures(world, today(), on), places()
    assert {(f.unit, f.on): (f.before, f.after) for f in told.figures} == {
        key: (summed[key], now[key]) for key in now if key in summed and now[key] != summed[key]
    }
    assert {f.unit: f.records for f in told.lying} == {
        name: (lay.get(name, 0), lies.get(name, 0)) for name in {*lay, *lies} if lay.get(name) != lies.get(name)
    }
    changed = {key[0] for key, row in standings().items() if stood.get(key) != row}
    assert {change.now.enrolment for change in told.stands} == changed
    programme = Standing.objects.order_by("pk").values_list("programme", flat=True).first()
    assert compare_with_recount(by=platform("keep"), programme=programme) == []
    return told


def test_a_transfer_of_long_ago_says_which_figures_and_records_move(world, certificate):  # noqa: F811 (fixture)
    def act():
        transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=PAST)

    told = happens(world, act, PAST)
    assert {(f.unit, f.on, f.before.people, f.after.people) for f in told.figures} >= {
        ("数学教研组", today(), 1, 0), ("学前综合教研组", today(), 0, 1), ("数学教研组", PAST, 1, 0), ("学前综合教研组", PAST, 0, 1),
    }  # fmt: skip
    assert ("锦霖区", today()) not in {(f.unit, f.on) for f in told.figures}
    assert told.certificates == ()


def test_the_end_of_a_post_says_where_somebody_is_counted_then(world, certificate):  # noqa: F811 (fixture)
    post = Posting.objects.get(person=world.teacher.person)
    told = happens(world, lambda: end_posting(by=world.office.actor, posting=post.pk, on=PAST), PAST)
    assert [(c.before.leaf, c.after.leaf) for c in told.stands] == [("数学教研组", "数学教研组，无岗位")]


def test_retirement_says_that_somebody_leaves_and_keeps_the_certificate(world, certificate, visit):  # noqa: F811 (fixtures)
    post = Posting.objects.get(person=world.teacher.person)
    sent = {
        "form": "change", "do": "look", "unit": oid(world.maths, "organisations.unit"), "on": "2026-10-01", "in_post": "retired",
        "stage": "junior", "subject": "数学",
    }  # fmt: skip
    before = everything()
    page = text(visit(world.office, f"/units/posts/{oid(post)}/", sent, "office"))
    assert everything() == before
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('class="after"')[1]))
    assert ("合格 → 已离开" in told, certificate.number in told) == (True, False)


@pytest.mark.parametrize("unit", ["maths", "nine_year"])
def test_a_move_of_long_ago_says_which_figures_move(world, certificate, unit):  # noqa: F811 (fixture)
    moved = getattr(world, unit)
    to = world.kindergarten if unit == "maths" else world.district
    told = happens(world, lambda: move_unit(by=world.office.actor, unit=moved, to=to, on=PAST), PAST)
    name = "锦霖区第一幼儿园" if unit == "maths" else "城区片"
    assert {(f.on, f.before.people, f.after.people) for f in told.figures if f.unit == name} == (
        {(today(), 0, 1), (PAST, 0, 1)} if unit == "maths" else {(today(), 1, 0), (PAST, 1, 0)}
    )


def group_left_by_somebody(world, scene):  # noqa: F811 (fixture)
    """A group whose last member's post has ended: they are still counted there."""
    unit = found_unit(by=world.office.actor, parent=world.nine_year, name="物理教研组", level="group", kind="group")
    member = world.enter("纪明", unit.pk)
    enrolment = scene.enrol(member.person)
    scene.hours(enrolment, 90, day=date(2026, 6, 1))
    scene.recount(enrolment)
    post = Posting.objects.get(person=member.person)
    end_posting(by=world.office.actor, posting=post.pk, on=date(2026, 5, 1))
    run_once()
    return unit


def test_closing_a_unit_says_where_those_are_counted_whose_last_post_was_there(world, scene):  # noqa: F811 (fixture)
    unit = group_left_by_somebody(world, scene)
    told = happens(
        world, lambda: close_unit(by=world.office.actor, unit=unit.pk, on=date(2026, 5, 1)), date(2026, 5, 1)
    )
    assert [(c.before.leaf, c.after.leaf) for c in told.stands] == [
        ("物理教研组，无岗位", "锦霖区白石镇九年一贯制学校，无岗位")
    ]
    assert {f.unit: f.records for f in told.lying} == {"锦霖区白石镇九年一贯制学校": (0, 1), "物理教研组": (1, 0)}


def test_of_too_many_only_the_places_are_told_and_never_that_nothing_follows(world, scene, visit, monkeypatch):  # noqa: F811 (fixtures)
    monkeypatch.setattr(following, "MOST", 0)
    unit = group_left_by_somebody(world, scene)
    before = everything()
    url, summed = f"/units/{oid(unit)}/close/", figures(world, today())
    page = text(visit(world.office, url, {"on": today().isoformat(), "do": "look"}, "office"))
    told = what_follows(
        world.office.actor, lambda: close_unit(by=world.office.actor, unit=unit.pk, on=today()), on=today()
    )
    assert everything() == before
    assert ("没有变化" in page, "未予计算" in page, told.nothing, told.whole) == (False, True, False, False)
    close_unit(by=world.office.actor, unit=unit.pk, on=today())
    run_once()
    now = figures(world, today())
    people = {(f.unit, f.on): (f.before.people, f.after.people) for f in told.figures}
    assert people == {
        key: (summed[key].people, now[key].people) for key in now if key in summed and now[key] != summed[key]
    }
    assert people[("物理教研组", today())] == (1, 0)


def test_a_day_to_come_is_told_with_the_places_of_that_day(world, certificate, visit):  # noqa: F811 (fixtures)
    on = today() + timedelta(days=10)
    url = f"/units/people/{oid(world.teacher.person, 'organisations.person')}/transfer/"
    sent = {"unit": oid(world.play, "organisations.unit"), "on": on.isoformat(), "in_post": "in-post", "do": "look"}
    page = text(visit(world.office, url, sent, "office"))
    assert ("没有变化" in page, "起生效" in page) == (False, True)

    def act():
        transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=on)

    told = what_follows(world.office.actor, act, on=on)
    assert {(f.unit, f.on, f.before.people, f.after.people) for f in told.figures} == {
        (name, on, 1, 0) for name in ("数学教研组", "锦霖区白石镇九年一贯制学校")
    } | {(name, on, 0, 1) for name in ("学前综合教研组", "锦霖区第一幼儿园")}


def test_a_place_outside_ones_reach_is_not_named(world, scene, visit):  # noqa: F811 (fixtures)
    row = enter_person(by=platform("test"), name="林晓岚", post=Post(world.sibling_group), on=date(2025, 9, 1))
    enrolment = scene.enrol(row.pk)
    scene.hours(enrolment, 90, day=PAST)
    transfer_person(by=platform("test"), person=row.pk, post=Post(world.play), on=date(2026, 7, 1))
    run_once()
    assert places() == {"青石数学教研组": 1}

    def act():
        merge_people(by=world.office.actor, kept=world.teacher.person, gone=row.pk, reason="xx")

    told = what_follows(world.office.actor, act)
    assert {change.unit for change in told.lying} == {"数学教研组"}
    seen = what_follows(
        platform("test"), lambda: merge_people(by=platform("test"), kept=world.teacher.person, gone=row.pk, reason="xx")
    )
    assert {change.unit for change in seen.lying} == {"数学教研组", "青石数学教研组"}


def elsewhere(deed):
    """In a connection of its own, committed."""

    def run():
        try:
            deed()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(20)


@pytest.mark.django_db(transaction=True)
def test_what_others_do_during_the_look_is_no_consequence(world, scene):  # noqa: F811 (fixtures)
    enrolment = scene.enrol(world.teacher.person)
    scene.recount(enrolment)
    times = []

    def act():
        times.append(1)
        if len(times) == 2:  # between the two pictures a platform delivers, and another office enters somebody
            elsewhere(lambda: scene.hours(enrolment, 90, day=date(2026, 6, 1)))
        transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(world.play), on=PAST)

    told = what_follows(world.office.actor, act)
    assert [change.demands for change in told.stands] == [[]]
    assert [change.verdicts for change in told.stands] == [("not-begun", "not-begun")]
    assert told.people == 1


def transfer(world, member, to):
    """A transfer of long ago."""
    return lambda: transfer_person(by=world.office.actor, person=member.person, post=Post(to), on=PAST)


@pytest.mark.django_db(transaction=True)
def test_a_look_does_not_wait_for_long(world, scene, monkeypatch):  # noqa: F811 (fixtures)
    monkeypatch.setattr(following, "PAUSE", 0)
    found = []

    def look():
        with pytest.raises(Refused) as refused:
            what_follows(world.office.actor, transfer(world, world.teacher, world.play))
        found.append(refused.value.code)

    with transaction.atomic():
        Person.objects.select_for_update().get(pk=world.teacher.person)  # somebody is at this very person
        elsewhere(look)
    assert found == ["busy"]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_look_but_who_needs_the_same_people(world, scene):  # noqa: F811 (fixtures)
    enrolment, other = scene.enrol(world.teacher.person), scene.enrol(world.vocational_teachers[0].person)
    scene.recount(enrolment, other)
    Touched.objects.all().delete()
    done, times = [], []

    def others():
        """Each of these had to wait for the end of a look: a post, a move and a merge elsewhere, and counting."""
        given = enter_person(by=world.office.actor, name="钟山", post=Post(world.computing), on=PAST)
        done.append(given.name)
        transfer(world, world.vocational_teachers[1], world.computing)()
        merge_people(
            by=world.office.actor,
            kept=world.vocational_teachers[0].person,
            gone=given.pk,
            reason="同一人",
            end_numbers=True,
        )
        done.append("merged")
        touch(enrolments=[other])
        done.append(recount(by=platform("settle")))

    def act():
        times.append(1)
        transfer(world, world.teacher, world.play)()
        if len(times) == 2:  # everybody was counted once, and the person's post is changed
            elsewhere(others)

    what_follows(world.office.actor, act)
    assert (done, len(times)) == (["钟山", "merged", 1], 2)


@pytest.mark.django_db(transaction=True)
def test_a_look_that_others_overtake_begins_again_and_shows_what_stands_then(world, scene):  # noqa: F811 (fixtures)
    enrolment = scene.enrol(world.teacher.person)
    scene.recount(enrolment)
    times = []

    def act():
        times.append(1)
        if len(times) == 2:  # another office transfers the same person between the two pictures
            elsewhere(transfer(world, world.teacher, world.computing))
        transfer(world, world.teacher, world.play)()

    told = what_follows(world.office.actor, act)
    assert len(times) == 4
    assert [(change.before.leaf, change.after.leaf) for change in told.stands] == [("计算机教研组", "学前综合教研组")]


@pytest.mark.django_db(transaction=True)
def test_a_look_of_one_instant_tells_what_the_comparison_before_the_act_tells(world, certificate):  # noqa: F811 (fixtures)
    def act():
        merge_people(
            by=world.office.actor,
            kept=world.colleague.person,
            gone=world.teacher.person,
            reason="同一人",
            end_numbers=True,
        )

    told = what_follows(world.office.actor, act)
    with transaction.atomic():
        compared = what_follows(world.office.actor, act)
    assert told.deeds == compared.deeds
    assert len(told.certificates) > 0


# --- On the pages ----------------------------------------------------------------------------------------------------
def test_the_pages_show_it_and_enter_nothing(world, certificate, visit):  # noqa: F811 (fixtures)
    word = {
        name: oid(getattr(world, name), "organisations.unit") for name in ("play", "district", "nine_year", "maths")
    }
    person, post = oid(world.teacher.person, "organisations.person"), Posting.objects.get(person=world.teacher.person)
    before = everything()
    sent = (
        (f"/units/people/{person}/transfer/", {"unit": word["play"], "on": "2026-04-01", "in_post": "in-post"}),
        (f"/units/posts/{oid(post)}/", {"form": "end", "last_on": "2026-04-01"}),
        (f"/units/{word['nine_year']}/move/", {"to": word["district"], "on": "2026-04-01"}),
    )
    pages = [text(visit(world.office, url, data | {"do": "look"}, "office")) for url, data in sent]
    assert everything() == before
    tables = [re.findall(r'<th scope="row">([^<]+)', page.split('class="after"')[1]) for page in pages]
    assert [("数学教研组" in rows, "城区片" in rows) for rows in tables] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_a_unit_is_closed_only_after_a_look(world, scene, visit):  # noqa: F811 (fixtures)
    unit = found_unit(by=world.office.actor, parent=world.nine_year, name="物理教研组", level="group", kind="group")
    url = f"/units/{oid(unit)}/close/"
    looked = text(visit(world.office, url, {"on": "2026-11-01", "do": "look"}, "office"))
    assert ('value="apply"' in looked, Unit.objects.get(pk=unit.pk).closed_on) == (True, None)
    unseen = {"on": "2026-11-01", "do": "apply"}
    text(visit(world.office, url, unseen, "office"), 422)
    mark = re.search(r'name="shown" value="(\w+)"', looked)[1]
    other_day = text(visit(world.office, url, unseen | {"on": "2026-11-02", "shown": mark}, "office"), 422)
    assert ("与刚才显示的内容不一致" in other_day, Unit.objects.get(pk=unit.pk).closed_on) == (True, None)
    assert visit(world.office, url, unseen | {"shown": mark}, "office").status_code == 302
    assert Unit.objects.get(pk=unit.pk).closed_on == date(2026, 11, 1)


def test_enter_looks_and_only_what_was_shown_is_entered(world, scene, certificate, visit):  # noqa: F811 (fixtures)
    url = f"/units/people/{oid(world.teacher.person, 'organisations.person')}/transfer/"
    sent = {"unit": oid(world.play, "organisations.unit"), "on": "2026-04-01", "in_post": "in-post"}
    entered = Posting.objects.get(person=world.teacher.person)
    empty = text(visit(world.office, url, role="office"))
    assert re.findall(r'name="do" value="(look|apply)"', empty) == ["look"]
    looked = text(visit(world.office, url, sent, "office"))  # Enter, without a button
    assert re.findall(r'name="do" value="(look|apply)"', looked) == ["look", "apply"]
    mark = re.search(r'name="shown" value="(\w+)"', looked)[1]
    apply = sent | {"do": "apply", "shown": mark}
    text(visit(world.office, url, apply | {"on": "2025-10-01"}, "office"), 422)
    enrolment = Standing.objects.filter(enrolment__person=world.teacher.person).order_by("pk").first().enrolment_id
    scene.hours(enrolment, 45, course="since", day=date(2026, 6, 1))  # a record more that would lie elsewhere
    again = text(visit(world.office, url, apply, "office"), 422)
    assert ("与刚才显示的内容不一致" in again, 'class="after"' in again) == (True, True)
    assert list(Posting.objects.filter(person=world.teacher.person)) == [entered]
    mark = re.search(r'name="shown" value="(\w+)"', again)[1]
    assert visit(world.office, url, apply | {"shown": mark}, "office").status_code == 302
    assert Posting.objects.filter(person=world.teacher.person, unit=world.play).count() == 1
