"""How long counting takes at the size of a province. Prints figures; writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-progress PYTHONPATH=src python bench/progress.py --teachers 100000
"""

import argparse
import os
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime

import django
from django.core.management import call_command
from django.db import connection, transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from weineng.kernel.actors import platform
from weineng.organisations.models import Unit
from weineng.programmes.documents import read_document, to_json
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Programme, Version
from weineng.programmes.queries import PLANS, find_base
from weineng.progress.actions import compare_with_recount, recount, recount_everything
from weineng.progress.queries import overview

SETTLE = platform("settle")
START = datetime(2026, 1, 1, tzinfo=UTC)

# A province > counties > schools of 50 > groups of 10; ids are dense so that arithmetic finds the place of everybody.
TREE = """
insert into organisations_unit (id, name, level, kind, flags, stages, place)
select 1, 'province', 'province', 'area', '{}'::varchar[], '{}'::varchar[], 0
union all select 1000 + n, 'county ' || n, 'county', 'area', '{}', '{}', n from generate_series(1, %(counties)s) n
union all select 100000 + n, 'school ' || n, 'school', 'primary', '{}', '{}', n from generate_series(1, %(schools)s) n
union all select 1000000 + n, 'group ' || n, 'group', 'group', '{}', '{}', n from generate_series(1, %(groups)s) n;
insert into organisations_edge (child_id, parent_id, kind, during)
select 1000 + n, 1, 'line', '(,)'::daterange from generate_series(1, %(counties)s) n
union all select 100000 + n, 1001 + n %% %(counties)s, 'line', '(,)' from generate_series(1, %(schools)s) n
union all select 1000000 + n, 100001 + (n - 1) / 5, 'line', '(,)' from generate_series(1, %(groups)s) n;
insert into organisations_closure (ancestor_id, unit_id, depth, during)
with recursive up(unit, ancestor, depth) as (
    select id, id, 0 from organisations_unit
    union all select up.unit, e.parent_id, up.depth + 1 from up join organisations_edge e on e.child_id = up.ancestor)
select ancestor, unit, depth, '(,)'::daterange from up
"""
PEOPLE = """
insert into organisations_person (id, name, name_order, name_index, gender, phone, mail, created_at)
select n, 'person ' || n, lpad(n::text, 8, '0'), '{}', '', '', '', %(at)s from generate_series(1, %(teachers)s) n;
insert into organisations_posting (person_id, unit_id, school_id, during, home, establishment, in_post, stage, subject, post,
                                   staff_number, known_at)
select n, 1000001 + (n - 1) / 10, 100001 + (n - 1) / 50, '[2025-09-01,)', true, '', 'in-post', '', '', '', '', %(at)s
  from generate_series(1, %(teachers)s) n;
insert into programmes_enrolment (id, programme_id, version_id, person_id, since, left_reason)
select n, %(programme)s, %(version)s, n, '2026-01-01', '' from generate_series(1, %(teachers)s) n
"""
# Eight records each: five online (some twice, some at one time), two of research, one of another kind.
FACTS = """
insert into learning_provider (id, code, name, period_minutes, active, created_at)
values (1, 'yun', 'yun', 0, true, %(at)s), (2, 'he', 'he', 0, true, %(at)s);
insert into learning_record (id, provider_id, source_id, revision, content, person_id, person_type, person_digest, person_name, mode,
                             course, canonical, title, starts_at, ends_at, event_on, minutes, arrived_at, reason)
select (n - 1) * 8 + k, 1 + (n + k) %% 2, n || '-' || k, 1, '', n, 'person', '', '', mode, course, course, course, starts,
       starts + minutes * interval '1 minute', (starts at time zone 'Asia/Shanghai')::date, minutes, starts + interval '1 day', ''
  from generate_series(1, %(teachers)s) n
 cross join lateral (select k, case when k <= 5 then 'online' when k <= 7 then 'school-research' else 'face-to-face' end as mode,
                            'course ' || case when k = 5 and n %% 10 = 0 then 4 else k end + n %% 50 * 10 as course,
                            timestamptz '2026-03-02 00:00+00'
                                + (n %% 20 + case when k = 5 and n %% 5 = 0 then 4 else k end) * interval '1 day' as starts,
                            (150 + (n * 7 + k * 13) %% 120)::int as minutes
                       from generate_series(1, 8) k) f;
insert into planning_choice (id, enrolment_id, version_id, dimensions, opened, diagnosis, chosen_at)
select n, n, %(version)s, '{learner-analysis,teaching-design,learning-guidance}', '{A1,A3,A5,A6}', '{}', %(at)s
  from generate_series(1, %(teachers)s) n where n %% 10 > 1;
insert into planning_chosenpoint (choice_id, point, dimension)
select n, point, dimension from generate_series(1, %(teachers)s) n
 cross join (values ('A1', 'learner-analysis'), ('A3', 'teaching-design'), ('A5', 'learning-guidance')) p(point, dimension)
 where n %% 10 > 1;
insert into assessment_result (person_id, enrolment, item, point, level, detail, decided_at, decided_on, source, reason)
select n, n, case when point = '' then 'recording' else 'point' end, point,
       case when (n + ascii(point || 'r')) %% 7 = 0 then 'fail' when (n + ascii(point || 'r')) %% 3 = 0 then 'excellent' else 'pass' end,
       '{}', timestamptz '2026-05-04 02:00+00', '2026-05-04', 'sheet', ''
  from generate_series(1, %(teachers)s) n cross join (values ('A1'), ('A3'), ('A5'), ('')) p(point) where n %% 10 > 2
"""


