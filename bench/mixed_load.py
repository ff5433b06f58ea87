"""The mixed load of `kill.py`: platforms, an office, teachers, reviewers and hosts who go on working while things are killed.

Everybody speaks HTTP only. A request that gets no answer, or one that says the server is in trouble, is sent again, the very
same bytes, as a browser's reload or a platform's retry does: what acts twice then is found at the end.
"""

import base64
import hashlib
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from threading import Event
from typing import Any
from uuid import UUID

import httpx

from bench.acknowledged import ROSTER, ROWS, Outside
from weineng.kernel.clock import CIVIL
from weineng.ops.demo import papers
from weineng.ops.demo.handing_in import TITLES, TUS, begin, paper
from weineng.ops.demo.visitor import Page, Unexpected, Visitor

START = datetime(2026, 1, 5, 0, tzinfo=CIVIL)
HEAD = "姓名,性别,证件类型,证件号码,学校标识码,学校名称,教研组,任教学段,任教学科,编制,在岗状态,工号"
POINTS = ("A4", "B1", "A3")
ACCOUNTS = "https://id.qingyun.example/cards"
COMPLETED, VOIDED = (f"http://adlnet.gov/expapi/verbs/{verb}" for verb in ("completed", "voided"))
PART = 6_000  # bytes of an upload sent at once: a file of the load has several parts
PATIENCE = 180.0  # seconds after which a request that never gets an answer is a fault


class Over(Exception):  # noqa: N818 (what happened)
    """The run ends."""


@dataclass
class Load:
    """What all threads of the load share."""

    where: str
    outside: Outside
    seed: int
    key: str
    accounts: dict[str, list[str]]  # office, teachers, reviewers, hosts -> sign-in names
    people: list[tuple[str, str]]  # name and identity number of those who take part
    group: str  # the word of the group that meets
    stopping: Event = field(default_factory=Event)

    def threads(self) -> dict[str, Callable[[], None]]:
        """The parts of the load by name."""
        teachers = self.accounts["teachers"]
        return {
            "platform 0": lambda: deliver(self, 0),
            "platform 1": lambda: deliver(self, 1),
            "statements": lambda: speak(self),
            "rosters": lambda: bring_rosters(self),
            "hours": lambda: bring_hours(self),
            "voids": lambda: void_and_restore(self),
            "teachers 0": lambda: hand_in_all(self, teachers[::2]),
            "teachers 1": lambda: hand_in_all(self, teachers[1::2]),
            "reviewers 0": lambda: review_all(self, self.accounts["reviewers"][::2]),
            "reviewers 1": lambda: review_all(self, self.accounts["reviewers"][1::2]),
            "holders": lambda: look_at_certificates(self),
            "sessions": lambda: hold_sessions(self),
        }

    def http(self) -> httpx.Client:
        return httpx.Client(
            transport=Again(self), base_url=self.where, timeout=30, follow_redirects=True,
            headers={"Accept-Language": "zh-CN"},
        )  # fmt: skip

    def visitor(self, account: str, *, strong: bool = False) -> Visitor:
        """Somebody signed in; their session has to last to the end."""
        someone = Visitor(self.where, account, account, strong=strong)
        someone.http.close()
        someone.http = self.http()
        someone.sign_in()
        self.outside.note("sign-in", account=account)
        return someone

    def go_on(self) -> Iterator[int]:
        """1, 2, 3 … until the run is over."""
        number = 0
        while not self.stopping.is_set():
            number += 1
            yield number


