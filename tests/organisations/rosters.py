"""Shared by the tests of rosters: rows, and every row of the tables a roster writes."""

from dataclasses import replace
from datetime import date

from django.db import connection

from tests.world import id_number
from weineng.organisations.actions import apply_roster
from weineng.organisations.models import Closure, Edge, ExternalIdentifier, Person, Posting, Unit, UnitName
from weineng.organisations.rules import RosterRow

AS_OF = date(2026, 2, 1)
TABLES = (Person, ExternalIdentifier, Posting, Unit, UnitName, Edge, Closure)


def whole():
    rows = []
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"select kept::text from {model._meta.db_table} kept order by id")
            rows.append([text for (text,) in cursor.fetchall()])
    return rows


def new_row(world, number=2, **values):
    told = {
        "row": number, "name": f"查慧{number}", "school": world.nine_year, "gender": "f", "id_type": "id-card",
        "id_number": id_number(600 + number), "phone": f"1990000{6000 + number}", "group": "英语教研组", "stage": "junior",
        "subject": "英语", "post": "教师", "establishment": "contract", "in_post": "long-leave", "licence": True,
        "staff_number": f"00{600 + number}", "start_date": date(2019, 9, 1),
    }  # fmt: skip
    return RosterRow(**(told | values))


def row_of(member, world, number=2, **values):
    post = Posting.objects.get(person=member.person, home=True, during__contains=AS_OF)
    told = RosterRow(
        row=number,
        name=member.name,
        school=member.school,
        id_type="id-card",
        id_number=member.number,
        subject=post.subject,
    )
    return replace(told, **values)


def apply(world, *rows, by=None, unit=None, as_of=AS_OF):
    return apply_roster(by=by or world.office.actor, unit=unit or world.district, rows=rows, as_of=as_of)
