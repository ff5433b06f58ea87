"""Where everybody is counted, found at once: the same as person by person, whoever moved, left, is to come or was merged."""

from datetime import date, timedelta

import pytest
from django.db import connection

from tests.organisations.test_change_posting import home
from tests.world import SINCE
from weineng.kernel.actors import platform
from weineng.organisations.actions import end_posting, enter_person, merge_people, transfer_person
from weineng.organisations.queries import home_leaves, leaves_of_all
from weineng.organisations.rules import Post

BY = platform("test")
DAY = date(2026, 2, 1)


@pytest.mark.parametrize("facts", [(), ("stage", "subject")])
def test_everybody_is_found_where_each_one_is(world, facts):
    transfer_person(by=BY, person=world.teacher.person, post=Post(world.play, subject="美术"), on=DAY)
    row, _ = home(world.two_posts)
    end_posting(by=BY, posting=row.pk, on=DAY)
    row, _ = home(world.colleague)
    end_posting(by=BY, posting=row.pk, on=DAY)
    coming = enter_person(by=BY, name="新", post=Post(world.maths, stage="junior", subject="数学"), on=DAY)
    gone = enter_person(by=BY, name="旧", post=Post(world.play), on=SINCE)
    merge_people(by=BY, kept=coming.pk, gone=gone.pk, reason="one person")
    kinds = set()
    for day in (SINCE - timedelta(days=1), SINCE, DAY - timedelta(days=1), DAY, DAY + timedelta(days=30)):
        sql, params = leaves_of_all(day, facts=facts)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = sorted(cursor.fetchall(), key=lambda row: row[0])
        each = home_leaves(None, day, facts=facts).values_list("person", "leaf", "leaf_kind", *facts)
        assert found == sorted(each, key=lambda row: row[0])
        kinds |= {row[2] for row in found}
    assert kinds == {"group", "no-group", "unplaced"}
