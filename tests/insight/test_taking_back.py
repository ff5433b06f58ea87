"""A small sheet is taken back while one waits, a large one by the worker; whole, or not at all."""

from datetime import timedelta

import pytest

from tests.insight.sheets import (
    LOOP,
    beside,
    hours_of,
    in_the_middle,
    killed,
    refusal_of,
    results_of,
    row,
    sheet_of,
)
from tests.organisations.rosters import whole
from tests.planning.plans import enrol
from tests.races import race
from weineng.accounts.models import Grant
from weineng.assessment.models import Result, ResultsSheet
from weineng.audit.models import Line
from weineng.insight.actions import (
    ask_for_intake,
    ask_to_take_back,
    cancel_take_back,
    carry_out_sheets,
    forget_intakes,
    intakes,
    taking_back,
)
from weineng.insight.models import TakeBack
from weineng.insight.queries import sheets_before, take_backs_of, take_backs_within
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound
from weineng.learning.models import HoursSheet, Record
from weineng.notices.models import Message
from weineng.organisations.actions import change_person
from weineng.organisations.models import Person, Roster

pytestmark = pytest.mark.slow


@pytest.fixture
def went_in(world, bring, monkeypatch):
    """`went_in(rows)`: what stood before, and the roster that has gone in."""
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)

    def go(*rows):
        before = whole()
        intake = bring(sheet_of(*rows))
        ask_for_intake(by=world.office.actor, intake=intake.pk)
        intake.refresh_from_db()
        return before, intake.roster

    return go


def ask(world, roster, by=None):
    return ask_to_take_back(by=by or world.office.actor, kind="roster", sheet=roster)


def test_a_large_roster_is_taken_back_by_the_worker(world, went_in):
    before, roster = went_in(row(1), row(2))
    stands = whole()
    work = ask(world, roster)
    assert (work.state, work.rows, whole()) == ("waiting", 2, stands)
    assert carry_out_sheets(by=LOOP) == 1
    assert carry_out_sheets(by=LOOP) == 0
    work.refresh_from_db()
    assert (work.state, work.gone, whole()) == ("done", 2, before)
    assert Roster.objects.get().undone_at is not None
    line = Line.objects.get(verb="organisations.undo_roster")
    assert (line.person, line.door) == (world.office.person, "web")
    assert refusal_of(ask_to_take_back, by=world.office.actor, kind="roster", sheet=roster) == "roster-undone"
    assert refusal_of(cancel_take_back, by=world.office.actor, work=work.pk) == "sheet-taken-back"


@pytest.mark.parametrize(("rows", "works"), [(1, 0), (2, 1)])
def test_so_many_rows_are_taken_back_while_one_waits(world, went_in, rows, works):
    before, roster = went_in(*(row(n) for n in range(rows)))
    ask(world, roster)
    assert (TakeBack.objects.count(), whole() == before) == (works, not works)


def test_who_presses_twice_asks_once(world, went_in):
    _before, roster = went_in(row(1), row(2))
    assert ask(world, roster) == ask(world, roster)
    assert [carry_out_sheets(by=LOOP) for _time in range(2)] == [1, 0]
    assert Line.objects.filter(verb="insight.ask_to_take_back").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_are_one_who_asks(world, went_in):
    _before, roster = went_in(row(1), row(2))
    second = world.enter("廖以宁", world.district, key="second_office")
    world.grant(second.person, "office", world.district)

    def hold():
        TakeBack.objects.create(kind="roster", sheet=roster, person=0, asked_at=now()).delete()

    answers = race(hold, *(lambda by=by: ask(world, roster, by.actor) for by in (world.office, second)))
    assert (answers, TakeBack.objects.count()) == (["done", "done"], 1)


def test_it_stays_as_it_is_when_somebody_changed_their_mind(world, went_in):
    _before, roster = went_in(row(1), row(2))
    stands, work = whole(), ask(world, roster)
    for _time in range(2):
        assert cancel_take_back(by=world.office.actor, work=work.pk).state == "cancelled"
    assert (carry_out_sheets(by=LOOP), whole()) == (0, stands)
    again = ask(world, roster)
    assert again != work
    assert take_backs_of("roster", [roster]) == {roster: again}


@pytest.mark.django_db(transaction=True)
def test_what_is_cancelled_while_it_is_taken_back_stays(world, went_in, monkeypatch):
    before, roster = went_in(row(1), row(2))
    stands, work = whole(), ask(world, roster)
    with monkeypatch.context() as patch:
        in_the_middle(patch, lambda: beside(lambda: cancel_take_back(by=world.office.actor, work=work.pk)))
        assert carry_out_sheets(by=LOOP) == 1
    work.refresh_from_db()
    assert (work.state, whole(), Roster.objects.get().undone_at) == ("cancelled", stands, None)
    ask(world, roster)
    carry_out_sheets(by=LOOP)
    assert whole() == before


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_taking_back_leaves_all_as_it_was(world, went_in, monkeypatch):
    before, roster = went_in(row(1), row(2))
    stands, work = whole(), ask(world, roster)
    with monkeypatch.context() as patch:
        in_the_middle(patch, killed)
        with pytest.raises(SystemExit):
            carry_out_sheets(by=LOOP)
    work.refresh_from_db()
    assert (work.state, work.begun, work.gone, whole()) == ("waiting", 1, 2, stands)
    assert carry_out_sheets(by=LOOP) == 1
    assert whole() == before


@pytest.mark.parametrize(("begun", "state"), [(4, "done"), (5, "refused")])
def test_one_that_never_comes_to_an_end_is_given_up_at_last(world, went_in, begun, state):
    _before, roster = went_in(row(1), row(2))
    work = ask(world, roster)
    TakeBack.objects.update(begun=begun)
    carry_out_sheets(by=LOOP)
    work.refresh_from_db()
    assert (work.state, work.refused_for) == (state, "broken" if state == "refused" else "")


