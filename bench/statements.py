"""Statements a second into the record store over HTTP, and how long reading takes. Writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-statements PYTHONPATH=src:. python bench/statements.py --total 100000 --flight 4
WEINENG_DATA=/tmp/weineng-bench-statements PYTHONPATH=src:. python bench/statements.py --serve     # for another client

Starts the server with two web workers on the embedded PostgreSQL, admits a platform, sends batches of 100 invented statements of
20,000 learners in 500 lessons, some batches twice, then asks in every way. Prints what a bare COPY of the same bytes into a table
without indexes takes, and the ratio.

On two cores, client included, nothing beside it: 100,000 statements in 14 to 17 s (6,047 to 7,040 a second), POST p95 85 to 124 ms, nothing
doubled or lost, every question within 19 ms (p95) among 100,000 and within 14 ms among 2,000,000;
bare COPY of the same bytes 41,500 a second.
Beside much else (load 9): 1,530 a second.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tests.world import build_world
from weineng.kernel.actors import platform
from weineng.learning.actions import issue_api_key
from weineng.learning.models import Provider
from weineng.organisations.models import Unit
from weineng.statements.models import Statement

VERBS = ("launched", "initialized", "progressed", "passed", "completed", "terminated")
HOME = "https://teachers.example"
COURSES = "https://platform.example/courses"
BATCH = 100


# --- The server ------------------------------------------------------------------------------------------------------
def key_of_platform() -> str:
    """A key of the platform `qingyun`, in a world made now or before."""
    place = Path(settings.DATA) / "bench-key"
    if not Unit.objects.exists():
        with transaction.atomic():
            build_world()
    if not place.exists():
        owner = Provider.objects.get(code="qingyun").owner_id or 0
        scopes = ["statements.write", "statements.read", "state", "profile"]
        issued = issue_api_key(by=platform("bench"), unit=owner, provider="qingyun", label="bench", scopes=scopes)
        place.write_text(issued[1])
    return place.read_text()


def start(port: int) -> subprocess.Popen[bytes]:
    """The server with two web workers, once it answers."""
    log = (Path(settings.DATA) / "web.log").open("ab")
    child = subprocess.Popen(
        [sys.executable, "-m", "weineng", "serve", "--port", str(port)], stdout=log, stderr=log, start_new_session=True
    )
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/xapi/2.0/about").status_code == 200:
                return child
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError("the web does not come up")


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server; a web worker that was only starting does not hear that it shall."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


# --- What is sent ----------------------------------------------------------------------------------------------------
def statements(seed: int) -> Iterator[dict[str, Any]]:
    """Invented statements; another seed, other ids."""
    chance, at = random.Random(seed), datetime.now(UTC) - timedelta(days=30)
    while True:
        at += timedelta(milliseconds=chance.randint(1, 2000))
        lesson, verb = chance.randrange(500), chance.choice(VERBS)
        yield {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": f"T{chance.randrange(20_000)}"}},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"en": verb}},
            "object": {
                "objectType": "Activity",
                "id": f"{COURSES}/{lesson // 10}/{lesson % 10}",
                "definition": {
                    "type": "http://adlnet.gov/expapi/activities/lesson",
                    "name": {"en": f"Lesson {lesson}"},
                },
            },
            "context": {
                "registration": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "platform": "bench",
                "contextActivities": {
                    "parent": [{"id": f"{COURSES}/{lesson // 10}"}],
                    "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}],
                },
                "extensions": {f"{COURSES}/ext/session": chance.getrandbits(40)},
            },
            "result": {"duration": "PT12M30S", "completion": verb == "completed"},
            "timestamp": at.isoformat(),
        }


def batches(seed: int, count: int) -> Iterator[bytes]:
    """Bodies of calls."""
    made = statements(seed)
    for _ in range(count):
        yield json.dumps([next(made) for _ in range(BATCH)], separators=(",", ":")).encode()


# --- Load ------------------------------------------------------------------------------------------------------------
class Times:
    """How long calls took, in milliseconds, and what was answered."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.codes: Counter[int] = Counter()

    async def of(self, call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        began = time.perf_counter()
        answer = await call()
        self.took.append(1000 * (time.perf_counter() - began))
        self.codes[answer.status_code] += 1
        return answer

    def __str__(self) -> str:
        ordered = sorted(self.took)
        p50, p95 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
        return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, most {ordered[-1]:.1f} ms, answers {dict(self.codes)}"


async def send(client: httpx.AsyncClient, bodies: Iterator[bytes], flight: int, twice: float) -> tuple[Times, float]:
    """Every body by one of so many senders at once, a share of them twice."""
    times, began, chance = Times(), time.perf_counter(), random.Random(1)

    async def one() -> None:
        for body in bodies:
            for _ in range(2 if chance.random() < twice else 1):
                await times.of(lambda body=body: client.post("statements", content=body))

    await asyncio.gather(*(one() for _ in range(flight)))
    return times, time.perf_counter() - began


async def ask(client: httpx.AsyncClient, seed: int, count: int) -> dict[str, Times]:
    """Every kind of question, so many times, about statements that were sent."""
    made, found = statements(seed), dict[str, Times]()
    wanted = [next(made) for _ in range(count)]
    verb = "http://adlnet.gov/expapi/verbs/completed"
    kinds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "by id": lambda s: {"statementId": s["id"]},
        "latest": lambda s: {"limit": 100},
        "agent": lambda s: {"agent": json.dumps(s["actor"]), "limit": 100},
        "agent, related": lambda s: {"agent": json.dumps(s["actor"]), "related_agents": "true", "limit": 100},
        "activity": lambda s: {"activity": s["object"]["id"], "limit": 100},
        "activity, related": lambda s: {"activity": f"{COURSES}/7", "related_activities": "true", "limit": 100},
        "verb and activity": lambda s: {"verb": verb, "activity": s["object"]["id"], "limit": 100},
        "verb": lambda s: {"verb": verb, "limit": 100},
        "verb and activity, related": lambda s: {
            "verb": verb,
            "activity": f"{COURSES}/7",
            "related_activities": "true",
            "limit": 100,
        },
        "verb and agent": lambda s: {"verb": verb, "agent": json.dumps(s["actor"]), "limit": 100},
        "registration": lambda s: {"registration": s["context"]["registration"]},
    }
    for kind, params in kinds.items():
        found[kind] = Times()
        for one in wanted:
            await found[kind].of(lambda one=one, params=params: client.get("statements", params=params(one)))
    return found


