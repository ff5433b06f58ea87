"""What a sheet costs the web process that takes it in, and the worker: each request runs in a process forked for it, which
says how long it took and how much memory it had to take beyond what it began with. Writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-intakes PYTHONPATH=src:. python bench/intakes.py --rows 20000

Two cores that were busy with several people's tests (a load of six to fifteen, so seconds are to be compared with each other
only). Seconds of the request and MB that its process took; in brackets the worker. "Before" all of it was in the request,
except bringing in a roster.

                                    200 rows                        20,000 rows
                                    before          after           before           after
roster   send the file              0.9 s    9 MB   1.4 s   9 MB     16.0 s   87 MB   0.9 s  7 MB  (13 s)
         what was understood        0.2 s    8 MB   0.4 s   8 MB      2.3 s   54 MB   0.2 s  7 MB
         apply                      1.0 s    8 MB   1.4 s   8 MB      0.2 s    3 MB   0.2 s  3 MB  (63 s; before: 47 s)
         take back                  0.8 s    3 MB   0.9 s   4 MB     26.6 s   12 MB   0.5 s  3 MB  (37 s)
hours    send the file              0.8 s    5 MB   2.1 s   9 MB      4.6 s   34 MB   1.0 s  7 MB  (89 s)
         what was understood        1.2 s   10 MB   0.2 s   7 MB     94.5 s   80 MB   0.5 s  7 MB
         apply                      1.4 s   10 MB   1.2 s   9 MB    426.4 s   80 MB   0.4 s  3 MB  (317 s)
         the page after it          0.6 s    8 MB   0.2 s   7 MB    283.2 s   91 MB   0.3 s  7 MB
         take back                  0.5 s    6 MB   0.5 s   4 MB     41.4 s  308 MB   0.4 s  3 MB  (30 s)
results  send the file              0.8 s    5 MB   1.2 s   9 MB      0.5 s    5 MB * 1.1 s  6 MB  (27 s)
         what was understood        5.8 s    8 MB   0.2 s   7 MB     29.0 s    7 MB * 0.2 s  7 MB
         apply                      4.6 s    8 MB   0.5 s   8 MB     14.3 s    7 MB * 0.2 s  3 MB  (31 s)
         take back                  2.4 s    4 MB   -                 9.5 s    3 MB * 0.7 s  3 MB  (19 s)
* with 2,000 rows; 20,000 would have taken ten times as long.

What is said before hours are taken back takes a second to count, before results two.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client

from bench.rosters import card
from weineng.accounts.models import Account, Grant
from weineng.assessment.models import ResultsSheet
from weineng.kernel.actors import platform
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.learning.models import HoursSheet, Provider
from weineng.ops import loops
from weineng.organisations.actions import enter_person, found_unit
from weineng.organisations.models import Person, Roster, Unit
from weineng.organisations.rules import Post
from weineng.programmes.documents import read_document, to_json
from weineng.programmes.models import Enrolment, Programme, Version
from weineng.programmes.queries import PLANS, find_base

SCHOOLS = 20
ROSTER = "姓名,证件类型,证件号码,手机号,学校名称,教研组,任教学科,工号"
HOURS = "记录编号,姓名,证件类型,证件号码,学习方式,课程代码,课程名称,日期,分钟"
RESULTS = "姓名,证件类型,证件号码,项目,能力点,等级,认定日期"


def roster(rows: int) -> bytes:
    told = (
        f"某{n},居民身份证,{card(n)},199{n:08},甲{n % SCHOOLS}号小学,组{n // SCHOOLS % 30},数学,N{n}"
        for n in range(rows)
    )
    return "\n".join([ROSTER, *told]).encode()


def hours(rows: int) -> bytes:
    told = (f"b{n},某{n},居民身份证,{card(n)},网络研修,c{n % 50},某课,2026-03-0{1 + n % 9},45" for n in range(rows))
    return "\n".join([HOURS, *told]).encode()


def results(rows: int) -> bytes:
    told = (f"某{n},居民身份证,{card(n)},能力点,A1,合格,2026-05-0{1 + n % 9}" for n in range(rows))
    return "\n".join([RESULTS, *told]).encode()


def found() -> int:
    """A county with its schools, an office that is signed in by hand, a programme and a platform; the account's id."""
    by = platform("bench")
    county = found_unit(by=by, name="某县", level="county", kind="area")
    for n in range(SCHOOLS):
        found_unit(by=by, name=f"甲{n}号小学", level="school", kind="primary", parent=county.pk)
    office = enter_person(by=by, name="白某", post=Post(county.pk))
    Grant.objects.create(person=office, role="office", unit=county, starts_on=date(2020, 1, 1))
    document = read_document((PLANS / "p4-district.yaml").read_text(encoding="utf-8"), find_base)
    programme = Programme.objects.create(
        code="p4-district", owner=county, title={"en": "P4"}, started_on=date(2026, 1, 1)
    )
    Version.objects.create(
        programme=programme, number=1, source="", document=to_json(document), digest="",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    Provider.objects.create(code="yun", name="某平台", owner=county, created_at=now())
    account = Account(person=office, name="office", activated_at=now(), password_set_at=now(), created_at=now())
    account.set_password("a pass phrase of the bench")
    account.save()
    return account.pk


def enrol() -> None:
    version = Version.objects.get()
    people = Person.objects.filter(account__isnull=True).order_by("pk")
    Enrolment.objects.bulk_create(
        Enrolment(programme=version.programme, version=version, person=person, since=date(2026, 1, 1))
        for person in people
    )


def beside(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Do something in a process forked for it: what it says, seconds, and MB beyond what the process began with."""
    connections.close_all()
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.close(ours)
        Path("/proc/self/clear_refs").write_text("5")
        before, start = _peak(), time.perf_counter()
        said = work()
        told = [said, time.perf_counter() - start, _peak() - before]
        os.write(theirs, json.dumps(told).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        text = pipe.read()
    os.wait()
    said, seconds, megabytes = json.loads(text)
    return said, seconds, megabytes


def _peak() -> float:
    told = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return int(told) / 1024


class Office:
    """A browser of the office; what it asks for is printed with its cost."""

    def __init__(self, account: int) -> None:
        self.client = Client(headers={"accept-language": "zh-CN", "host": "127.0.0.1"})
        self.client.force_login(Account.objects.get(pk=account), "weineng.web.account.backends.AccountBackend")
        session = self.client.session
        session.update({"factor": "totp", "post": f"grant:{Grant.objects.get().pk}"})
        session.save()

    def ask(self, what: str, where: str, **fields: Any) -> str:
        """Send (with fields) or open an address, let the worker do what waits, and say where it leads."""

        def act() -> list[Any]:
            answer = self.client.post(where, fields) if fields else self.client.get(where)
            return [answer.status_code, answer.headers.get("Location", "")]

        (status, leads), seconds, megabytes = beside(act)
        if status >= 400:
            raise SystemExit(f"{what}: {where} answered {status}.")
        print(f"  {what:<34}{seconds:>8.2f} s {megabytes:>7.0f} MB   {status}", flush=True)
        done, seconds, megabytes = beside(worker)
        if done:
            print(f"  {'· the worker, meanwhile':<34}{seconds:>8.2f} s {megabytes:>7.0f} MB", flush=True)
        return str(leads or where)


def worker() -> int:
    steps = [*getattr(loops, "READ", ()), *loops.TAKE]
    return loops.Loop("take", steps).run_round()


def bring(office: Office, what: str, start: str, data: bytes, **fields: Any) -> str:
    print(what, flush=True)
    file = SimpleUploadedFile(f"{what}.csv", data)
    page = office.ask("send the file", start, file=file, **fields)
    office.ask("what was understood", page)
    office.ask("apply", page, do="apply")
    office.ask("the page after it", page)
    return page


def take_back(office: Office, what: str, where: str) -> None:
    print(what, flush=True)
    page = office.ask("take back", where, reason="发错了")
    office.ask("the page after it", page)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    call_command("migrate", verbosity=0, interactive=False)
    with Path(os.devnull).open("w") as nowhere:
        call_command("standards", "load", stdout=nowhere)
    call_command("collectstatic", interactive=False, verbosity=0)
    if Unit.objects.exists():
        raise SystemExit("This data folder is in use: give an empty one.")
    office = Office(found())
    office.client.get("/imports/")  # what a process loads once is no cost of a sheet
    bring(office, f"roster of {rows}", "/imports/", roster(rows))
    undo = f"/imports/undo/{seal_id('organisations.roster', Roster.objects.latest('pk').pk)}/"
    take_back(office, "the roster taken back", undo)
    bring(office, "the roster again", "/imports/", roster(rows))
    enrol()
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    bring(office, f"hours, {rows}", "/imports/hours/", hours(rows), provider="yun")
    bring(office, f"results, {rows}", "/imports/results/", results(rows))
    for kind, model in (("hours", HoursSheet), ("results", ResultsSheet)):
        page = f"/imports/past/{kind}/{seal_id(model._meta.label_lower, model.objects.latest('pk').pk)}/"
        office.ask(f"the page of the {kind}", page)
        take_back(office, f"the {kind} taken back", page)


if __name__ == "__main__":
    main()
