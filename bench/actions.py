"""The highest rate of actions at which the province's page shows each within a second. Prints p50 and p99 of each rate.

    WEINENG_DATA=… ./weineng simulate --teachers 100000 --seed 1
    WEINENG_DATA=… PYTHONPATH=src:. python bench/actions.py                 # in process: three kinds of actions
    WEINENG_DATA=… PYTHONPATH=src:. python bench/actions.py --over-http     # records delivered to the API, the page read through it

Actions fall due evenly, whether those before are done or not, and time runs from then: records delivered (a call each), results
brought in (a sheet each) and evidence handed in, each by somebody for whom it is the act that makes one number of the province's
page larger by one: who meets the online courses, who has the recording, who takes part. The worker runs beside, as
`./weineng worker` does, and those who act are processes of their own; the page's figures are asked again and again, and the first
that are n larger show the n-th action of the kind. A rate holds while 99 of 100 are seen within a second. Evidence is prepared
(files and all) before a rate begins: one in fifty actions.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from unittest import mock

import django
import httpx

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from django.conf import settings
from django.db import connection

from tests.files import samples
from tests.files.conftest import bring
from weineng.accounts.actions import issue_office_key
from weineng.accounts.roles import OWN, SOURCE
from weineng.assessment.actions import import_results
from weineng.assessment.actions.imports import ResultRow
from weineng.certification.actions import award_due
from weineng.evidence.actions import attach_file, describe_submission, draft_submission, seal_submission
from weineng.evidence.models import Item
from weineng.evidence.queries import limits_for_item, purpose_of
from weineng.files.probe import inspect
from weineng.kernel.actors import Actor, platform
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, issue_api_key
from weineng.learning.models import Provider
from weineng.learning.rules import RecordRow
from weineng.organisations.models import ExternalIdentifier, Unit
from weineng.planning.models import ChosenPoint
from weineng.programmes.models import Programme
from weineng.progress.queries import overview
from weineng.progress.queries.overviews import Figures
from weineng.web.shell.addresses import oid

BY = platform("bench")
FORK = multiprocessing.get_context("fork")
PATIENCE = 20.0  # seconds after which an action that is not seen yet is told as such
ONCE, SHARE = 0.03, 50  # seconds between two looks at the page; one action in so many is evidence
DAY = 360  # minutes of online courses that count in a day
SEEN: dict[str, Callable[[Figures], int]] = {
    "record": lambda total: total.met["online"],
    "result": lambda total: total.met["recording"],
    "evidence": lambda total: total.participants,
}
# Those who lack a day's online hours; those who lack the recording; those who have not begun, with a point they chose.
LACKING = """
select e.id, e.person_id, p.name from progress_standing s
  join programmes_enrolment e on e.id = s.enrolment_id join organisations_person p on p.id = e.person_id
 where s.programme_id = %(programme)s and s.demand = %(demand)s and s.verdict = 'open' and s.participant
   and s.need - s.have <= %(most)s
   and not exists (select from learning_record r where r.person_id = e.person_id and r.ends_at > %(since)s)
   and not exists (select from assessment_result a where a.enrolment = e.id and a.item = 'recording')
 order by e.id"""
NOT_BEGUN = """
select e.id, e.person_id, p.name from progress_standing s
  join programmes_enrolment e on e.id = s.enrolment_id join organisations_person p on p.id = e.person_id
 where s.programme_id = %(programme)s and s.demand = 'overall' and s.verdict = 'not-begun'
   and exists (select from planning_choice c where c.enrolment_id = e.id and c.superseded_at is null)
   and not exists (select from evidence_submission b where b.enrolment = e.id and b.state <> 'draft')
 order by e.id"""


@dataclass
class Kind:
    """One kind of action: what is still to be done, when what was done had been due, what was seen of it."""

    name: str
    waiting: list[Callable[[], None]]
    due: list[float] = field(default_factory=list)
    before: int = 0
    took: list[float] = field(default_factory=list)

    def begin(self, total: Figures) -> None:
        self.due, self.took, self.before = [], [], SEEN[self.name](total)

    def look(self, total: Figures, at: float) -> None:
        """Whatever the page shows more than before was done by those that were due first."""
        shown = SEEN[self.name](total) - self.before
        while len(self.took) < min(shown, len(self.due)):
            self.took.append(at - self.due[len(self.took)])


Planned = tuple[float, Kind, Callable[[], None]]  # seconds after the beginning, what kind of action, the action


class Province:
    """A simulated province, and who in it can do what."""

    def __init__(self, *, over_http: int | None) -> None:
        self.programme = Programme.objects.get(owner__isnull=False)
        self.unit = Unit.objects.filter(level="province").earliest("pk")
        self.provider = Provider.objects.filter(active=True).earliest("pk").code
        self.number = time.time_ns()
        self.http = f"http://127.0.0.1:{over_http}" if over_http else ""
        if self.http:
            scopes = {"unit": self.unit.pk, "label": "bench"}
            _key, self.write = issue_api_key(by=BY, provider=self.provider, scopes=["records.write"], **scopes)
            until = today() + timedelta(days=30)
            _key, self.read = issue_office_key(by=BY, scopes=["figures.read"], expires_on=until, **scopes)
        self.clients = threading.local()

    def client(self, key: str) -> httpx.Client:
        """One connection for each thread and key, as platforms keep theirs."""
        there = self.clients.__dict__.setdefault("by_key", {})
        if key not in there:
            there[key] = httpx.Client(base_url=self.http, timeout=30, headers={"Authorization": f"Bearer {key}"})
        return there[key]

    def figures(self) -> Figures:
        """What the province's page says, of everybody."""
        if not self.http:
            return overview(BY, self.programme.pk, self.unit.pk).total
        where = f"/api/v1/programmes/{self.programme.code}/figures"
        answer = self.client(self.read).get(where, params={"unit": oid(self.unit)})
        total = answer.raise_for_status().json()["total"]
        return Figures(**{name: total[name] for name in ("people", "participants", "verdicts", "met", "asked")})

    def found(self, sql: str, **params: object) -> list[tuple[int, int, str]]:
        """Enrolment, person and name of those a SELECT finds, in an order that goes across the province."""
        with connection.cursor() as cursor:
            cursor.execute(sql, {"programme": self.programme.pk, "since": now() - timedelta(days=20), **params})
            rows = cursor.fetchall()
        random.Random(1).shuffle(rows)
        return rows

    def numbers(self, people: list[int]) -> dict[int, str]:
        rows = ExternalIdentifier.objects.filter(person__in=people, type="id-card", valid_to__isnull=True)
        return {person: decrypt(cipher).decode() for person, cipher in rows.values_list("person", "cipher")}

    def records(self, most: int) -> Kind:
        rows = self.found(LACKING, demand="online", most=DAY)[:most]
        numbers = self.numbers([person for _e, person, _n in rows])
        return Kind("record", [self._record(numbers[person], name) for _e, person, name in rows])

    def _record(self, number: str, name: str) -> Callable[[], None]:
        self.number += 1
        ends = now() - timedelta(days=3)
        told = {
            "person_type": "id-card", "person_number": number, "person_name": name, "mode": "online", "title": "bench",
            "course": f"bench-{self.number}", "minutes": DAY,
        }  # fmt: skip
        row_id, starts = f"bench-{self.number}", ends - timedelta(minutes=DAY)
        by = Actor(door="rest", sources=frozenset({self.provider}), source_permissions=SOURCE)

        def deliver() -> None:
            row = RecordRow(row_id, starts_at=starts, ends_at=ends, **told)
            (answer,) = accept_records(by=by, provider=self.provider, rows=[row])
            assert answer.status == "created", answer

        def send() -> None:
            sent = {"id": row_id, "starts_at": starts.isoformat(), "ends_at": ends.isoformat(), **told}
            del sent["person_name"]
            answer = self.client(self.write).post(
                f"/api/v1/providers/{self.provider}/records", json={"records": [sent]}
            )
            assert answer.json()["results"][0]["status"] == "created", answer.text

        return send if self.http else deliver

    def results(self, most: int) -> Kind:
        rows = self.found(LACKING, demand="recording", most=10**9)[-most:]
        numbers = self.numbers([person for _e, person, _n in rows])
        return Kind("result", [self._result(numbers[person], name) for _e, person, name in rows])

    def _result(self, number: str, name: str) -> Callable[[], None]:
        def give() -> None:
            row = ResultRow("id-card", number, name, "recording", "", "pass", today())
            (answer,) = import_results(by=BY, programme=self.programme.code, unit=self.unit.pk, rows=[row])
            assert answer.status == "created", answer

        return give

    def evidence(self, most: int) -> Kind:
        ready: list[Callable[[], None]] = []
        with mock.patch("weineng.files.actions.probe", lambda path, **_: inspect(path)):
            for enrolment, person, _name in self.found(NOT_BEGUN):
                if len(ready) < most and (draft := self._drafted(enrolment, person)):
                    ready.append(draft)
        return Kind("evidence", ready)

    def _drafted(self, enrolment: int, person: int) -> Callable[[], None] | None:
        """A dossier with all its files, of somebody who has only to hand it in; None where their point asks for something else."""
        by = Actor(person=person, door="web", own=OWN)
        choice = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True)
        try:
            row = draft_submission(
                by=by,
                enrolment=enrolment,
                item="point",
                point=choice.order_by("point").values_list("point", flat=True)[0],
            )
            for item in Item.objects.filter(submission=row, version=row.version).order_by("seq"):
                self._put(by, item.pk)
            describe_submission(by=by, submission=row.pk, consent="none-visible")
        except Refused:
            return None
        return lambda: seal_submission(by=by, submission=row.pk)

    def _put(self, by: Actor, item: int) -> None:
        limits = limits_for_item(by, item)
        data, name = (samples.pdf(2), "方案.pdf") if "document" in limits.max_bytes else (samples.video(2), "报告.mp4")
        upload = bring(by, data, name, purpose=purpose_of(item), limits=limits)
        attach_file(by=by, item=item, upload=upload.pk)