def bare_copy(bodies: Sequence[bytes]) -> float:
    """Seconds that COPY takes for the same statements as text, without an index or a check, in transactions of one batch."""
    with connection.cursor() as cursor:
        cursor.execute("create table bare (seq bigint, body text)")
    began, seq = time.perf_counter(), 0
    for body in bodies:
        texts = [json.dumps(one) for one in json.loads(body)]
        with connection.cursor() as cursor, cursor.copy("copy bare (seq, body) from stdin") as pipe:
            for text in texts:
                pipe.write_row((seq, text))
                seq += 1
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("drop table bare")
    return took


async def talk(url: str, key: str, given: argparse.Namespace) -> tuple[Times, float, dict[str, Times]]:
    """Send everything, then ask."""
    headers = {"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"{url}/", auth=("qingyun", key), headers=headers, timeout=60) as client:
        times, took = await send(client, batches(given.seed, given.total // BATCH), given.flight, given.twice)
        return times, took, await ask(client, given.seed, given.ask)


def measure(url: str, key: str, given: argparse.Namespace) -> None:
    """Print the figures."""
    before = Statement.objects.count()
    times, took, asked = asyncio.run(talk(url, key, given))
    stored = Statement.objects.count() - before
    print(f"sent {given.total:,} in {took:.1f} s: {given.total / took:,.0f} statements/s, {given.flight} in flight")
    print(f"POST of {BATCH}: {times}")
    print(f"stored {stored:,}, {before:,} before; doubled or lost {stored - given.total:,}")
    for kind, found in asked.items():
        print(f"GET {kind}: {found}")
    share = list(batches(given.seed + 1, min(200, given.total // BATCH)))
    rate = len(share) * BATCH / bare_copy(share)
    print(f"bare COPY of the same bytes: {rate:,.0f} statements/s; ratio {given.total / took / rate:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8130)
    parser.add_argument("--total", type=int, default=100_000)
    parser.add_argument("--flight", type=int, default=4)
    parser.add_argument("--twice", type=float, default=0.0, help="share of batches that are sent twice")
    parser.add_argument("--ask", type=int, default=50, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--serve", action="store_true", help="only serve, until Ctrl-C")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server ends with this
    call_command("migrate", verbosity=0, interactive=False)
    key = key_of_platform()
    server = start(given.port)
    url = f"http://127.0.0.1:{given.port}/xapi/2.0"
    try:
        if given.serve:
            print(f"{url}  qingyun:{key}", flush=True)
            server.wait()
        else:
            measure(url, key, given)
    finally:
        end(server)


if __name__ == "__main__":
    main()