def test_what_something_rests_on_stays_and_says_why(world, went_in):
    _before, roster = went_in(row(1), row(2))
    work = ask(world, roster)
    change_person(by=world.office.actor, person=Person.objects.get(name="新人1").pk, phone="19900001111")
    stands = whole()
    assert carry_out_sheets(by=LOOP) == 1
    work.refresh_from_db()
    assert (work.state, work.refused_for, whole()) == ("refused", "roster-in-use", stands)
    assert work.said == "名册中的人员此后有过变动，不能整体撤回。"
    assert ask(world, roster) != work


def test_whoever_may_no_longer_do_it_does_not(world, went_in):
    _before, roster = went_in(row(1), row(2))
    stands, work = whole(), ask(world, roster)
    Grant.objects.filter(person=world.office.person).update(ends_on=today())
    assert carry_out_sheets(by=LOOP) == 1
    work.refresh_from_db()
    assert (work.state, work.refused_for, whole()) == ("refused", "not-found", stands)


@pytest.mark.parametrize("who", ["wu", "cio", "teacher", "auditor"])
def test_outside_ones_reach_it_is_not_found(world, went_in, who):
    _before, roster = went_in(row(1), row(2))
    work, other = ask(world, roster), world.people[who].actor
    for call in (lambda: ask(world, roster, other), lambda: cancel_take_back(by=other, work=work.pk)):
        with pytest.raises(NotFound):
            call()
    assert not take_backs_within(other)
    assert list(take_backs_within(world.office.actor)) == [work]
    with pytest.raises(NotFound):
        ask_to_take_back(by=world.office.actor, kind="nothing", sheet=roster)


def test_hours_and_results_are_taken_back_by_the_worker(world, bring, programme, monkeypatch):
    members = (world.teacher, world.colleague)
    for member in members:
        enrol(programme, member)
    for kind, data in (("hours", hours_of(*members)), ("results", results_of(*members))):
        ask_for_intake(by=world.office.actor, intake=bring(data, kind=kind, programme=programme).pk)
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)
    office, hours, results = world.office.actor, HoursSheet.objects.get().pk, ResultsSheet.objects.get().pk
    assert refusal_of(ask_to_take_back, by=office, kind="hours", sheet=hours, reason=" ") == "reason-missing"
    assert refusal_of(ask_to_take_back, by=office, kind="hours", sheet=hours, reason="长" * 401) == "text-too-long"
    for kind, sheet in (("hours", hours), ("results", results)):
        assert ask_to_take_back(by=office, kind=kind, sheet=sheet, reason="发错了").state == "waiting"
    assert (Record.objects.in_force().count(), Result.objects.filter(overturned_at__isnull=True).count()) == (2, 2)
    assert [carry_out_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    assert (Record.objects.in_force().count(), Result.objects.filter(overturned_at__isnull=True).count()) == (0, 0)
    assert {HoursSheet.objects.get().reason, ResultsSheet.objects.get().reason} == {"发错了"}
    told = Message.objects.filter(event__endswith="-taken-back").values_list("event", "person")
    people = [member.person for member in members]
    assert sorted(told) == sorted((f"{kind}-taken-back", who) for kind in ("hours", "results") for who in people)


def test_nobody_has_their_own_taken_back(world, bring, programme, monkeypatch):
    """The grants may come after the sheet."""
    enrol(programme, world.teacher)
    members = (world.teacher, world.colleague)
    ask_for_intake(by=world.office.actor, intake=bring(hours_of(*members), kind="hours", programme=programme).pk)
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)
    world.grant(world.teacher.person, "office", world.district)
    work = ask_to_take_back(by=world.teacher.actor, kind="hours", sheet=HoursSheet.objects.get().pk, reason="发错了")
    carry_out_sheets(by=LOOP)
    work.refresh_from_db()
    assert (work.state, work.refused_for, Record.objects.in_force().count()) == ("refused", "own-record", 2)


def test_sheets_come_and_go_in_the_order_in_which_they_were_asked_for(world, bring, went_in, at, monkeypatch):
    _before, roster = went_in(row(1), row(2))
    monkeypatch.setattr(intakes, "AT_ONCE", 0)
    first, last = bring(sheet_of(row(3))), bring(sheet_of(row(4)))
    start = now()
    at(start)
    ask_for_intake(by=world.office.actor, intake=first.pk)
    at(start + timedelta(seconds=1))
    work = ask(world, roster)
    at(start + timedelta(seconds=2))
    last = ask_for_intake(by=world.office.actor, intake=last.pk)
    assert [sheets_before(one) for one in (work, last)] == [1, 2]
    states = []
    for _round in range(3):
        carry_out_sheets(by=LOOP)
        for one in (first, work, last):
            one.refresh_from_db()
        states.append([first.state, work.state, last.state])
    assert states == [["done", "waiting", "waiting"], ["done", "done", "waiting"], ["done", "done", "done"]]


def test_after_a_week_nobody_is_told_of_it_any_more(world, went_in, at):
    _before, roster = went_in(row(1), row(2))
    start = at(now())
    work = ask(world, roster)
    at(start + timedelta(days=8))
    forget_intakes(by=LOOP)
    assert TakeBack.objects.filter(pk=work.pk).exists()  # it waits still
    carry_out_sheets(by=LOOP)
    forget_intakes(by=LOOP)
    assert not TakeBack.objects.exists()


def test_only_the_platform_carries_out_what_waits(world):
    assert refusal_of(carry_out_sheets, by=world.office.actor) == "platform-only"
