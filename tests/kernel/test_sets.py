"""Queries become rows: only what changed is written, a second run writes nothing."""

import pytest
from django.db import connection

from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import copy_objects, get_or_refuse, write_rows, write_select
from weineng.organisations.models import Unit, UnitFlag

TABLE = "kernel_scores"
COLUMNS = {"columns": ("who", "what", "points", "note", "seen"), "unique": ("who", "what")}


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table {TABLE} (id bigserial, who int, what text, points int, note text, seen int, "
            "unique (who, what)) on commit drop"
        )


def write(*rows, **call):
    values = ", ".join(["(%s::int, %s::text, %s::int, %s::text, %s::int)"] * len(rows))
    params = [value for row in rows for value in row]
    return write_select(TABLE, f"select * from (values {values}) given", params, **(COLUMNS | call))


def stored():
    with connection.cursor() as cursor:
        cursor.execute(f"select who, what, points, note, seen, id from {TABLE} order by who, what")
        return cursor.fetchall()


def test_new_rows_are_written_and_the_same_again_are_not(table):
    rows = [(1, "a", 5, "x", 1), (1, "b", 6, None, 1), (2, "a", None, "y", 1)]
    assert write(*rows) == 3
    before = stored()
    assert [row[:5] for row in before] == rows
    assert write(*rows) == 0
    assert stored() == before


def test_only_what_changed_is_written_under_its_key(table):
    write((1, "a", 5, "x", 1), (1, "b", 6, "x", 1))
    keys = {row[:2]: row[5] for row in stored()}
    assert write((1, "a", 5, "x", 1), (1, "b", 7, "x", 1), (3, "c", 1, "x", 1)) == 2
    assert [row[:3] for row in stored()] == [(1, "a", 5), (1, "b", 7), (3, "c", 1)]
    assert {row[:2]: row[5] for row in stored() if row[0] == 1} == keys


@pytest.mark.parametrize(("old", "new", "written"), [(None, 5, 1), (5, None, 1), (None, None, 0), (5, 5, 0)])
def test_nothing_is_a_value_too(table, old, new, written):
    write((1, "a", old, "x", 1))
    assert write((1, "a", new, "x", 1)) == written
    assert stored()[0][2] == new


def test_what_is_kept_stays_as_it_was_first_written(table):
    assert write((1, "a", 5, "x", 1), keep=("seen",)) == 1
    assert write((1, "a", 5, "x", 2), keep=("seen",)) == 0  # only the kept column differs
    assert write((1, "a", 6, "x", 3), keep=("seen",)) == 1
    assert stored()[0][:5] == (1, "a", 6, "x", 1)


def test_where_everything_is_kept_known_rows_are_left_alone(table):
    keep = ("points", "note", "seen")
    assert write((1, "a", 5, "x", 1), keep=keep) == 1
    assert write((1, "a", 9, "y", 2), (2, "a", 9, "y", 2), keep=keep) == 1
    assert [row[:3] for row in stored()] == [(1, "a", 5), (2, "a", 9)]


def test_a_query_becomes_rows_once(world):
    schools = Unit.objects.filter(pk__in=world.schools).order_by("pk").values_list("pk", "level", "level")
    since = UnitFlag.objects.count()

    def flag():
        rows = Unit.objects.filter(pk__in=world.schools).extra(
            select={"flag": "'pilot'", "during": "daterange(null, null)"}
        )
        return write_rows(
            UnitFlag, rows.order_by("pk").values_list("pk", "flag", "during"),
            columns=("unit_id", "flag", "during"), unique=("unit_id", "flag", "during"),
        )  # fmt: skip

    assert (flag(), flag()) == (3, 0)
    assert UnitFlag.objects.count() == since + 3
    assert {row[0] for row in schools} == set(UnitFlag.objects.filter(flag="pilot").values_list("unit", flat=True))


def test_copied_objects_have_their_keys(world):
    named = [Unit(name=f"校{n}", level="school", kind="primary") for n in range(3)]
    copy_objects(named)
    assert len({unit.pk for unit in named} - {None}) == 3
    assert [Unit.objects.get(pk=unit.pk).name for unit in named] == ["校0", "校1", "校2"]
    assert all(unit._state.adding is False for unit in named)
    copy_objects([])


def test_a_row_outside_the_set_is_not_found(world):
    assert get_or_refuse(Unit.objects.filter(level="zone"), pk=world.zone).pk == world.zone
    with pytest.raises(NotFound) as refused:
        get_or_refuse(Unit.objects.filter(level="zone"), pk=world.district)
    assert (refused.value.code, refused.value.params) == ("not-found", {"thing": "organisations.unit"})
