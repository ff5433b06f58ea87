"""How long acts of others take beside looks that foretell what an act would bring about. Prints figures and their ratio;
writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench PYTHONPATH=src python bench/looks.py --seconds 20
"""

import argparse
import os
import statistics
import threading
import time
from datetime import date

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from weineng.accounts.models import Account
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import enter_person, found_unit, move_unit
from weineng.organisations.models import Unit
from weineng.organisations.rules import Post
from weineng.web.shell.following import what_follows

BY, ON = platform("bench"), date(2026, 1, 1)
PEOPLE = 250  # below the unit that is looked at: just fewer than are counted one by one


def found(name, level, kind, parent=None):
    return found_unit(by=BY, name=name, level=level, kind=kind, parent=parent and parent.pk)


def stand():
    """Two counties, a school with many people to look at, another one to enter people at."""
    call_command("migrate", verbosity=0, interactive=False)
    if Unit.objects.exists() or Account.objects.exists():
        raise SystemExit("This data folder is in use: give an empty one.")
    province = found("province", "province", "area")
    one, two = (found(f"county {n}", "county", "area", province) for n in (1, 2))
    school, other = found("school", "school", "primary", one), found("other", "school", "primary", two)
    group, elsewhere = found("group", "group", "group", school), found("elsewhere", "group", "group", other)
    for n in range(PEOPLE):
        enter_person(by=BY, name=f"teacher {n}", post=Post(group.pk), on=ON)
    return school, two, elsewhere


def entering(group, seconds, tag):
    """Milliseconds of each entering within so many seconds, and how often somebody was turned away."""
    took, refused, end = [], 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        try:
            enter_person(by=BY, name=f"{tag} {len(took)}", post=Post(group.pk), on=ON)
        except Refused:
            refused += 1
        took.append((time.perf_counter() - start) * 1000)
        time.sleep(0.02)
    return took, refused


def looking(school, to, stop, looks):
    """Looks at a move of the school, one after the other."""
    while not stop.is_set():
        start = time.perf_counter()
        what_follows(BY, lambda: move_unit(by=BY, unit=school.pk, to=to.pk, on=ON))
        looks.append((time.perf_counter() - start) * 1000)
    connection.close()


def late(took):
    """What 19 of 20 take at most."""
    return statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]


def told(what, took, refused=0):
    print(
        f"{what:<34}{len(took):>6} times{statistics.median(took):>10.1f} ms median{late(took):>10.1f} ms for 19 of 20"
        f"{max(took):>10.1f} ms at most{refused:>4} turned away",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    school, county, group = stand()
    entering(group, 1, "warm")
    alone, _none = entering(group, options.seconds, "alone")
    stop, looks = threading.Event(), []
    thread = threading.Thread(target=looking, args=(school, county, stop, looks))
    thread.start()
    beside, refused = entering(group, options.seconds, "beside")
    stop.set()
    thread.join()
    told("a look at a move", looks)
    told("somebody is entered, alone", alone)
    told("somebody is entered beside looks", beside, refused)
    medians, tails = statistics.median(beside) / statistics.median(alone), late(beside) / late(alone)
    print(f"beside looks / alone: median {medians:.2f}, 19 of 20 {tails:.2f}")


if __name__ == "__main__":
    main()
