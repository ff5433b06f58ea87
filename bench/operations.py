"""Acts on units, people and hours in any order, and whether every number is right after each of them.

    WEINENG_DATA=/tmp/weineng-bench-operations PYTHONPATH=src:. python bench/operations.py --operations 1000 --seed 1

Fills an empty data folder with a synthetic province, then does what the dice say (moves, also dated in the past, merges and splits
of units, people merged, flags, posts that end tomorrow, late records, voids, and the way back of each) through the actions, lets
the worker's steps run, and compares: stored rows with a recount from nothing, the figures of every unit with its people put where
posts and edges say, pages with their rows, today and on a past day. Prints what was done, what differs (must be nothing), the rate.
The acts are those of the property test (tests/operations.py).
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from datetime import timedelta

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
os.environ["WEINENG_DEMO"] = "1"  # the clock is set forward
django.setup()

from tests.operations import BY, KINDS, Operations, differences
from weineng.kernel import clock
from weineng.organisations.actions import found_unit
from weineng.organisations.models import Unit
from weineng.programmes.models import Enrolment, Programme

MOST_SHOWN = 20


def main() -> int:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--operations", type=int, default=1000)
    wanted.add_argument("--teachers", type=int, default=300)
    wanted.add_argument("--seed", type=int, default=1)
    asked = wanted.parse_args()
    call_command("migrate", verbosity=0)
    if not Programme.objects.exists():
        call_command("simulate", teachers=asked.teachers, seed=asked.seed)
        found_areas()
    programme, dice = Programme.objects.get(owner__isnull=False), random.Random(asked.seed)
    life = Operations(programme, dice, clock.set_forward)
    life.settle()
    done, refused, wrong = Counter(), Counter(), []
    acted = settled = compared = 0.0
    kinds, began = sorted(KINDS), time.perf_counter()
    for number in range(1, asked.operations + 1):
        kind, start = dice.choice(kinds), time.perf_counter()
        answer = life.do(kind)
        middle = time.perf_counter()
        life.settle()
        end = time.perf_counter()
        found = differences(life, on=clock.today() - timedelta(days=dice.randint(1, 200)))
        acted, settled, compared = acted + middle - start, settled + end - middle, compared + time.perf_counter() - end
        done[kind] += answer == "done"
        refused[kind, answer] += answer != "done"
        wrong += [(number, kind, answer, one) for one in found]
        if found or number % 100 == 0:
            print(f"{number:>6} {time.perf_counter() - began:8.1f} s  {len(wrong)} differences", flush=True)
        if len(wrong) > MOST_SHOWN:
            break
    tell(done, refused, wrong, time.perf_counter() - began)
    total = sum(done.values()) + sum(refused.values())
    spent = (acted / total * 1000, settled / total * 1000, compared / total * 1000)
    print("per operation: act {:.0f} ms, settle {:.0f} ms, compare {:.0f} ms".format(*spent))
    return 1 if wrong else 0


def found_areas() -> None:
    """Two more counties with a zone each, to which schools can be moved: a small province has but one."""
    city = Unit.objects.filter(level="city").earliest("pk")
    for place in ("东", "西"):
        county = found_unit(by=BY, parent=city.pk, name=f"{place}岭区", level="county", kind="area")
        found_unit(by=BY, parent=county.pk, name=f"{place}片", level="zone", kind="zone")


def tell(done: Counter, refused: Counter, wrong: list, seconds: float) -> None:
    """The counts, what differs, the rate."""
    total = sum(done.values()) + sum(refused.values())
    print(f"{Unit.objects.count()} units, {Enrolment.objects.count()} who take part")
    for kind in sorted(KINDS):
        why = ", ".join(f"{code} {n}" for (one, code), n in sorted(refused.items()) if one == kind and n)
        print(f"{kind:<14}{done[kind]:>5} done{f'   refused: {why}' if why else ''}")
    for one in wrong[:MOST_SHOWN]:
        print(*one)
    print(f"{total} operations, {sum(done.values())} done, {sum(refused.values())} refused, {len(wrong)} differences")
    print(f"{seconds:.0f} s, {total / seconds:.2f} operations a second with everything compared after each")


if __name__ == "__main__":
    sys.exit(main())
