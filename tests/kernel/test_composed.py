"""A composed query answers as the QuerySet it was composed of, whatever it was asked before."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from weineng.accounts.models import Account
from weineng.kernel.composed import Composed
from weineng.organisations.models import Closure, Unit


def below(ancestor, on):
    around = Closure.objects.filter(during__contains=on, ancestor=ancestor)
    return Unit.objects.filter(pk__in=around.values("unit")).order_by("-pk")


def with_person(pk):
    return Account.objects.select_related("person").filter(pk=pk, is_active=True)


def test_it_answers_as_the_query_does_for_any_values(world):
    composed = Composed(below, int, date)
    for unit in (world.district, world.sibling, world.maths, 0):
        for on in (date(2025, 12, 1), date(2026, 6, 1), date(2020, 1, 1)):
            assert composed.rows(unit, on) == list(below(unit, on))
    assert world.moved in {unit.pk for unit in composed.rows(world.district, date(2025, 12, 1))}
    assert world.moved not in {unit.pk for unit in composed.rows(world.district, date(2026, 6, 1))}


def test_rows_that_are_joined_come_along_in_the_same_query(world):
    composed = Composed(with_person, int)
    composed.rows(world.teacher.account)
    with CaptureQueriesContext(connection) as asked:
        (account,) = composed.rows(world.leader.account)
        assert (account.pk, account.person.name) == (world.leader.account, world.leader.name)
    assert len(asked) == 1
    assert composed.rows(0) == []


def test_what_a_joined_row_reads_as_is_said_in_the_same_words(world):
    composed = Composed(with_person, int)
    composed.rows(world.teacher.account)
    account = with_person(world.teacher.account).get()
    account.person.name = ""
    account.person.save()
    assert composed.rows(account.pk)[0].person.name == with_person(account.pk).get().person.name != ""


def test_a_value_that_is_calculated_with_is_refused(world):
    with pytest.raises(TypeError):
        Composed(lambda pk: Account.objects.filter(pk=pk + 1), int).rows(1)
