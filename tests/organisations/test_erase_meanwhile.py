"""What happens between asking, confirming and erasing: merges, rosters, and whoever still writes about the person."""

from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from tests.district import enrol_nine_year, second_office, start_p4
from tests.races import race
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.loops import ERASE, run_once
from weineng.organisations.actions import (
    apply_roster,
    ask_erasure,
    confirm_erasure,
    merge_people,
    refuse_erasure,
    unmerge_people,
    withdraw_erasure,
)
from weineng.organisations.models import Erasure, ExternalIdentifier, Person, Posting, Roster
from weineng.organisations.queries import find_people
from weineng.organisations.rules import RosterRow
from weineng.programmes.actions import undo_leave
from weineng.programmes.models import Enrolment
from weineng.web.shell.addresses import oid

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def second(world):
    return second_office(world)


@pytest.fixture
def gone(world):
    return world.unplaced


@pytest.fixture
def other(world):
    """Somebody else who has left."""
    member = world.enter("田宇", world.chinese)
    Posting.objects.filter(person=member.person).update(during=(date(2025, 9, 1), date(2025, 12, 1)))
    return member


def code_of(action, **given):
    with pytest.raises(Refused) as why, transaction.atomic():
        action(**given)
    assert str(why.value)
    return why.value.code


def ask(world, person):
    return ask_erasure(by=world.office.actor, person=person, reason="request 2026-17")


def merged(world, kept, gone):
    return merge_people(by=world.office.actor, kept=kept, gone=gone, reason="the same", end_numbers=True)


def erased():
    return set(Person.objects.filter(erased_at__isnull=False).values_list("pk", flat=True))


# --- Merged meanwhile ------------------------------------------------------------------------------------------------
def test_nobody_who_was_merged_in_after_the_request_is_erased_with_it(world, second, gone, other):
    asked = ask(world, gone.person)
    assert asked.records == [gone.person]
    merge = merged(world, gone.person, other.person)
    assert code_of(confirm_erasure, by=second.actor, erasure=asked.pk) == "merged-since"
    run_once()
    assert erased() == set()
    unmerge_people(by=world.office.actor, merge=merge.pk, reason="wrong")
    confirm_erasure(by=second.actor, erasure=asked.pk)  # as it was when it was asked for
    assert erased() == {gone.person}


def test_nobody_who_was_parted_after_the_request_is_left_out_unseen(world, second, gone, other):
    merge = merged(world, gone.person, other.person)
    asked = ask(world, gone.person)
    assert asked.records == sorted([gone.person, other.person])
    unmerge_people(by=world.office.actor, merge=merge.pk, reason="wrong")
    assert code_of(confirm_erasure, by=second.actor, erasure=asked.pk) == "merged-since"
    assert erased() == set()


@pytest.mark.parametrize("kept", ["gone", "other"])
def test_after_a_merge_it_is_asked_anew_for_all_records(world, second, gone, other, kept):
    """Whether the person of the request is the one who is kept or not."""
    stale = ask(world, gone.person)
    pair = (gone.person, other.person) if kept == "gone" else (other.person, gone.person)
    merged(world, *pair)
    assert code_of(confirm_erasure, by=second.actor, erasure=stale.pk) == "merged-since"
    again = ask(world, gone.person)
    stale.refresh_from_db()
    assert (stale.state, stale.ended_at is None) == ("expired", False)
    assert code_of(confirm_erasure, by=second.actor, erasure=stale.pk) == "erasure-ended"
    confirm_erasure(by=second.actor, erasure=again.pk)
    assert erased() == set(pair)


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_request_about_a_record_that_was_merged_away_is_refused_or_withdrawn(world, second, gone, other, state):
    asked = ask(world, other.person)
    merged(world, gone.person, other.person)
    if state == "refused":
        refuse_erasure(by=second.actor, erasure=asked.pk, reason="merged since")
    else:
        withdraw_erasure(by=world.office.actor, erasure=asked.pk)
    assert Erasure.objects.get().state == state
    assert ask(world, gone.person).records == sorted([gone.person, other.person])


def test_whoever_confirms_sees_how_many_records_go_and_that_they_changed(world, second, gone, other, sign_in):
    merge = merged(world, gone.person, other.person)
    asked = ask(world, gone.person)
    url, said = f"/units/people/{oid(gone.person, 'organisations.person')}/erase/", "并入此档案的1份档案一并清除"
    page = sign_in(Client(), second).get(url).content.decode()
    assert (said in page, "confirm-erasure" in page) == (True, True)
    unmerge_people(by=world.office.actor, merge=merge.pk, reason="wrong")
    page = sign_in(Client(), second).get(url).content.decode()
    assert ("曾合并或分开" in page, "confirm-erasure" in page, "refuse-erasure" in page) == (True, False, True)
    answer = sign_in(Client(), second).post(f"/units/erasures/{oid(asked)}/", {"do": "confirm"})
    assert answer.status_code == 422
    assert erased() == set()


def test_the_page_says_erased_only_once_it_is_done(world, second, gone, sign_in):
    confirm_erasure(by=second.actor, erasure=ask(world, gone.person).pk)
    url = f"/units/people/{oid(gone.person, 'organisations.person')}/"
    words = ("正在清除此人的个人信息", "确认日期", "此人的个人信息已全部清除", "清除日期")
    page = sign_in(Client(), world.office).get(url).content.decode()
    assert [word in page for word in words] == [True, True, False, False]
    run_once()
    page = sign_in(Client(), world.office).get(url).content.decode()
    assert [word in page for word in words] == [False, False, True, True]


# --- After the confirmation ------------------------------------------------------------------------------------------
def test_a_roster_that_lists_somebody_being_erased_enters_somebody_new_and_stays(world, second, gone):
    confirm_erasure(by=second.actor, erasure=ask(world, gone.person).pk)
    assert not ExternalIdentifier.objects.filter(person=gone.person, valid_to__isnull=True).exists()
    row = RosterRow(
        row=2, name=gone.name, school=world.nine_year, id_type="id-card", id_number=gone.number, group="", phone=""
    )
    outcome = apply_roster(by=world.office.actor, unit=world.district, rows=[row], name="名册.csv")
    assert (len(outcome.new), list(outcome.problems)) == (1, [])
    for step in ERASE:
        step.run(by=platform("erase"))
    assert (Erasure.objects.get().state, Roster.objects.count()) == ("done", 1)
    [found] = find_people("id-card", [gone.number]).values()
    assert (found != gone.person, str(Person.objects.get(pk=found).name)) == (True, gone.name)
    assert str(Person.objects.get(pk=gone.person).name) == "已清除人员"


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_waits_for_whoever_is_just_writing_about_the_person(world, second, gone):
    p4 = start_p4(world)
    version = enrol_nine_year(world, p4)[world.teacher.person].version
    since = date(2026, 1, 5)
    left = Enrolment.objects.create(programme=p4, version=version, person_id=gone.person, since=since, left_on=since)
    asked = ask(world, gone.person)
    answers = race(
        lambda: undo_leave(by=world.office.actor, enrolment=left.pk, reason="still here"),
        lambda: confirm_erasure(by=second.actor, erasure=asked.pk),
    )
    assert answers == ["still-taking-part"]
    assert erased() == set()
