"""How long counting takes at the size of a province. Prints figures; writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-progress PYTHONPATH=src python bench/progress.py --teachers 100000
"""

import argparse
import os
import time
from contextlib import contextmanager
from datetime import date

import django
from django.core.management import call_command
from django.db import connection, transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from weineng.insight.queries import roll_out
from weineng.kernel import clock
from weineng.kernel.actors import platform
from weineng.organisations.models import Unit
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Programme
from weineng.progress.actions import add_up, compare_with_recount, recount, recount_everything
from weineng.progress.queries import cuts_of, flags_below, overview

SETTLE = platform("settle")


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
            call_command("simulate", teachers=teachers, seed=1, uncounted=True)
    programme = Programme.objects.get(owner__isnull=False)
    teachers, first = Enrolment.objects.count(), Enrolment.objects.earliest("pk").pk
    units = {level: Unit.objects.filter(level=level).earliest("pk").pk for level in ("province", "county", "school")}
    for what in ("full recount", "unchanged re-run"):
        with timed(what):
            done = recount_everything(by=SETTLE, programme=programme.pk)
        print(f"    {done}")
    one([first])
    with timed("one teacher, unchanged (mean of 50)", 50):
        for n in range(50):
            one([first + n * 37 % teachers])
    with timed("one teacher, changed (mean of 50)", 50):
        for n in range(50):
            row = Enrolment.objects.get(pk=first + n * 41 % teachers)
            with connection.cursor() as cursor:
                cursor.execute("update learning_record set minutes = minutes + 1 where person_id = %s", [row.person_id])
            one([row.pk])
    with timed("1,000 teachers of 20 schools"):
        one(range(first, first + min(teachers, 1000)), lane=1)
    with timed("1,000 teachers everywhere"):
        one(range(first, first + teachers, max(1, teachers // 1000)), lane=1)
    with timed("5,000 teachers"):
        one(range(first, first + min(teachers, 5000)), lane=1)
    with timed("the areas summed anew"):
        add_up(by=SETTLE)
    with timed("the province's page (mean of 10)", 10):
        for _ in range(10):
            overview(SETTLE, programme.pk, units["province"])
    with timed("a county's page (mean of 10)", 10):
        for _ in range(10):
            overview(SETTLE, programme.pk, units["county"])
    for level in ("province", "county"):
        for cut in ("stage", "subject", *flags_below(units[level], clock.today())[:1]):
            with timed(f"a {level} by {cut} (mean of 10)", 10):
                for _ in range(10):
                    cuts_of(SETTLE, programme.pk, units[level], cut)
    with timed("the province by subject on a past day"):
        cuts_of(SETTLE, programme.pk, units["province"], "subject", date(2026, 6, 1))
    with timed("the province on a past day"), transaction.atomic():
        overview(SETTLE, programme.pk, units["province"], date(2026, 6, 1))
    for level in ("province", "county"):
        with timed(f"the roll-out of a {level}"):
            roll_out(SETTLE, programme, units[level])
    with timed("comparison with a recount from nothing"):
        print(f"    {len(compare_with_recount(by=SETTLE, programme=programme.pk))} differences")


if __name__ == "__main__":
    main()
