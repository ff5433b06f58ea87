"""Kill web, worker and postmaster at random instants under mixed load; compare with an outside list of what was acknowledged.

WEINENG_DATA=/tmp/weineng-bench-kill PYTHONPATH=src:. python bench/kill.py --seed 7 --kills 200

Load: platforms deliver batches of 20 records over the API (new, repeated, corrected), an office applies rosters in the
browser, teachers bring files by the upload form. An answer is written to a list outside (fsync) before the next request is
made. Prints kills by target, requests acknowledged and broken, and at the end: acknowledged things that are lost, things
stored twice, batches or rosters half done, breaks in the log's chain, differences from a recount. All must be 0.
"""

import argparse
import json
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
os.environ["WEINENG_DEMO"] = "1"
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.p4 import publish_p4
from tests.web.signing import client_of
from tests.world import build_world
from weineng.accounts.actions import issue_api_key
from weineng.accounts.models import Grant
from weineng.audit import chain
from weineng.audit.queries import export_entries
from weineng.files.models import Upload
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.models import Record
from weineng.ops.loops import run_once
from weineng.ops.postgres.server import ensure_running, server_home, stop
from weineng.organisations.models import Person
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.progress.actions import compare_with_recount

START = datetime(2026, 3, 1, 8, tzinfo=CIVIL)
ROWS = 20
HEAD = "姓名,性别,证件类型,证件号码,学校标识码,学校名称,教研组,任教学段,任教学科,编制,在岗状态,工号"


