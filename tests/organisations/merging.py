"""Shared by the tests of merges: the teacher entered twice, and every row of the tables of people."""

from datetime import date

from django.db import connection

from weineng.organisations.actions import (
    enter_person,
    merge_people,
)
from weineng.organisations.models import ExternalIdentifier, Person, Posting
from weineng.organisations.rules import Number, Post

DAY = date(2026, 2, 1)
TABLES = (Person, ExternalIdentifier, Posting)


def whole():
    """Every row of the tables of people, as the database prints them."""
    rows = []
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"select kept::text from {model._meta.db_table} kept order by id")
            rows.append([text for (text,) in cursor.fetchall()])
    return rows


def enter_twin(world):
    """The teacher once more, entered by another school without the identity number."""
    return enter_person(
        by=world.office.actor, name="林晓岚", post=Post(world.play, subject="学前综合"), on=DAY,
        numbers=[Number("passport", "XX5062168")],
    )  # fmt: skip


def merge(world, twin, **call):
    return merge_people(
        **({"by": world.office.actor, "kept": world.teacher.person, "gone": twin.pk, "reason": "one person"} | call)
    )