@contextmanager
def timed(what, times=1):
    start = time.perf_counter()
    yield
    spent = (time.perf_counter() - start) * 1000 / times
    print(f"{what:<58}{spent:>12,.1f} ms", flush=True)


def stale():
    """As a database is when its tables were looked at while empty and autovacuum has not come since."""
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_stat_user_tables order by relname")
        for (table,) in cursor.fetchall():
            cursor.execute(f'alter table "{table}" set (autovacuum_enabled = false)')
        cursor.execute("analyze")


def fill(teachers, *, analyzed):
    document = read_document((PLANS / "p4-district.yaml").read_text(encoding="utf-8"), find_base)
    Unit.objects.filter(pk=1).exists()
    params = {
        "teachers": teachers, "schools": -(-teachers // 50), "groups": -(-teachers // 10), "at": START,
        "counties": max(1, min(120, teachers // 5000)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TREE, params)
        programme = Programme.objects.create(
            code="p4-district", owner_id=1, title={"en": "P4"}, started_on=date(2026, 1, 1)
        )
        version = Version.objects.create(
            programme=programme, number=1, source="", document=to_json(document), digest="", published_at=START
        )
        params |= {"programme": programme.pk, "version": version.pk}
        for sql in (PEOPLE, FACTS):
            cursor.execute(sql, params)
        if analyzed:
            cursor.execute("analyze")
    return programme


def one(enrolments, lane=0):
    touch(enrolments=enrolments, lane=lane)
    recount(by=SETTLE)


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--teachers", type=int, default=100_000)
    wanted.add_argument("--stale", action="store_true", help="load into tables that were analysed while empty")
    asked = wanted.parse_args()
    teachers = asked.teachers
    call_command("migrate", verbosity=0)
    if not Programme.objects.exists():
        if asked.stale:
            stale()
        with timed(f"fill: {teachers:,} teachers"):
            fill(teachers, analyzed=not asked.stale)
    programme = Programme.objects.get()
    teachers = Enrolment.objects.count()
    for what in ("full recount", "unchanged re-run"):
        with timed(what):
            done = recount_everything(by=SETTLE, programme=programme.pk)
        print(f"    {done}")
    one([1])
    with timed("one teacher, unchanged (mean of 50)", 50):
        for n in range(50):
            one([n * 37 % teachers + 1])
    with timed("one teacher, changed (mean of 50)", 50):
        for n in range(50):
            person = n * 41 % teachers + 1
            with connection.cursor() as cursor:
                cursor.execute("update learning_record set minutes = minutes + 1 where person_id = %s", [person])
            one([person])
    with timed("1,000 teachers of 20 schools"):
        one(range(1, min(teachers, 1000) + 1), lane=1)
    with timed("1,000 teachers everywhere"):
        one(range(1, teachers, max(1, teachers // 1000)), lane=1)
    with timed("5,000 teachers"):
        one(range(1, min(teachers, 5000) + 1), lane=1)
    with timed("the province's page (mean of 10)", 10):
        for _ in range(10):
            overview(SETTLE, programme.pk, 1)
    with timed("a county's page (mean of 10)", 10):
        for _ in range(10):
            overview(SETTLE, programme.pk, 1001)
    with timed("the province on a past day"), transaction.atomic():
        overview(SETTLE, programme.pk, 1, date(2026, 6, 1))
    with timed("comparison with a recount from nothing"):
        print(f"    {len(compare_with_recount(by=SETTLE, programme=programme.pk))} differences")


if __name__ == "__main__":
    main()
