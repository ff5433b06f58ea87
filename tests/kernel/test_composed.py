"""A composed query answers as the QuerySet it was composed of, whatever it was asked before."""

from copy import deepcopy
from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext

from weineng.accounts.models import Account
from weineng.kernel.composed import MOST, Composed, Ready, ready
from weineng.organisations.models import Closure, Edge, Person, Posting, Unit


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


# --- standing ready inside other queries ---
def _around(nodes, on):
    return Closure.objects.filter(ancestor__in=nodes, during__contains=on).values("unit")


def _people(units, more):
    found = Posting.objects.filter(unit__in=units).values("person")
    return found.union(Person.objects.order_by().filter(pk__in=more).values("pk"), all=True) if more else found


around, people = ready(_around), ready(_people)
DAYS = (date(2025, 12, 1), date(2026, 6, 1), date(2020, 1, 1))


def test_inside_another_query_it_finds_what_the_composed_one_finds(world):
    for nodes in ((world.district,), (world.sibling,), (world.maths, world.moved), (), (0,), tuple(range(MOST + 1))):
        for on in DAYS:
            expected = set(Unit.objects.filter(pk__in=_around(nodes, on)))
            assert isinstance(around(nodes, on), Ready) == (0 < len(nodes) < MOST)
            assert set(Unit.objects.filter(pk__in=around(nodes, on))) == expected
            assert set(Unit.objects.exclude(pk__in=around(nodes, on))) == set(Unit.objects.all()) - expected
    assert world.moved in {unit.pk for unit in Unit.objects.filter(pk__in=around((world.district,), DAYS[0]))}
    assert world.moved not in {unit.pk for unit in Unit.objects.filter(pk__in=around((world.district,), DAYS[1]))}


def test_one_stands_inside_the_other(world):
    for node in (world.district, world.maths, world.sibling):
        for more in ((), (world.loner.person,), (world.loner.person, world.wu.person)):
            for on in DAYS:
                expected = set(Person.objects.filter(pk__in=_people(_around((node,), on), more)))
                assert set(Person.objects.filter(pk__in=people(around((node,), on), more))) == expected
                others = set(Person.objects.exclude(pk__in=people(around((node,), on), more)))
                assert others == set(Person.objects.all()) - expected


def test_another_query_inside_is_another_query(world):
    """Also where both have as many values."""
    above = ready(
        lambda nodes, on: Edge.objects.filter(child__in=nodes, during__contains=on).order_by("pk").values("parent")
    )
    own = ready(lambda units: Unit.objects.filter(pk__in=units).values("pk"))
    for inside, column in ((around, "unit"), (above, "parent"), (around, "unit")):
        found = own(inside((world.district,), DAYS[1]))
        expected = set(inside((world.district,), DAYS[1]).values_list(column, flat=True))
        assert {unit.pk for unit in Unit.objects.filter(pk__in=found)} == expected != set()


def test_of_what_is_neither_integer_nor_date_it_is_composed_as_ever(world):
    by_text = ready(lambda codes: Unit.objects.filter(code__in=codes).values("pk"))
    for _time in range(2):
        assert not isinstance(by_text(("519901", None)), Ready)
        assert [row["pk"] for row in by_text(("519901", None))] == [world.district]
        assert not isinstance(around((True,), DAYS[1]), Ready)


def test_beside_a_number_of_rows_it_is_no_column_to_group_by(world):
    def grouped(inside):
        rows = Unit.objects.annotate(spelt=Count("names")).filter(Q(pk__in=inside) | Q(spelt__gt=5))
        return set(rows.values_list("pk", flat=True))

    assert grouped(around((world.district,), DAYS[1])) == grouped(_around((world.district,), DAYS[1])) != set()


def test_it_is_composed_once_for_each_number_of_values(world):
    composed = []

    @ready
    def asked(nodes, on):
        composed.append(len(nodes))
        return _around(nodes, on)

    for nodes in ((1,), (2,), (1, 2), (3, 4), (5,)):
        expected = set(Unit.objects.filter(pk__in=_around(nodes, DAYS[1])))
        assert set(Unit.objects.filter(pk__in=asked(nodes, DAYS[1]))) == expected
    assert composed == [1, 2]


def test_asked_by_itself_it_is_a_query_like_any_other(world):
    def sorted_(rows):
        return sorted(rows, key=str)

    given, plain = around((world.district,), DAYS[1]), _around((world.district,), DAYS[1])
    assert isinstance(given, Ready)
    assert sorted_(given) == sorted_(plain)
    assert (given.count(), given.exists(), len(given)) == (plain.count(), True, plain.count())
    assert sorted_(around((world.district,), DAYS[1]).iterator()) == sorted_(plain)
    again = around((world.district,), DAYS[1])
    assert sorted_(again.filter(unit=world.maths)) == [{"unit": world.maths}]
    assert sorted_(again.values_list("unit", flat=True)) == sorted_(plain.values_list("unit", flat=True))
    assert sorted_(again.union(_around((world.sibling,), DAYS[1]))) == sorted_(
        plain.union(_around((world.sibling,), DAYS[1]))
    )
    assert sorted_(deepcopy(again)) == sorted_(plain)
    assert sorted_(Unit.objects.filter(pk__in=deepcopy(again))) == sorted_(Unit.objects.filter(pk__in=plain))


def test_what_is_calculated_with_a_value_is_refused_there_too(world):
    with pytest.raises(TypeError):
        ready(lambda pk: Account.objects.filter(pk=pk + 1).values("pk"))(1)
