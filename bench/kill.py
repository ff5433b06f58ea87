"""Kill web, worker and postmaster at random instants under mixed load; compare with an outside list of what was acknowledged.

WEINENG_DATA=/tmp/weineng-bench-kill PYTHONPATH=src:. python bench/kill.py --seed 7 --kills 200

Load (`mixed_load.py`, twelve clients at once): platforms deliver batches of 20 records over the API (new, repeated, corrected)
and say 20 statements a call by xAPI (new, repeated, voided);
an office applies rosters and sheets of hours on the import pages, voids and restores records; teachers choose points,
upload evidence and recordings by tus in parts and hand them in; reviewers save ratings and hand reviews in; a host holds
sessions with sign-in, minutes and products; the worker settles, awards certificates (which their holders look at), revokes
them after voids, and seals the log meanwhile. A request
without an answer is sent again, byte for byte. Each acknowledgement is written to a list outside (fsync) before the next
request is made; a kill comes at a random instant after at least a few of them, so that no kill hits an idle platform.

Prints kills by target, what was acknowledged, requests broken, answers nobody expected, and at the end (`acknowledged.py`):
acknowledged things that are lost, things that are there twice, things half done, breaks in the log's chain, differences
from a recount, things still to be done after the worker said it was done. All must be 0.

On two cores, seed 7: 200 kills (64 postmaster, 55 worker, 50 web worker, 31 web) in 616 s; 1,878 acknowledged acts of 16 kinds
(633 batches of records, 364 ratings, 103 receipts of files, 71 sheets of hours, 70 rosters, 44 dossiers, 12 certificates …): lost 0,
doubled 0, half 0, chain 0, differences 0, stuck 0. The web ended by itself 8 times, when the database died while it started.
Four answers said that a file had to be sent once more.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
os.environ["WEINENG_DEMO"] = "1"  # the clock can be set, and people sign in by one click
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench.acknowledged import Outside, check, in_all
from bench.mixed_load import ACCOUNTS, COMPLETED, POINTS, Load, Over
from tests.district import enrol_nine_year, start_p4
from tests.planning.plans import approve
from tests.world import Member, World, build_world
from weineng.assessment.actions import import_results
from weineng.assessment.actions.imports import ResultRow
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import CIVIL, set_forward
from weineng.learning.actions import accept_records, agree_home, agree_rule, issue_api_key
from weineng.learning.models import Provider
from weineng.learning.rules import AgreedRule, RecordRow
from weineng.ops.loops import run_once
from weineng.ops.postgres.server import ensure_running, server_home, stop
from weineng.planning.actions import choose_points
from weineng.programmes.models import Enrolment
from weineng.web.shell.addresses import oid

NOW = datetime(2026, 11, 20, 20, tzinfo=CIVIL)
TEACHERS, READY = 36, 12  # besides those of the world


class Platform:
    """The processes: started, killed, started again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.children: dict[str, subprocess.Popen] = {}
        self.ended: Counter[str] = Counter()  # processes that ended though nobody killed them
        for name in ("web", "worker"):
            self.start(name)

    def start(self, name: str) -> None:
        command = ["serve", "--port", str(self.port)] if name == "web" else ["worker"]
        log = (Path(settings.DATA) / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(
            [sys.executable, "-m", "weineng", *command], stdout=log, stderr=log, start_new_session=True
        )

    def revive(self) -> None:
        """Start again what ended by itself, as whatever keeps services running does."""
        for name, child in self.children.items():
            if child.poll() is not None:
                self.ended[name] += 1
                self.start(name)

    def kill(self, name: str, dice: random.Random) -> bool:
        if name == "postmaster":
            home = server_home(settings.POSTGRES)
            try:
                pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                return False
            if dice.random() < 0.5:  # else web and worker find it gone and start it themselves
                ensure_running(settings.POSTGRES)
            return True
        if name == "web worker":  # one of granian's; its parent starts another
            below = (
                Path(f"/proc/{self.children['web'].pid}/task/{self.children['web'].pid}/children").read_text().split()
            )
            if below:
                os.kill(int(dice.choice(below)), signal.SIGKILL)
            return bool(below)
        os.killpg(self.children[name].pid, signal.SIGKILL)
        self.children[name].wait()
        self.start(name)
        if name == "web":
            self.wait()
        return True

    def wait(self, seconds: float = 120) -> None:
        """Until the web answers: kills while it starts would only test the starting."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.base}/health", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            self.revive()
            time.sleep(0.1)
        raise TimeoutError("the web does not come up")

    def end(self) -> None:
        for child in self.children.values():
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def people(world: World) -> tuple[World, dict[str, list[str]]]:
    """The world with more teachers and reviewers; sign-in names by part."""
    teachers = [
        world.enter(
            f"乙{n}", world.maths if n % 2 else world.chinese, stage="junior", subject="数学" if n % 2 else "语文"
        )
        for n in range(TEACHERS)
    ]
    ready = [
        world.enter(f"丁{n}", world.maths, stage="junior", subject="数学") for n in range(READY)
    ]  # lack but their online hours
    panel = [*world.panel, *(world.enter(f"丙{n}", world.computing) for n in range(3))]
    for one in panel[3:]:
        world.grant(one.person, "panel-member", world.nine_year)
    both = [*teachers, world.teacher, world.colleague, *world.chinese_teachers]
    names = {
        "office": [world.office.key], "teachers": [one.key for one in both], "hosts": [world.leader.key],
        "members": [one.key for one in both if one.unit == world.maths],
        "ready": [one.key for one in ready],
        "reviewers": [one.key for one in (*panel, *both, world.leader, world.cio, world.principal)],
    }  # fmt: skip
    return world, names


def prepare(port: int, seed: int, outside: Outside) -> Load:
    """The invented world with P4 running, and who does what in it."""
    set_forward(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
    call_command("migrate", verbosity=0, interactive=False)
    world, names = people(build_world())
    p4 = start_p4(world)
    enrolled = enrol_nine_year(world, p4, on=date(2026, 1, 5))
    approve(world, p4, world.nine_year, world.cio, dimensions=("learner-analysis", "teaching-design"), points=POINTS)
    for name in names["ready"]:
        decide_before(world.people[name], enrolled, p4.code, world.district)
    _row, key = issue_api_key(
        by=world.office.actor,
        unit=world.district,
        provider="qingyun",
        label="bench",
        scopes=["records.write", "statements.write"],
    )
    source = Provider.objects.get(code="qingyun").pk
    agree_home(by=world.office.actor, provider=source, home_page=ACCOUNTS, person_type="id-card")
    rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)
    agree_rule(by=world.office.actor, provider=source, rule=rule)
    set_forward(NOW)
    taking_part = [(one.name, one.number) for one in world.everybody if one.person in enrolled]
    group = oid(world.maths, "organisations.unit")
    return Load(f"http://127.0.0.1:{port}", outside, seed, key, names, taking_part, group)


def decide_before(one: Member, enrolled: dict[int, Enrolment], programme: str, office: int) -> None:
    """Points chosen and passed, the recording passed, research done: online hours will bring the certificate."""
    choose_points(by=one.actor, enrolment=enrolled[one.person].pk, points=POINTS)
    on = date(2026, 1, 5)
    items = [("point", point) for point in POINTS] + [("recording", "")]
    results = [ResultRow("id-card", one.number, one.name, item, point, "pass", on) for item, point in items]
    brought = import_results(by=platform("bench"), programme=programme, unit=office, rows=results)
    assert [row.status for row in brought] == ["created"] * 4
    starts = datetime(2026, 1, 4, 8, tzinfo=CIVIL)
    record = RecordRow(
        f"before-{one.key}", "id-card", one.number, one.name, "school-research", "c0", "before", starts,
        starts + timedelta(minutes=480), 480,
    )  # fmt: skip
    provider = Actor(door="rest", sources=frozenset({"qingyun"}), source_permissions=frozenset({"learning.deliver"}))
    assert [row.status for row in accept_records(by=provider, provider="qingyun", rows=[record])] == ["created"]


def run(part, load: Load, fallen: list[str], name: str) -> None:
    """One thread of the load; one that falls is a fault of the bench and is told."""
    try:
        part()
    except Over:
        pass
    except Exception as error:
        fallen.append(f"{name}: {type(error).__name__}: {error}")
        raise


def kill_all(processes: Platform, outside: Outside, dice: random.Random, wanted: int) -> Counter[str]:
    """Kill after kill, each at a random instant after a few more acknowledgements (or 20 seconds)."""
    kills: Counter[str] = Counter()
    while sum(kills.values()) < wanted:
        more, until = len(outside.said) + dice.randint(1, 12), time.monotonic() + 20
        while len(outside.said) < more and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.5))
        processes.revive()
        target = dice.choices(("web", "web worker", "worker", "postmaster"), (2, 3, 3, 4))[0]
        kills[target] += processes.kill(target, dice)
        if sum(kills.values()) % 20 == 0:
            print(f"{sum(kills.values())} kills, {in_all(outside)}", flush=True)
    return kills


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--port", type=int, default=8457)
    options = parser.parse_args()
    outside = Outside(Path(settings.DATA) / "acknowledged.jsonl")
    load = prepare(options.port, options.seed, outside)
    connection.close()
    processes, fallen = Platform(options.port), list[str]()
    threads = [threading.Thread(target=run, args=(part, load, fallen, name)) for name, part in load.threads().items()]
    began = time.monotonic()
    try:
        processes.wait()
        for thread in threads:
            thread.start()
        kills = kill_all(processes, outside, random.Random(options.seed), options.kills)
        time.sleep(5)
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join(60)
        processes.end()
    took = time.monotonic() - began
    run_once()
    faults = check(outside)
    print(f"seed {options.seed}: {sum(kills.values())} kills {dict(kills)} in {took:.0f} s")
    print(f"acknowledged {len(outside.said)}: {in_all(outside)}")
    print(f"ended by themselves and started again {dict(processes.ended)}")
    print(f"broken and sent again {dict(outside.broken)}, not expected {dict(outside.odd)}, fallen {fallen}")
    print("faults " + ", ".join(f"{name} {count}" for name, count in faults.items()))
    connection.close()
    stop(settings.POSTGRES)
    return 1 if any(faults.values()) or fallen else 0


if __name__ == "__main__":
    raise SystemExit(main())