class Again(httpx.BaseTransport):
    """Sends a request again until it is answered."""

    def __init__(self, load: Load) -> None:
        self.load, self.inner = load, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        while True:
            try:
                answer = self.inner.handle_request(request)
                with closing(answer):
                    body = b"".join(answer.stream)
                if answer.status_code < 500:
                    return httpx.Response(answer.status_code, headers=answer.headers, content=body)
                trouble = str(answer.status_code)
            except httpx.HTTPError as error:
                trouble = type(error).__name__
            self.load.outside.broken[trouble] += 1
            if self.load.stopping.is_set():
                raise Over
            if time.monotonic() - began > PATIENCE:
                self.load.outside.refuse("no answer", f"{request.method} {request.url}: {trouble}")
                began = time.monotonic()
            time.sleep(0.1)

    def close(self) -> None:
        self.inner.close()


# --- Platforms -----------------------------------------------------------------------------------------------------
def deliver(load: Load, lane: int) -> None:
    """Batches of records; every third is corrected afterwards, every fourth is sent twice."""
    dice = random.Random(load.seed * 10 + lane)
    client = load.http()
    client.headers["Authorization"] = f"Bearer {load.key}"
    for number in load.go_on():
        batch = f"s{lane}-{number}"
        starts = START + timedelta(minutes=120 * number + 60 * lane)  # two lanes that never overlap
        rows = [
            {"id": f"{batch}-{n}", "person_type": "id-card", "person_number": person, "mode": "online", "course": f"c{number}",
             "title": f"b-{batch}", "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(minutes=45)).isoformat(), "minutes": 45}
            for n, (_name, person) in enumerate(dice.sample(load.people, ROWS))
        ]  # fmt: skip
        for _time in range(1 + (number % 4 == 0)):
            if _taken(load, client, batch, rows):
                load.outside.note("records", ids=[row["id"] for row in rows])
        if number % 3 == 0:
            fixed = [row | {"minutes": 40, "supersedes": row["id"], "reason": "更正"} for row in rows[:5]]
            if _taken(load, client, f"{batch}+", fixed):
                load.outside.note("corrected", ids=[row["id"] for row in fixed], minutes=40)


def speak(load: Load) -> None:
    """What people learned, statement by statement (xAPI); every fourth call is sent twice, every third takes one of them back."""
    dice = random.Random(load.seed * 10 + 7)
    client = load.http()
    client.headers.update({"X-Experience-API-Version": "2.0.0", "Authorization": f"Bearer {load.key}"})
    for number in load.go_on():
        ends = START + timedelta(minutes=7 + 90 * number)
        said = [
            {
                "id": str(UUID(int=dice.getrandbits(128), version=4)), "verb": {"id": COMPLETED}, "timestamp": ends.isoformat(),
                "actor": {"account": {"homePage": ACCOUNTS, "name": person}}, "result": {"duration": "PT45M"},
                "object": {"id": f"https://qingyun.example/courses/{number}", "definition": {"name": {"zh-CN": f"x-{number}"}}},
            }
            for _name, person in dice.sample(load.people, ROWS)
        ]  # fmt: skip
        for _time in range(1 + (number % 4 == 0)):
            if _stored(load, client, said):
                load.outside.note("statements", ids=[one["id"] for one in said])
        if number % 3 == 0:
            target = {"objectType": "StatementRef", "id": said[0]["id"]}
            back = {"verb": {"id": VOIDED}, "object": target, "actor": said[0]["actor"]}
            back |= {"id": str(UUID(int=dice.getrandbits(128), version=4))}
            if _stored(load, client, [back]):
                load.outside.note("unsaid", id=said[0]["id"], by=back["id"])


def _stored(load: Load, client: httpx.Client, said: list[dict[str, Any]]) -> bool:
    answer = client.post("/xapi/2.0/statements", json=said)
    good = answer.status_code == 200 and answer.json() == [one["id"] for one in said]
    if not good:
        load.outside.refuse("statements", f"{answer.status_code} {answer.text}")
    return good


def _taken(load: Load, client: httpx.Client, name: str, rows: list[dict[str, Any]]) -> bool:
    answer = client.post("/api/v1/providers/qingyun/records", json={"records": rows, "name": name})
    good = answer.status_code == 200 and all(
        row["status"] in ("created", "unchanged") for row in answer.json()["results"]
    )
    if not good:
        load.outside.refuse("records", f"{answer.status_code} {answer.text}")
    return good


# --- An office -----------------------------------------------------------------------------------------------------
def card(number: int) -> str:
    """An invented identity number (there is no area 5199xx) with a right check character."""
    body = (
        f"519955{1950 + number // 28000 % 50}{1 + number // 2800 % 10:02}{1 + number // 100 % 28:02}{number % 1000:03}"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


def bring_rosters(load: Load) -> None:
    """Rosters of five people through the import page."""
    office = load.visitor(load.accounts["office"][0], strong=True)
    for number in load.go_on():
        names = [f"甲第{number}之{n}" for n in range(ROSTER)]
        lines = [
            f"{name},女,居民身份证,{card(number * ROSTER + n)},3151990032,锦霖区白石镇九年一贯制学校,"
            f"数学教研组,初中,数学,在编,在岗,K{number}{n}"
            for n, name in enumerate(names)
        ]
        sheet = "\n".join([HEAD, *lines]).encode("utf-8-sig")
        with _told(load, "roster"):
            page = office.send_file(
                office.get("/imports/"), {}, {"file": (f"{number}.csv", sheet, "text/csv")}, holds="once"
            )
            page.send(holds="once", stay=True)
            load.outside.note("roster", names=names)


def bring_hours(load: Load) -> None:
    """Sheets of hours through the import page."""
    office = load.visitor(load.accounts["office"][0], strong=True)
    dice = random.Random(load.seed)
    for number in load.go_on():
        day = START + timedelta(days=number % 300)
        ids = [f"h-{number}-{n}" for n in range(ROWS)]
        lines = [
            f"{i},{name},居民身份证,{person},网络研修,h{number},b-h-{number},{day:%Y-%m-%d},45"
            for i, (name, person) in zip(ids, dice.sample(load.people, ROWS), strict=True)
        ]
        sheet = "\n".join(["记录编号,姓名,证件类型,证件号码,学习方式,课程代码,课程名称,日期,分钟", *lines]).encode(
            "utf-8-sig"
        )
        with _told(load, "hours"):
            page = office.get("/imports/hours/")
            page = office.send_file(
                page, {"provider": "qingyun"}, {"file": (f"{number}.csv", sheet, "text/csv")}, holds="provider"
            )
            page.send(holds="once", stay=True)
            load.outside.note("hours", ids=ids)


def void_and_restore(load: Load) -> None:
    """An office voids records that came by sheet (those are never corrected) and restores half of them."""
    office = load.visitor(load.accounts["office"][0], strong=True)
    for number in load.go_on():
        with _told(load, "void"):
            page = office.get("/learning/")
            found = list(dict.fromkeys(re.findall(r'href="(/learning/([0-9a-z]{13})/)"', page.html)))
            address, word = found[number % len(found)] if found else ("", "")
            if not found or not _may_be_voided(office.get(address)):
                time.sleep(0.3)
                continue
            office.get(address).send({"reason": "平台误报"}, do="void", stay=True)
            load.outside.note("voided", record=word)
            if number % 2:
                office.get(address).send({"reason": "平台更正"}, do="restore", stay=True)
                load.outside.note("restored", record=word)


def _may_be_voided(page: Page) -> bool:
    return "b-h-" in page.text and any(form.has_button("void") for form in page.read.forms)


# --- Teachers ------------------------------------------------------------------------------------------------------
def hand_in_all(load: Load, accounts: list[str]) -> None:
    """Each teacher chooses points, uploads evidence and a recording in parts, and hands everything in."""
    for place, account in enumerate(accounts):
        one = load.visitor(account)
        with _told(load, "choice"):
            one.get("/points/").send({"points": POINTS}, holds="points", stay=True)
            load.outside.note("choice", account=account, points=POINTS)
        for point in POINTS:
            with _told(load, "evidence"):
                page = begin(one, f"/evidence/item/point/{point}/")
                for piece, purpose in enumerate(re.findall(r'data-purpose="([^"]+)"', page.html)):
                    title = TITLES[point][piece]
                    data = paper(f"{title} {account}")
                    send_up(load, one, unescape(purpose), f"{title}.pdf", data)
                _seal(load, one.get(page.url), {"consent": "none-visible"})
        with _told(load, "recording"):
            page = begin(one, "/evidence/item/recording/-/")
            [purpose] = re.findall(r'data-purpose="([^"]+)"', page.html)
            send_up(load, one, unescape(purpose), "课堂实录.mp4", papers.film(2400, 60 + place % 3 * 40))
            spans = {
                "declared": POINTS[:2],
                **{f"from_{p}": "3:10" for p in POINTS[:2]},
                **{f"to_{p}": "12:00" for p in POINTS[:2]},
            }
            _seal(load, one.get(page.url), spans | {"consent": "consent-held"})
        if load.stopping.is_set():
            return


def _seal(load: Load, page: Page, values: dict[str, Any]) -> None:
    form = page.form(do="seal")
    page.send({name: value for name, value in values.items() if name in form.names}, do="seal", stay=True)
    load.outside.note("handed-in", submission=page.url.rstrip("/").rpartition("/")[2])


def send_up(load: Load, one: Visitor, purpose: str, name: str, data: bytes) -> None:
    """By tus 1.0 in parts; after a conflict on from where the server stands, which is never before what it acknowledged."""
    if not one.upload_token:
        one.upload_token = one.http.get("/feeds/uploads/", params={"purpose": purpose}).json()["token"]
    said = ",".join(
        f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in (("purpose", purpose), ("filename", name))
    )
    headers = TUS | {"Upload-Token": one.upload_token}
    made = one.http.post(
        "/feeds/uploads/", headers=headers | {"Upload-Length": str(len(data)), "Upload-Metadata": said}
    )
    if made.status_code != 201:
        raise Unexpected(f"upload: {made.status_code} {made.text}")
    place, offset, safe = made.headers["Location"], 0, 0
    while True:
        answer = one.http.patch(
            place, content=data[offset : offset + PART],
            headers=headers | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
        )  # fmt: skip
        if answer.status_code == 409:
            answer = one.http.head(place, headers=TUS)
        if answer.status_code not in (200, 204):
            raise Unexpected(f"{place}: {answer.status_code} {answer.text}")
        offset = int(answer.headers["Upload-Offset"])
        if offset < safe:
            load.outside.refuse("bytes lost", f"{place}: {safe} were acknowledged, now {offset}")
        safe = max(safe, offset)
        if receipt := answer.headers.get("Upload-Receipt"):
            load.outside.note("receipt", receipt=receipt, sha256=hashlib.sha256(data).hexdigest())
            return


# --- Reviewers -----------------------------------------------------------------------------------------------------
def review_all(load: Load, accounts: list[str]) -> None:
    """Everybody works off what waits for them: each page saved first, then handed in."""
    there: dict[str, Visitor] = {}
    for number in load.go_on():
        account = accounts[number % len(accounts)]
        one = there.get(account) or there.setdefault(account, load.visitor(account))
        with _told(load, "review"):
            page = one.get("/review/")
            if not any(form.action.endswith("/next/") for form in page.read.forms):
                time.sleep(0.3)
                continue
            page = one.get("/review/").send(action="/next/")
            if "/review/" in page.url and any(form.action.endswith("/save/") for form in page.read.forms):
                judge(load, page, number)


def judge(load: Load, page: Page, number: int) -> None:
    """Save ticks and words, then say something else and hand in."""
    word = re.search(r"/review/([0-9a-z]{13})/", page.form(do="finish").action or page.url)[1]
    page = page.send(_judgement(load, page, word, f"先看 {number}"), do="save")
    _rated(load, page, word, f"先看 {number}")
    values = _judgement(load, page, word, f"再看 {number}")
    seqs = _pieces(page)
    page.send(values, do="finish", stay=True)
    for seq in seqs:
        load.outside.note("rating", assignment=word, seq=seq, comment=f"再看 {number}")
    load.outside.note("finished", assignment=word)


def _pieces(page: Page) -> list[str]:
    return sorted(name.partition("-")[2] for name in page.form(do="finish").names if name.startswith("revision-"))


def _rated(load: Load, page: Page, word: str, comment: str) -> None:
    for seq in _pieces(page):
        load.outside.note("rating", assignment=word, seq=seq, comment=comment)


def _judgement(load: Load, page: Page, word: str, comment: str) -> dict[str, Any]:
    form, values = page.form(do="finish"), {}
    for seq in _pieces(page):
        values |= {
            f"tick-{seq}": [value for value, _said in form.options.get(f"tick-{seq}", ())],
            f"comment-{seq}": comment,
        }
        values[f"looked-{seq}"] = "1"
        load.outside.tried.setdefault(("rating", word, seq), []).append(comment)
    return {name: value for name, value in values.items() if name in form.names}


def look_at_certificates(load: Load) -> None:
    """Whoever was shown a certificate will look for it again."""
    there: dict[str, Visitor] = {}
    shown: set[str] = set()
    for number in load.go_on():
        account = load.accounts["ready"][number % len(load.accounts["ready"])]
        one = there.get(account) or there.setdefault(account, load.visitor(account))
        with _told(load, "certificates"):
            found = re.findall(r'href="/certificates/([0-9a-z]{13})/"', one.get("/certificates/").html)
            for word in sorted(set(found) - shown):
                shown.add(word)
                load.outside.note("certificate", certificate=word)
        time.sleep(0.5)


# --- Hosts ---------------------------------------------------------------------------------------------------------
def hold_sessions(load: Load) -> None:
    """Sessions announced, opened, signed in to, minuted, closed."""
    host = load.visitor(load.accounts["hosts"][0])
    host.act_as("组长")
    there: dict[str, Visitor] = {}
    for number in load.go_on():
        day = (START + timedelta(days=300 - number % 280)).date()
        with _told(load, "session"):
            page = host.get(f"/sessions/plan/{load.group}/").send(
                {"title": f"磨课 {number}", "kind": "school-research", "form": "lesson-study", "day": day.isoformat(),
                 "starts": "09:00", "ends": "16:30", "duration": "450", "place_name": "会议室"}, holds="duration",
            )  # fmt: skip
            address, word = page.url, page.url.rstrip("/").rpartition("/")[2]
            page = page.send(do="open")
            code = re.search(r'class="wall-word">(\d{6})<', page.html)[1]
            for account in load.accounts["members"][number % 2 :: 2][:8]:
                one = there.get(account) or there.setdefault(account, load.visitor(account))
                one.get(f"{address}sign-in/").send({"code": code}, holds="code", stay=True)
                load.outside.note("signed-in", session=word, account=account)
            host.get(address).send({"minutes_text": "听课、评课。"}, do="minutes", stay=True)
            host.get(address).send({"title": f"课例 {number}"}, do="product", stay=True)
            load.outside.note("product", session=word)
            host.get(address).send(do="close", stay=True)
            load.outside.note("closed", session=word)


class _told:  # noqa: N801 (read as a word: with _told(load, "roster"))
    """What is met and not expected is told and counted; the load goes on."""

    def __init__(self, load: Load, kind: str) -> None:
        self.load, self.kind = load, kind

    def __enter__(self) -> None:
        if self.load.stopping.is_set():
            raise Over

    def __exit__(self, kind: type | None, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, Unexpected | LookupError | TypeError | ValueError):
            self.load.outside.refuse(self.kind, f"{type(error).__name__}: {error}")
            time.sleep(0.2)
            return True
        return False
