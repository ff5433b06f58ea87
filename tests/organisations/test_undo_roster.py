import pytest

from tests.organisations.rosters import apply, new_row, row_of, whole
from weineng.accounts.models import Account
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import change_person, undo_roster
from weineng.organisations.models import Change, Person, Roster


def test_undo_leaves_everything_as_it_was(world):
    before = whole()
    rows = [new_row(world, 2), row_of(world.teacher, world, 3, subject="物理", phone="19900009998", group="英语教研组")]
    roster = apply(world, *rows).roster
    undo_roster(by=world.office.actor, roster=roster)
    assert whole() == before
    assert Roster.objects.get(pk=roster).undone_at is not None
    assert world.teacher.person in Change.objects.filter(during__isnull=True).values_list("person", flat=True)
    with pytest.raises(Refused) as refused:
        undo_roster(by=world.office.actor, roster=roster)
    assert refused.value.code == "roster-undone"


def test_undo_stops_where_something_rests_on_it(world):
    def refusal(roster):
        before = whole()
        with pytest.raises(Refused) as refused:
            undo_roster(by=world.office.actor, roster=roster)
        assert whole() == before
        return refused.value.code

    roster = apply(world, new_row(world, 2)).roster
    person = Person.objects.get(name="查慧2")
    Account.objects.create(person=person, name="zhahui", created_at=now())
    assert refusal(roster) == "roster-in-use"
    other = apply(world, new_row(world, 3)).roster
    change_person(by=world.office.actor, person=Person.objects.get(name="查慧3").pk, phone="19900001111")
    assert refusal(other) == "roster-in-use"


def test_outside_ones_reach(world):
    roster = apply(world, new_row(world)).roster
    for who in (world.wu, world.cio, world.teacher, world.principal, world.auditor):
        with pytest.raises(NotFound):
            undo_roster(by=who.actor, roster=roster)
    with pytest.raises(NotFound):
        undo_roster(by=world.office.actor, roster=0)
