"""How long a district's roster takes to go in and to be taken back, and how long whoever changes one post has to wait for it
meanwhile. Prints figures; writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench PYTHONPATH=src python bench/rosters.py --rows 20000

Two cores that were busy with five people's tests; 20,000 rows, 600 new groups. Who transfers somebody waits, at most:

                     while the whole roster held the tree     since it is judged first and shares the tree
new people in        107.8 s (14.2 s of it our own): 107.8 s     92.2 s (11.9 s of it our own):  2.1 s
the same again        32.9 s ( 4.6 s of it our own):  32.9 s     29.7 s ( 4.8 s of it our own):  1.0 s
taken back            47.4 s ( 3.1 s of it our own):  47.4 s     39.2 s ( 2.4 s of it our own): 39.2 s

On a page nobody waits longer than `effects.PATIENCE`: `tree-busy` says why.
"""

import argparse
import os
import time
from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread

import django
from django.core.management import call_command
from django.db import connection, transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from weineng.kernel.actors import platform
from weineng.organisations.actions import apply_roster, found_unit, undo_roster
from weineng.organisations.models import Unit
from weineng.organisations.rules import RosterRow

SCHOOLS = 20
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HOLD = "select pg_advisory_xact_lock_shared(hashtext('organisations.tree'))"  # as whoever gives somebody a post


def card(place: int) -> str:
    body = f"519901{1960 + place // 365 // 10 % 40}{1 + place // 28 % 12:02}{1 + place % 28:02}{place // 336 % 1000:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def rows_of(count: int, schools: list[int]) -> list[RosterRow]:
    return [
        RosterRow(
            row=2 + n, name=f"某{n}", school=schools[n % SCHOOLS], id_number=card(n), group=f"组{n // SCHOOLS % 30}",
            phone=f"199{n:08}", staff_number=f"N{n}", subject="数学",
        )
        for n in range(count)
    ]  # fmt: skip


def longest_wait(ended: Event, waits: list[float]) -> None:
    """Take the tree as one who transfers somebody does, again and again, and note how long that took each time."""
    with closing(connection.copy()) as beside:
        while not ended.is_set():
            start = time.perf_counter()
            with beside.cursor() as cursor:
                cursor.execute(HOLD)
            waits.append(time.perf_counter() - start)
            ended.wait(0.05)


def timed(what: str, act: Callable[[], object]) -> None:
    ended, waits = Event(), [0.0]
    beside = Thread(target=longest_wait, args=(ended, waits))
    beside.start()
    start, busy = time.perf_counter(), time.process_time()
    with transaction.atomic():
        act()
    took, busy = time.perf_counter() - start, time.process_time() - busy
    ended.set()
    beside.join()
    print(
        f"{what:<28}{took:>7.1f} s, {busy:>6.1f} s of it our own; others wait {max(waits):>6.1f} s at most", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0, interactive=False)
    if Unit.objects.exists():
        raise SystemExit("This data folder is in use: give an empty one.")
    by = platform("bench")
    county = found_unit(by=by, name="county", level="county", kind="area")
    schools = [
        found_unit(by=by, name=f"school {n}", level="school", kind="primary", parent=county.pk).pk
        for n in range(SCHOOLS)
    ]
    rows, made = rows_of(options.rows, schools), []
    timed(f"{options.rows} new people in", lambda: made.append(apply_roster(by=by, unit=county.pk, rows=rows)))
    print({kind: len(getattr(made[0], kind)) for kind in ("new", "changed", "same", "problems")})
    timed("the same again", lambda: apply_roster(by=by, unit=county.pk, rows=rows))
    timed("taken back", lambda: undo_roster(by=by, roster=made[0].roster))


if __name__ == "__main__":
    main()
