"""From a statement to the hours on the teacher's own page. Writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-page PYTHONPATH=src:. python bench/to_page.py --rate 300 --seconds 120

Starts the server with two web workers and the worker, as in production, on the embedded PostgreSQL. Three platforms say what teachers
do as it happens, in order, `--rate` statements a second in all: one in calls of one statement, one in calls of five, one of twenty.
Each course is six statements (launched … terminated) and counts by its fifth, one period of 45 minutes. Thirty more teachers
have signed in and look at their year again and again: how long from the moment at which a platform began to send a statement about
them until the page shows the period? At the end every course must be one record.

A look costs 40 ms of processor time, a round of the worker that reads 150 statements and counts 25 teachers 100 ms. So on two cores at
most a few look at once, and more of them would measure themselves.

On two quiet cores, 300 a second held for 75 s (23,054 statements, 3,899 courses, all of them records, none missed): statement to page
p50 0.47 s, p95 0.59 s, p99 0.77 s of 72 looks, of which the look itself took 0.08 s (p95 0.12); POST p95 37 to 44 ms.
"""

import argparse
import asyncio
import random
import re
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.statements import Times, end, start

# isort: split
import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.district import enrol_nine_year, start_p4
from tests.world import PASSWORD, Member, World, build_world
from weineng.accounts.models import Account
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import agree_home, agree_rule, issue_api_key
from weineng.learning.models import Provider, Record
from weineng.learning.rules import AgreedRule
from weineng.ops.demo.visitor import Visitor
from weineng.ops.loops import run_once
from weineng.ops.postgres.server import stop

VERBS = ("launched", "initialized", "progressed", "passed", "completed", "terminated")
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
PLATFORMS = (("qingyun", 1, 0.1), ("yunfan", 5, 0.4), ("zhixing", 20, 0.5))  # statements of a call, share of all
WATCHED, LINES = 30, 4  # LINES: connections of a platform, each for teachers of its own
FIRST = datetime(2026, 1, 6, 9, tzinfo=CIVIL)
PAUSE = 0.15  # seconds between two looks of one
LOOKING = 4  # teachers who look at once
PATIENCE = 15.0  # seconds after which a period that is not shown is missed
SHOWN = re.compile(r"在线网络课程 (\d+)(?:\.\d+)? / 20")


@dataclass
class Probe:
    """A course of a teacher who watches: sent when, shown when."""

    teacher: Member
    number: int  # of this teacher's
    sent: asyncio.Future[float] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass
class Platform:
    """One that speaks: its key, how it speaks, what waits to be said first."""

    code: str
    key: str
    size: int
    rate: float
    times: Times = field(default_factory=Times)
    probes: list[Probe] = field(default_factory=list)
    said: int = 0
    courses: int = 0


# --- Before ----------------------------------------------------------------------------------------------------------
def prepare(rate: float, count: int) -> tuple[list[Platform], list[Member], list[Member]]:
    """A programme that runs, its teachers, and what is agreed with the platforms."""
    call_command("migrate", verbosity=0, interactive=False)
    world = build_world()
    p4 = start_p4(world)
    watched = enter(world, WATCHED)
    with patch.object(Account, "set_password"):  # they never sign in, and a hash takes its time
        teachers = enter(world, count)
    enrol_nine_year(world, p4, on=FIRST.date())
    by, platforms = world.office.actor, []
    for code, size, share in PLATFORMS:
        row, _made = Provider.objects.get_or_create(
            code=code, defaults={"name": code, "owner_id": world.district, "created_at": FIRST}
        )
        agree_home(by=by, provider=row.pk, home_page=home_of(code), person_type="id-card")
        rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)
        agree_rule(by=by, provider=row.pk, rule=rule)
        _row, key = issue_api_key(by=by, unit=world.district, provider=code, label="bench", scopes=["statements.write"])
        platforms.append(Platform(code, key, size, rate * share))
    run_once()
    return platforms, teachers, watched


def enter(world: World, count: int) -> list[Member]:
    return [world.enter(f"乙{n}", world.maths, stage="junior", subject="数学") for n in range(count)]


def home_of(code: str) -> str:
    return f"https://id.{code}.example/cards"


def cookies_of(base: str, one: Member) -> httpx.Cookies:
    """What a browser holds after the teacher has signed in."""
    visitor = Visitor(base, one.key, one.name)
    visitor.get("/sign-in/").send({"name": one.key, "password": PASSWORD}, holds="password", stay=True)
    return visitor.http.cookies


# --- What is said ----------------------------------------------------------------------------------------------------
def statement(platform: Platform, one: Member, course: int, verb: str) -> dict[str, Any]:
    """What somebody did in their course of this number, each on a day of its own."""
    at = FIRST + timedelta(days=course % 280)
    return {
        "id": str(uuid.uuid4()),
        "actor": {"objectType": "Agent", "account": {"homePage": home_of(platform.code), "name": one.number}},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
        "object": {
            "objectType": "Activity",
            "id": f"https://{platform.code}.example/courses/{one.key}/{course}",
            "definition": {"name": {"zh-CN": f"课程 {course}"}},
        },
        "result": {"duration": "PT45M", "completion": verb == "completed"},
        "timestamp": at.isoformat(),
    }


def trickle(platform: Platform, teachers: list[Member]) -> Iterator[dict[str, Any]]:
    """Course after course of one teacher after the other, from the first statement to the last; a probe goes before."""
    course = 0
    while True:
        for one in teachers:
            for verb in VERBS:
                platform.courses += verb == "completed"
                yield statement(platform, one, course, verb)
        course += 1