class Platform:
    """The processes: started, killed, started again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.children: dict[str, subprocess.Popen] = {}
        for name in ("web", "worker"):
            self.start(name)

    def start(self, name: str) -> None:
        command = ["serve", "--port", str(self.port)] if name == "web" else ["worker"]
        log = (Path(settings.DATA) / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(
            [sys.executable, "-m", "weineng", *command], stdout=log, stderr=log, start_new_session=True
        )

    def kill(self, name: str) -> bool:
        if name == "postmaster":
            home = server_home(settings.POSTGRES)
            try:
                pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                return False
            ensure_running(settings.POSTGRES)
            return True
        if name == "web worker":  # one of granian's; its parent starts another
            below = (
                Path(f"/proc/{self.children['web'].pid}/task/{self.children['web'].pid}/children").read_text().split()
            )
            if below:
                os.kill(int(random.choice(below)), signal.SIGKILL)
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
            time.sleep(0.1)
        raise TimeoutError("the web does not come up")

    def end(self) -> None:
        for child in self.children.values():
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class Outside:
    """What was acknowledged, on disk before anything else happens."""

    def __init__(self, place: Path) -> None:
        self.file = place.open("w")
        self.lock = threading.Lock()
        self.said: list[dict] = []
        self.broken: Counter[str] = Counter()

    def refuse(self, kind: str, answer: httpx.Response) -> None:
        """An answer that acknowledges nothing; the first of each kind is shown."""
        if not self.broken[kind]:
            print(kind, answer.status_code, answer.text[:600], flush=True)
        self.broken[kind] += 1

    def note(self, **fact) -> None:
        with self.lock:
            self.said.append(fact)
            self.file.write(json.dumps(fact, ensure_ascii=False) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())


def deliver(where, key, world, outside, stopping, seed):
    dice, number = random.Random(seed), 0
    with httpx.Client(base_url=where, headers={"Authorization": f"Bearer {key}"}, timeout=20) as client:
        while not stopping.is_set():
            number += 1
            batch = f"s{seed}-{number}"
            starts = START + timedelta(minutes=137 * number + 11 * seed)
            people = dice.choices(world.everybody, k=ROWS)
            rows = [
                {"id": f"{batch}-{n}", "person_type": "id-card", "person_number": m.number, "mode": "online", "course": f"c{number}-{n}",
                 "title": batch, "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(minutes=30)).isoformat(), "minutes": 30}
                for n, m in enumerate(people)
            ]  # fmt: skip
            for _again in range(dice.choice((1, 1, 2))):
                try:
                    answer = client.post("/api/v1/providers/qingyun/records", json={"records": rows, "name": batch})
                except httpx.HTTPError:
                    outside.broken["records"] += 1
                    time.sleep(0.2)
                    continue
                if answer.status_code == 200 and all(
                    r["status"] in ("created", "unchanged") for r in answer.json()["results"]
                ):
                    outside.note(kind="records", batch=batch, ids=[row["id"] for row in rows])
                else:
                    outside.refuse("records", answer)


def page_client(where, cookie):
    return httpx.Client(base_url=where, cookies={settings.SESSION_COOKIE_NAME: cookie}, timeout=20)


def token(text):
    mark = 'name="csrfmiddlewaretoken" value="'
    return text.split(mark, 1)[1].split('"', 1)[0]


def card(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    body = (
        f"51990119900101{number % 1000:03}"
        if number < 1000
        else f"5199011{number // 1000 % 100 + 900:03}0101{number % 1000:03}"
    )
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


def bring_rosters(where, cookie, world, outside, stopping, seed):
    number = 0
    with page_client(where, cookie) as client:
        while not stopping.is_set():
            number += 1
            names = [f"甲{seed}第{number}之{n}" for n in range(5)]
            lines = [
                f"{name},女,居民身份证,{card(200 + number * 5 + n)},3151990032,锦霖区白石镇九年一贯制学校,"
                f"数学教研组,初中,数学,在编,在岗,K{number}{n}"
                for n, name in enumerate(names)
            ]
            try:
                start = client.get("/imports/")
                sheet = "\n".join([HEAD, *lines]).encode()
                sent = client.post(
                    "/imports/",
                    data={"csrfmiddlewaretoken": token(start.text)},
                    files={"file": (f"{number}.csv", sheet)},
                )
                if sent.status_code != 302:
                    outside.refuse("roster", sent)
                    continue
                place = sent.headers["Location"]
                shown = client.get(place)
                done = client.post(place, data={"csrfmiddlewaretoken": token(shown.text)})
            except (httpx.HTTPError, IndexError):
                outside.broken["roster"] += 1
                time.sleep(0.2)
                continue
            if done.status_code == 302:
                outside.note(kind="roster", names=names)
            else:
                outside.refuse("roster", done)


def check(outside, world) -> dict[str, int]:
    faults: Counter[str] = Counter(lost=0, doubled=0, half=0, chain=0, differences=0, stuck=0)
    stored = Counter(Record.objects.exclude(title="").order_by("pk").values_list("source_id", flat=True))
    told = {i for fact in outside.said if fact["kind"] == "records" for i in fact["ids"]}
    faults["lost"] += len(told - set(stored))
    faults["doubled"] += sum(count > 1 for count in stored.values())
    batches = Counter(name.rsplit("-", 1)[0] for name in stored)
    faults["half"] += sum(count != ROWS for count in batches.values())
    people = Counter(Person.objects.filter(name__startswith="甲").order_by("pk").values_list("name", flat=True))
    names = {name for fact in outside.said if fact["kind"] == "roster" for name in fact["names"]}
    faults["lost"] += len(names - set(people))
    faults["doubled"] += sum(count > 1 for count in people.values())
    rosters = Counter(name.rsplit("之", 1)[0] for name in people)
    faults["half"] += sum(count != 5 for count in rosters.values())
    faults["chain"] = len(chain.check_lines(export_entries()).faults)
    programme = Enrolment.objects.values_list("programme", flat=True).first()
    faults["differences"] = len(compare_with_recount(by=platform("bench"), programme=programme))
    faults["half"] += Upload.objects.filter(receipt__isnull=False, blob__isnull=True).count()
    return dict(faults)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--port", type=int, default=8457)
    options = parser.parse_args()
    call_command("migrate", verbosity=0, interactive=False)
    world = build_world()
    p4 = publish_p4(world)
    version = p4.versions.get()
    for member in world.everybody:
        row = Enrolment.objects.create(programme=p4, version=version, person_id=member.person, since=date(2026, 1, 1))
        touch(enrolments=[row.pk])
    _row, key = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="bench", scopes=["records.write"]
    )
    grant = Grant.objects.get(person=world.office.person, role="office")
    cookie = client_of(world.office, f"grant:{grant.pk}").cookies[settings.SESSION_COOKIE_NAME].value
    connection.close()
    dice, outside, stopping = (
        random.Random(options.seed),
        Outside(Path(settings.DATA) / "acknowledged.jsonl"),
        threading.Event(),
    )
    processes = Platform(options.port)
    load = [threading.Thread(target=deliver, args=(processes.base, key, world, outside, stopping, n)) for n in (1, 2)]
    load.append(threading.Thread(target=bring_rosters, args=(processes.base, cookie, world, outside, stopping, 3)))
    began, kills = time.monotonic(), Counter()
    try:
        processes.wait()
        for thread in load:
            thread.start()
        while sum(kills.values()) < options.kills:
            time.sleep(dice.uniform(0.2, 2.2))
            target = dice.choices(("web", "web worker", "worker", "postmaster"), (1, 4, 3, 4))[0]
            kills[target] += processes.kill(target)
        time.sleep(5)
    finally:
        stopping.set()
        for thread in load:
            thread.join(60)
        processes.end()
    for _round in range(20):
        run_once()
    faults = check(outside, world)
    told = Counter(fact["kind"] for fact in outside.said)
    print(f"seed {options.seed}: {sum(kills.values())} kills {dict(kills)} in {time.monotonic() - began:.0f} s")
    print(f"acknowledged {dict(told)}, broken {dict(outside.broken)}, records stored {Record.objects.count()}")
    print("faults " + ", ".join(f"{name} {count}" for name, count in faults.items()))
    connection.close()
    stop(settings.POSTGRES)
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