def act_all(plan: list[Planned], begin: float, fallen: SimpleQueue, province: Province) -> None:
    """The share of one process: each action when it is due, or as soon as those before it are done."""
    province.clients = threading.local()
    for at, _kind, act in plan:
        time.sleep(max(0, begin + at - time.monotonic()))
        try:
            act()
        except Exception as error:  # noqa: BLE001 (told at the end)
            fallen.put(f"{type(error).__name__}: {error}")
    connection.close()


@contextmanager
def acting(
    plan: list[Planned], begin: float, processes: int, fallen: SimpleQueue, province: Province
) -> Iterator[None]:
    """Processes that act, with connections of their own."""
    connection.close()
    shares = [plan[place::processes] for place in range(processes)]
    children = [FORK.Process(target=act_all, args=(share, begin, fallen, province)) for share in shares]
    for child in children:
        child.start()
    try:
        yield
    finally:
        for child in children:
            child.join()


def run_at(
    rate: float, seconds: float, kinds: list[Kind], province: Province, processes: int, fallen: SimpleQueue
) -> tuple[bool, bool]:
    """Actions at so many a second for so long; whether the rate held, and whether there was enough to do."""
    total, plan = province.figures(), list(planned(rate, seconds, kinds))
    for kind in kinds:
        kind.begin(total)
    begin = time.monotonic() + 1
    with acting(plan, begin, processes, fallen, province):
        for at, kind, _act in plan:
            kind.due.append(begin + at)
        while time.monotonic() < begin + seconds + PATIENCE:
            total = province.figures()
            seen = time.monotonic()
            for kind in kinds:
                kind.look(total, seen)
            if all(len(kind.took) == len(kind.due) for kind in kinds):
                break
            time.sleep(ONCE)
    return tell(rate, seconds, kinds), len(plan) >= rate * seconds * 0.9