async def speak(platform: Platform, line: int, teachers: list[Member], base: str, until: float) -> None:
    """Say what is due, call after call, each after the answer to the one before."""
    made, gap = trickle(platform, teachers), LINES * platform.size / platform.rate
    due = time.perf_counter() + gap * (line + random.random()) / LINES
    headers = {"X-Experience-API-Version": "2.0.0"}
    async with httpx.AsyncClient(
        base_url=base, auth=(platform.code, platform.key), headers=headers, timeout=60
    ) as client:
        while due < until and time.perf_counter() < until + PATIENCE:
            await asyncio.sleep(due - time.perf_counter())
            probe = platform.probes.pop(0) if platform.probes else None
            body = [next(made) for _ in range(platform.size - (probe is not None))]
            if probe:
                body.append(statement(platform, probe.teacher, probe.number, "completed"))
                platform.courses += 1
                probe.sent.set_result(time.perf_counter())
            answer = await platform.times.of(lambda body=body: client.post("/xapi/2.0/statements", json=body))
            platform.said += len(body) if answer.status_code == 200 else 0
            due += gap


# --- What is seen ----------------------------------------------------------------------------------------------------
async def watch(client: httpx.AsyncClient, probe: Probe, looks: Times) -> float | None:
    """Seconds until the page shows the period; None if it does not in time."""
    began = await asyncio.wait_for(probe.sent, 2 * PATIENCE)
    while time.perf_counter() < began + PATIENCE:
        await asyncio.sleep(PAUSE)
        page = await looks.of(lambda: client.get("/my/"))
        words = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        if (found := SHOWN.search(words)) and int(found[1]) >= probe.number + 1:
            return time.perf_counter() - began
    return None


async def probe_all(
    platforms: list[Platform], watched: list[tuple[Member, httpx.AsyncClient]], looks: Times, every: float, until: float
) -> list[float | None]:
    """One course after another of those who watch, by one platform after another."""
    tasks, numbers = list[asyncio.Task[float | None]](), Counter[str]()
    while time.perf_counter() < until:
        if sum(not task.done() for task in tasks) < LOOKING:
            turn = len(tasks)
            one, client = watched[turn % len(watched)]
            probe = Probe(one, numbers[one.key])
            numbers[one.key] += 1
            platforms[turn % len(platforms)].probes.append(probe)
            tasks.append(asyncio.create_task(watch(client, probe, looks)))
        await asyncio.sleep(every)
    return list(await asyncio.gather(*tasks))


async def run(
    base: str, platforms: list[Platform], teachers: list[Member], cookies: list[tuple[Member, httpx.Cookies]],
    given: argparse.Namespace,
) -> tuple[list[float | None], Times, float]:  # fmt: skip
    """Everybody at once; what was seen, how long the pages took, and how many seconds it went on."""
    headers, looks = {"Accept-Language": "zh-CN"}, Times()
    watched = [
        (one, httpx.AsyncClient(base_url=base, cookies=held, headers=headers, timeout=60)) for one, held in cookies
    ]
    began = time.perf_counter()
    until = began + given.seconds
    speakers = [
        asyncio.create_task(speak(one, line, teachers[place * LINES + line :: len(platforms) * LINES], base, until + 2))
        for place, one in enumerate(platforms)
        for line in range(LINES)
    ]
    await asyncio.sleep(3)  # until everything runs
    seen = await probe_all(platforms, watched, looks, given.every, until)
    await asyncio.gather(*speakers)
    took = time.perf_counter() - began
    for _one, client in watched:
        await client.aclose()
    return seen, looks, took


def tell(platforms: list[Platform], seen: list[float | None], looks: Times, took: float) -> int:
    """Print the figures; whether something is wrong."""
    said, courses = sum(one.said for one in platforms), sum(one.courses for one in platforms)
    print(f"said {said:,} statements in {took:.1f} s: {said / took:.0f} a second")
    for one in platforms:
        print(f"POST of {one.size} by {one.code}: {one.times}")
    print(f"GET /my/: {looks}")
    shown = sorted(1000 * one for one in seen if one is not None)
    if shown:
        p50, p95, p99 = (shown[min(len(shown) - 1, int(share * len(shown)))] for share in (0.5, 0.95, 0.99))
        print(
            f"statement to page: p50 {p50:.0f} ms, p95 {p95:.0f}, p99 {p99:.0f}, most {shown[-1]:.0f}; {len(shown)} times"
        )
    run_once()
    records = Record.objects.count()
    print(f"missed {len(seen) - len(shown)}; {records:,} records of {courses:,} courses")
    return int(len(shown) < len(seen) or records != courses)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8131)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--teachers", type=int, default=200, help="besides those who watch")
    parser.add_argument("--every", type=float, default=1.0, help="seconds from one course that is watched to the next")
    given = parser.parse_args()
    platforms, teachers, watched = prepare(given.rate, given.teachers)
    connection.close()
    base, log = f"http://127.0.0.1:{given.port}", (Path(settings.DATA) / "worker.log").open("ab")
    server = start(given.port)
    worker = subprocess.Popen(
        [sys.executable, "-m", "weineng", "worker"], stdout=log, stderr=log, start_new_session=True
    )
    try:
        cookies = [(one, cookies_of(base, one)) for one in watched]
        seen, looks, took = asyncio.run(run(base, platforms, teachers, cookies, given))
    finally:
        end(server)
        end(worker)
    wrong = tell(platforms, seen, looks, took)
    connection.close()
    stop(settings.POSTGRES)
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
