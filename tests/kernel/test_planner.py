"""What the planner is told of tables that have grown, and statements whose plans are kept."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from weineng.kernel.planner import answers, as_array, ask, together, weigh_grown


def test_a_table_of_which_only_the_size_is_known_is_told_again(db):
    with connection.cursor() as cursor:
        cursor.execute("create table grown (said text)")
        cursor.execute("insert into grown select repeat('x', 500) from generate_series(1, 1000)")
        with transaction.atomic():  # a long act that told the planner and was taken back: the size stays
            assert "grown" in weigh_grown()
            transaction.set_rollback(True)
        assert weigh_grown("grown") == []
        assert "grown" in weigh_grown()
        assert "grown" not in weigh_grown()


def test_what_is_asked_of_few_answers_as_any_other_statement(db):
    words = ["", 'said "so"', "back\\slash", "a,b{c}", "100 %", None]
    sql = "select %(b)s::int, %(a)s::text || '%%', unnest(%(words)s::text[]), %(a)s::text"
    rows = answers(sql, {"a": "x", "b": 7, "words": as_array(words), "other": 1})
    assert rows == [(7, "x%", word, "x") for word in words]
    assert answers("select 5 %% 3, %s::date, %s::int[]", [date(2026, 1, 2), as_array([3, None])]) == [
        (2, date(2026, 1, 2), [3, None])
    ]
    assert answers("select unnest(%s::bool[])", [as_array([True, False])]) == [(True,), (False,)]
    assert answers("select 5 % 3, '%s'") == [(2, "%s")]


@pytest.mark.parametrize("few", [True, False])
def test_statements_sent_together_are_done_in_their_order(db, few):
    with connection.cursor() as cursor:
        cursor.execute("create table told (number int primary key)")
    with together(few=few):
        ask("insert into told select 1", few=few)
        ask("insert into told select number + %s from told", [1], few=few)
        assert answers("select number from told order by 1") == [(1,), (2,)]
        ask("delete from told where number = %(gone)s", {"gone": 1}, few=few)
    assert ask("update told set number = number + 1", few=few) == 1
    assert answers("select number from told") == [(3,)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_twice(few=few)
    assert answers("select number from told") == [(3,)]


def insert_twice(*, few):
    with together(few=few):
        ask("insert into told values (%s)", [3], few=few)
        ask("insert into told values (%s)", [4], few=few)
