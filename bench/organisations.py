"""How long the tree and its people take at the size of a province. Prints figures; writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench PYTHONPATH=src python bench/organisations.py --people 200000
"""

import argparse
import os
import random
import time
from contextlib import contextmanager
from datetime import date

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from weineng.kernel.actors import Actor, platform
from weineng.organisations.actions import apply_roster, found_unit, move_unit, undo_roster
from weineng.organisations.models import Closure, Person, Posting, Unit
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import home_leaves, preview_roster, search_people
from weineng.organisations.reach import people_below, people_within
from weineng.organisations.rules import RosterRow


@contextmanager
def timed(what):
    start = time.perf_counter()
    yield
    print(f"{what:<58}{(time.perf_counter() - start) * 1000:>10.1f} ms", flush=True)


def card(place):
    body = f"5199{place // 1000 % 100:02}19{60 + place // 100_000:02}0101{place % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the roster that is brought in")
    options = parser.parse_args()
    call_command("migrate", verbosity=0, interactive=False)
    if Unit.objects.exists():
        raise SystemExit("This data folder is in use: give an empty one.")
    by, dice = platform("bench"), random.Random(1)
    root = found_unit(by=by, name="province", level="province", kind="area")
    counties, schools = [], []
    with timed("found units (per school and four groups)"):
        for c in range(max(options.people // 10_000, 2)):
            county = found_unit(by=by, name=f"county {c}", level="county", kind="area", parent=root.pk)
            counties.append(county.pk)
            for s in range(10):
                school = found_unit(by=by, name=f"school {c}-{s}", level="school", kind="primary", parent=county.pk)
                groups = [
                    found_unit(by=by, name=f"g{g}", level="group", kind="group", parent=school.pk).pk for g in range(4)
                ]
                schools.append((school.pk, groups))
    print(f"{Unit.objects.count()} units, {Closure.objects.count()} rows of closure")
    with timed(f"{options.people} people by SQL"), connection.cursor() as cursor:
        cursor.execute(
            """insert into organisations_person (name, name_order, name_index, gender, phone, mail, created_at)
            select 'n' || i, 'n' || i, array['n', '~n', i::text], '', '', '', now() from generate_series(1, %s) i""",
            [options.people],
        )
        cursor.execute("select min(id) from organisations_person")
        (first,) = cursor.fetchone()
        leaves = [(school, group) for school, groups in schools for group in groups]
        cursor.execute("create temp table leaf (i serial, school bigint, unit bigint)")
        with cursor.copy("copy leaf (school, unit) from stdin") as pipe:
            for leaf in leaves:
                pipe.write_row(leaf)
        cursor.execute(
            """insert into organisations_posting (person_id, unit_id, school_id, during, home, establishment, in_post, stage,
            subject, post, staff_number, known_at) select p.id, l.unit, l.school, daterange('2025-09-01',
            case when p.id %% 100 = 0 then '2026-01-01'::date end), true, '', 'in-post', '', '', '', '', now()
            from organisations_person p join leaf l on l.i = 1 + p.id %% %s""",
            [len(leaves)],
        )
        cursor.execute("vacuum analyze")
    on = date(2026, 3, 1)
    with timed("leaves of everybody"):
        sql, params = home_leaves(None, on).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*), count(leaf) from ({sql}) l", params)
            print(cursor.fetchone())
    one = first + 77
    with timed("leaf of one"):
        list(home_leaves([one], on))
    office = Actor(person=one, nodes={VIEW_PEOPLE.code: {counties[0]: 1}})
    with timed("people of a county"):
        print(people_below({counties[0]}, on).distinct().count())
    with timed("people of the province"):
        print(people_below({root.pk}, on).distinct().count())
    with timed("a posting within reach, of a county's office"):
        print(people_within(office, VIEW_PEOPLE).filter(pk=one).count())
    with timed("search by name in a county"):
        len(search_people(office, "n77")[:20])
    with timed("a county of schools moves"):
        move_unit(by=by, unit=schools[0][0], to=counties[1], on=on)
    rows = [
        RosterRow(
            row=n, name=f"新人{n}", school=schools[n % len(schools)][0], id_type="id-card", id_number=card(n), gender="f",
            group=f"g{n % 5}", subject="语文", stage="primary", staff_number=f"{n:05}", establishment="established",
            start_date=date(2015, 9, 1),
        )
        for n in range(2, options.rows + 2)
    ]  # fmt: skip
    with timed(f"roster of {options.rows} new people: preview"):
        preview_roster(by=by, unit=root.pk, rows=rows, as_of=on)
    with timed("the same: apply"):
        outcome = apply_roster(by=by, unit=root.pk, rows=rows, as_of=on)
        print(len(outcome.new), outcome.problems[:2])
    with timed("the same again"):
        print(len(apply_roster(by=by, unit=root.pk, rows=rows, as_of=on).same))
    changed = [RosterRow(**{**vars(r), "subject": "数学"}) if dice.random() < 0.5 else r for r in rows]
    with timed("half of them changed"):
        second = apply_roster(by=by, unit=root.pk, rows=changed, as_of=date(2026, 4, 1))
        print(len(second.changed))
    with timed("taken back"):
        undo_roster(by=by, roster=second.roster)
    with timed("the first one taken back too"):
        undo_roster(by=by, roster=outcome.roster)
    print(Person.objects.count(), Posting.objects.count())


main()