def planned(rate: float, seconds: float, kinds: list[Kind]) -> Iterator[Planned]:
    """When what is due."""
    for number in range(int(rate * seconds)):
        kind = kinds[-1] if len(kinds) == 3 and number % SHARE == 0 else kinds[number % min(2, len(kinds))]
        kind = kind if kind.waiting else max(kinds, key=lambda one: len(one.waiting))
        if kind.waiting:
            yield number / rate, kind, kind.waiting.pop()


def tell(rate: float, seconds: float, kinds: list[Kind]) -> bool:
    took = sorted(one for kind in kinds for one in kind.took)
    missing = sum(len(kind.due) - len(kind.took) for kind in kinds)
    took += [PATIENCE] * missing
    p50, p99 = statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.99))]
    parts = ", ".join(f"{len(kind.due)} {kind.name}" for kind in kinds)
    late = f", {missing} not seen within {PATIENCE:.0f} s" if missing else ""
    print(
        f"{rate:6.0f}/s for {seconds:.0f} s: p50 {p50 * 1000:6.0f} ms, p99 {p99 * 1000:6.0f} ms ({parts}{late})",
        flush=True,
    )
    return p99 <= 1


@contextmanager
def beside(*command: str) -> Iterator[None]:
    """A process of the platform, ended at the end."""
    log = (Path(settings.DATA) / "bench-actions.log").open("ab")
    child = subprocess.Popen([sys.executable, "-m", "weineng", *command], stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        child.wait(60)


def wait_for(address: str) -> None:
    for _attempt in range(300):
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError("the web does not come up")


def award() -> None:
    """The certificates of a province that was just counted are issued first: those of a year are not awarded in an hour."""
    issued = 0
    while more := award_due(by=BY):
        issued += more
    print(f"certificates issued before: {issued}", flush=True)


def settled(province: Province) -> None:
    """Until the worker has nothing left to do and the page stands still."""
    before, still = province.figures(), 0
    while still < 5:
        time.sleep(0.5)
        fresh = province.figures()
        before, still = fresh, still + 1 if fresh == before else 0


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--over-http", action="store_true")
    wanted.add_argument("--port", type=int, default=8459)
    wanted.add_argument(
        "--rates", default="", help="actions a second, with commas (10,20,40,60,80,100,120,160; over HTTP 5 to 60)"
    )
    wanted.add_argument("--seconds", type=float, default=10)
    wanted.add_argument("--processes", type=int, default=4, help="that act")
    asked = wanted.parse_args()
    rates = [
        float(rate)
        for rate in (asked.rates or ("5,10,20,30,40,60" if asked.over_http else "10,20,40,60,80,100,120,160")).split(
            ","
        )
    ]
    acts = int(sum(rates) * asked.seconds)
    with ExitStack() as stack:
        uploads = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(mock.patch.object(settings, "UPLOADS", uploads))
        province = Province(over_http=asked.port if asked.over_http else None)
        if asked.over_http:
            stack.enter_context(beside("serve", "--port", str(asked.port)))
            wait_for(province.http)
        award()
        stack.enter_context(beside("worker"))
        settled(province)
        kinds = [province.records(acts)]
        kinds += [] if asked.over_http else [province.results(acts), province.evidence(acts // SHARE + len(rates))]
        print("ready: " + ", ".join(f"{len(kind.waiting)} {kind.name}" for kind in kinds), flush=True)
        settled(province)
        best, fallen = 0.0, FORK.SimpleQueue()
        for rate in rates:
            held, enough = run_at(rate, asked.seconds, kinds, province, asked.processes, fallen)
            if not enough:
                print("too few people are left for whom an action would show")
            if not (held and enough):
                break
            best = rate
            settled(province)
    print(f"highest rate that held: {best:.0f}/s")
    while not fallen.empty():
        print(f"failed: {fallen.get()}")


if __name__ == "__main__":
    main()
