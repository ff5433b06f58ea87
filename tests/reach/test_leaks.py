"""Nothing of the sibling district is in any answer of any kind; what it owns is not found, to look at and to change.

The sibling's names, numbers, phones, mails, files, titles, plans, scores and advice bear tokens (districts.py); every address
is opened with ids of our rows and of theirs, in every role, and every answer is searched for tokens.
"""

import json
import re
from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

import pytest

from tests.reach.crawling import addresses, clients, filled, models_in, words_of
from weineng.accounts.actions import issue_office_key
from weineng.accounts.models import Account, Grant
from weineng.accounts.rules import OFFICE_SCOPES
from weineng.activities.models import Session
from weineng.assessment.models import Sample
from weineng.audit.models import Line
from weineng.kernel.clock import today
from weineng.learning.actions import issue_api_key
from weineng.learning.models import Provider
from weineng.ops.contract import served
from weineng.organisations.models import Person, Unit
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

LEAK = re.compile(r"leak\d{4}x", re.IGNORECASE)
HIDDEN = re.compile(r"hide\d{4}x", re.IGNORECASE)
FILE = re.compile(r"/feeds/files/[^\"'?\s]+")
MAKES_A_SECRET = (
    "/sign-in/second-factor/new/"  # which must be there before it can be scanned; asked again it is the same
)
MAY_SEE_EVIDENCE = {"office", "panel-member"}  # an office of its people; a reviewer what was given to them
QUERIES = {
    "progress:unit": ("?on=2026-03-01", "?on=2025-12-31"),
    "progress:cuts": ("?by=subject", "?by=subject&on=2026-06-01"),
    "progress:people": ("?by=subject&value=", "?verdict=in-progress", "?on=2025-12-31", "?demand=online&verdict=met&on=2026-06-01"),
    "account:people": ("?state=active",), "account:give": ("?q=LEAK", "?q=1990000"), "plans:queue": ("?state=filed", "?state=draft"),
    "units:people": ("?q=LEAK", "?q=1990000", "?state=no-post", "?lacks=group"), "units:unit": ("?q=LEAK", "?state=closed"),
    "units:transfer": ("?find=LEAK",), "units:twins": ("?q=LEAK", "?q=1990000"), "certificates:papers": ("?part=1",),
    "logs:person": ("?verb=accounts.open", "?since=2026-01-01&until=2026-12-31", "?verb=LEAK&since=x"),
    "results:list": ("?state=changed", "?q=LEAK", "?q=LEAK&state=fail"),
}  # fmt: skip


FOR_ANYBODY = {
    "samples:public",
    "samples:numbers",
}  # so that anybody can draw again: a test of their own says what they tell


@pytest.fixture
def browsers(districts, sign_in):
    return clients(districts, sign_in)


def visits(districts, role):
    """(address, whether it names something of the sibling) for every address; offices also ask in other ways."""
    for name, path, _view in addresses():
        queries = ("", *QUERIES.get(name, ())) if role in ("office", "cio") else ("",)
        if url := filled(path, districts.own):
            yield from ((url + query, False) for query in queries)
        if (
            name not in FOR_ANYBODY
            and models_in(path)
            and (url := filled(path, lambda model: sorted(districts.foreign[model])))
        ):
            yield url, True


def test_no_answer_contains_what_is_foreign(districts, browsers, frames_once):
    found, seen, numbers, lines = [], 0, districts.numbers(), Line.objects.count()
    for role, browser in browsers.items():
        files = set()
        for url, foreign in visits(districts, role):
            answer = browser.get(url)
            text = words_of(answer)
            seen += answer.status_code == 200
            if (now := Line.objects.count()) > lines:
                found += [(role, url, "looking wrote into the log")] if url != MAKES_A_SECRET else []
                lines = now
            found += [(role, url, token) for token in {*LEAK.findall(text)}]
            if role != "signed-out" and "no-store" not in answer.headers.get("Cache-Control", ""):
                found.append((role, url, "may be stored"))
            found += [(role, url, "identity number") for number in numbers if number in text]
            if role not in MAY_SEE_EVIDENCE:
                found += [(role, url, token) for token in {*HIDDEN.findall(text)}]
            if foreign and not _is_refused(answer):
                found.append((role, url, answer.status_code))
            files |= {*FILE.findall(text)}
        for link in sorted(files)[:4]:
            text = words_of(browser.get(link))
            found += [(role, link, token) for token in LEAK.findall(text)]
            borrowed = browsers["auditor" if role != "auditor" else "office"].get(link)
            if borrowed.status_code != 404:
                found.append((role, link, "borrowed"))
    assert found == []
    assert seen > 250  # pages did open


def _is_refused(answer):
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/")
    return to_sign_in or answer.status_code in (404, 405)


# What the forms of each page send; without a line: an empty form.
FORMS = {
    "acceptance:act": tuple({"do": do, "reason": "x", "pick": "x"} for do in ("ask", "stop", "sign", "refuse", "take-back")),
    "acceptance:person": ({"do": "refuse", "reason": "x"}, {"do": "take-back", "reason": "x"}),
    "account:account": ({"form": "unlock"}, {"form": "close", "reason": "x"}, {"form": "reset", "reason": "x"}),
    "account:people": ({"do": "open"}, {"do": "slips-new"}, {"do": "mail"}), "account:end_role": ({"reason": "x"},),
    "certificates:revoke": ({"because": "error", "reason": "x"},), "certificates:reissue": ({"reason": "x"},),
    "evidence:act": ({"do": "seal", "note": "x"}, {"do": "withdraw"}, {"do": "save", "note": "x"}),
    "imports:hours_sheet": ({"reason": "x"},), "imports:results_sheet": ({"reason": "x"},),
    "learning:record": tuple({"do": do, "reason": "x"} for do in ("void", "restore", "reject", "accept")),
    "learning:provider": ({"name": "x", "period_minutes": "45"},),
    "learning:sheet": ({"since": "2026-03-01", "until": "2026-11-30", "as": "csv"},),
    "learning:empty_sandbox": ({},), "learning:date_sandbox": ({"today": "2026-05-04"},),
    "learning:statements": ({"home_page": "https://x.example", "person_type": "passport"},),
    "learning:new_rule": ({"other_verbs": "x:y", "below": "on", "minutes_by": "duration", "mode": "online"},),
    "learning:unname": ({"reason": "x"},),
    "plans:act": tuple({"do": do} for do in ("withdraw", "submit", "discard")),
    "plans:judge": tuple({"do": do, "comment": "x"} for do in ("approve", "return", "file", "reopen", "unfile")),
    "plans:answer": ({"do": "agree"}, {"do": "return", "advice": "x"}),
    "plans:group": ({"do": "withdraw"}, {"do": "publish", "revision": "0", "theme": "x"}),
    "programmes:act": tuple({"do": do, "reason": "x", "version": "1"} for do in ("start", "undo-start", "close", "reopen")),
    "programmes:begin_draft": ({"owner": "x", "origin": "nothing", "code": "x", "years": "0"},),
    "programmes:draft_text": ({"source": "x: 1", "revision": "1"},), "programmes:draft_sample": ({"preset": "half"}, {"on": "2026-03-01"}),
    "programmes:draft_act": ({"do": "publish", "revision": "1"}, {"do": "discard"}, {"do": "restore"}),
    "programmes:ask_approval": ({"revision": "1", "reason": "x"},),
    "programmes:approval_act": ({"do": "approve"}, {"do": "return", "reason": "x"}, {"do": "withdraw"}, {"do": "end", "reason": "x"}),
    "programmes:draft_line": tuple({"do": do, "seen": "x", "line.code": "x"} for do in ("save", "raise", "remove")),
    "programmes:propose": ({"everybody": "all", "reason": "x", "source": "x"},),
    "programmes:propose_again": ({"everybody": "all", "reason": "x", "version": "1"},),
    "programmes:proposal_act": ({"do": "confirm", "look": "x"}, {"do": "refuse", "reason": "x"}, {"do": "withdraw"}, {"do": "look"}),
    "programmes:exemption_act": ({"do": "grant"}, {"do": "end", "reason": "x"}),
    "programmes:person": ({"form": "leave", "on": "2026-08-01", "reason": "x"}, {"form": "back", "reason": "x"}),
    "programmes:ask": ({"demand": "online", "starts": "2026-08-01", "reason": "x"},), "progress:export": ({"as": "csv"}, {"as": "xlsx"}),
    "results:overturn": ({"level": "fail", "reason": "x", "do": "look"}, {"level": "fail", "reason": "x", "do": "overturn"}),
    "review:recuse": ({"reason": "x"},), "review:save": ({"do": "finish"}, {"do": "return", "advice": "x"}, {"do": "auto"}),
    "samples:frame": ({"until": "2026-08-01"},), "samples:act": ({"do": "draw"}, {"do": "drop"}, {"do": "stop", "reason": "x"}),
    "stages:act": tuple({"do": do, "stage": "panel", "reason": "x"} for do in (
        "hand-over", "take-back", "withdraw", "approve", "return", "end",
    )),
    "stages:propose": ({"by_1": "panel", "reviewers_1": "2", "days_1": "14", "why": "x"},),
    "sessions:act": tuple({"do": do, "reason": "x", "minutes_text": "x", "title": "x"} for do in (
        "open", "minutes", "product", "close", "reopen", "void", "restore",
    )),
    "units:move_look": ({"reason": "xx"},),
    "units:merge_unit": tuple({"into": "x", "on": "2026-08-01", "reason": "xx", "do": do} for do in ("look", "apply")),
    "units:split_unit": tuple({"name": "x", "kind": "nine-year", "on": "2026-08-01", "reason": "xx", "do": do} for do in ("look", "apply")),
    "units:undo_reorganisation": tuple({"reason": "xx", "do": do} for do in ("look", "apply")),
    "units:unmove": ({"reason": "x"},), "units:close": tuple({"on": "2026-09-01", "do": do} for do in ("look", "apply")),
    "units:rename": ({"name": "x", "on": "2026-09-01"},),
    "units:flags": ({"flag": "pilot", "held": "1", "on": "2026-09-01"},), "units:reveal": ({"type": "id-card", "reason": "xxxx"},),
    "units:change_post": ({"form": "end", "last_on": "2026-09-01", "do": "apply"}, {"form": "unend"}),
    "units:merge": tuple({"kept": "x", "reason": "xx", "do": do} for do in ("look", "apply")),
    "units:unmerge": tuple({"reason": "xx", "do": do} for do in ("look", "apply")),
    "units:erase": ({"reason": "xxxx"},),
    "units:erasure_act": ({"do": "confirm"}, {"do": "refuse", "reason": "xxxx"}, {"do": "withdraw"}),
    "units:edit_person": ({"name": "x", "number_type": "id-card"},),
    "sessions:sign_in": ({"code": "123456"},),
}  # fmt: skip


def test_a_drawn_sample_tells_anybody_its_unit_and_its_programme_and_nothing_else(districts, client):
    row = Sample.objects.select_related("unit", "programme").get(unit=districts.world.sibling)
    said = LEAK.findall(words_of(client.get(f"/samples/{oid(row)}/drawn/")))
    assert set(said) == set(LEAK.findall(f"{row.unit.name} {row.programme.title}"))
    assert LEAK.findall(words_of(client.get(f"/samples/{oid(row)}/drawn/numbers.csv"))) == []
    assert LEAK.search(row.reason)


def test_nothing_foreign_can_be_changed(districts, browsers, frames_once):
    """A form sent to an address of the sibling's is not found, whoever sends it, and nothing is written."""
    before, found = Line.objects.count(), []
    roles = ("teacher", "cio", "office", "panel-member", "deputy")
    for role in roles:
        for name, path, _view in addresses():
            named = models_in(path) and name not in FOR_ANYBODY
            url = named and filled(path, lambda model: sorted(districts.foreign[model]))
            for form in FORMS.get(name, ({},)) if url else ():
                answer = browsers[role].post(url, form)
                if not _is_refused(answer) or LEAK.search(words_of(answer)):
                    found.append((role, url, form, answer.status_code))
    assert found == []
    assert Line.objects.count() == before


def test_no_form_takes_what_is_foreign(districts, browsers):
    """One's own pages, with ids of the sibling's in the form: refused or not found, and nothing is written."""
    world, theirs = districts.world, districts.theirs
    office, cio = browsers["office"], browsers["cio"]

    def word(model):
        return oid(model.objects.get(pk=min(districts.foreign[model])))

    session = Session.objects.get(unit=world.maths, state="open")
    school = oid(theirs.school, "organisations.unit")
    nine = f"/units/{oid(world.nine_year, 'organisations.unit')}/"
    programme, person = districts.ours.programme, oid(world.teacher.person, "organisations.person")
    sent = [
        (cio, f"/sessions/{oid(session)}/do/", {"do": "strike", "person": word(Person), "reason": "x"}),
        (cio, f"/sessions/{oid(session)}/people/", {"pick": [oid(Person.objects.get(pk=theirs.one.person))]}),
        (office, f"/programmes/{oid(programme)}/schools/", {"do": "enrol", "pick": [school]}),
        (office, f"/programmes/{oid(programme)}/schools/", {"do": "withdraw", "pick": [school], "reason": "x"}),
        (office, f"/accounts/at/{oid(world.district, 'organisations.unit')}/", {"do": "slips", "pick": [word(Account)]}),
        (office, f"/accounts/roles/at/{oid(world.district, 'organisations.unit')}/give/", {"person": theirs.one.person, "role": "office"}),
        (office, "/accounts/keys/new/", {"provider": f"platform-{theirs.district}", "label": "x", "scopes": ["records.read"]}),
        (office, f"{nine}merge/", {"into": school, "on": "2026-08-01", "reason": "xx", "do": "apply"}),
        (office, f"{nine}split/", {
            "name": "x", "kind": "nine-year", "people": [word(Person)], "on": "2026-08-01", "reason": "xx", "do": "apply",
        }),
        (office, f"/units/people/{person}/merge/{word(Person)}/", {"kept": person, "reason": "xx", "do": "look"}),
        (office, f"/units/people/{word(Person)}/merge/{person}/", {"kept": person, "reason": "xx", "do": "apply"}),
        (office, "/programme/", {"programme": oid(theirs.programme)}),
        (office, "/post/", {"post": f"grant:{min(districts.foreign[Grant])}"}),
    ]  # fmt: skip
    before = Line.objects.count()
    answers = [(url, form, browser.post(url, form)) for browser, url, form in sent]
    assert [(url, form) for url, form, answer in answers if answer.status_code not in (404, 422)] == []
    assert [url for url, _form, answer in answers if LEAK.search(words_of(answer))] == []
    assert Line.objects.count() == before


def test_a_platforms_key_reads_only_what_it_delivered(districts, client):
    world, providers = districts.world, Provider.objects.exclude(code="qingyun").order_by("pk")
    _key, plain = issue_api_key(
        by=world.office.actor,
        unit=world.district,
        provider="qingyun",
        label="x",
        scopes=["records.read", "records.write"],
    )
    headers = {"Authorization": f"Bearer {plain}"}
    own = client.get("/api/v1/providers/qingyun/records", headers=headers)
    assert (own.status_code, LEAK.findall(words_of(own))) == (200, [])
    for provider in providers:
        url = f"/api/v1/providers/{provider.code}/records"
        for answer in (
            client.get(url, headers=headers),
            client.post(url, {"records": [{"id": "x"}]}, "application/json", headers=headers),
        ):
            assert (answer.status_code, LEAK.findall(words_of(answer))) == (404, [])
    for url in ("/my/", "/progress/", "/learning/", "/accounts/"):  # a key opens no page
        assert client.get(url, headers=headers).status_code == 302
    for what in ("deliveries", "refused", "reconciliation"):
        own = client.get(f"/api/v1/providers/qingyun/{what}", headers=headers)
        assert (own.status_code, LEAK.findall(words_of(own))) == (200, [])
        for provider in providers:
            answer = client.get(f"/api/v1/providers/{provider.code}/{what}", headers=headers)
            assert (answer.status_code, LEAK.findall(words_of(answer))) == (404, [])


def test_an_offices_own_system_reads_nothing_of_the_sibling(districts, client):
    """With a key that may do all it can, every operation is called with what is ours in its address, and with what is theirs."""
    world, ends = districts.world, today() + timedelta(days=9)
    _key, plain = issue_office_key(
        by=world.office.actor, unit=world.district, label="x", scopes=OFFICE_SCOPES, expires_on=ends
    )
    words = {whose: [oid(unit, "organisations.unit") for unit in units] for whose, units in (
        ("ours", districts.own(Unit)), ("theirs", sorted(districts.foreign[Unit])),
    )}  # fmt: skip
    ours = {
        "unit": words["ours"],
        "programme": [districts.ours.programme.code],
        "provider": ["qingyun"],
        "number": ["x"],
    }
    theirs = {
        "unit": words["theirs"], "programme": [districts.theirs.programme.code], "provider": [f"platform-{districts.theirs.district}"],
    }  # fmt: skip
    found, opened = [], set()
    for path, places in _operations_that_read():
        for foreign in ("", *(places & theirs.keys())):
            for url in _filled(path, places, ours | ({foreign: theirs[foreign]} if foreign else {})):
                answer = client.get(url, headers={"Authorization": f"Bearer {plain}"})
                text = words_of(answer)
                opened |= {path} if answer.status_code == 200 else set()
                found += [(url, token) for token in {*LEAK.findall(text), *HIDDEN.findall(text)}]
                found += [(url, "identity number") for number in districts.numbers() if number in text]
                found += [(url, answer.status_code)] if foreign and answer.status_code != 404 else []
    assert found == []
    assert opened == {
        path for path, _places in _operations_that_read() if path.startswith(("/api/v1/programmes", "/api/v1/units"))
    }


def _operations_that_read():
    """(path, names of what stands in it or must be asked for) of every operation that changes nothing."""
    for path, methods in json.loads(served())["paths"].items():
        if "get" in methods:
            asked = {p["name"] for p in methods["get"]["parameters"] if p["required"] or p["name"] == "unit"}
            yield path, asked


def _filled(path, places, values):
    """The address with every combination of these values; what is no part of the path is asked for."""
    names = sorted(places)
    for chosen in product(*(values[name] for name in names)):
        given = dict(zip(names, chosen, strict=True))
        asked = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
        yield path.format(**given) + (f"?{urlencode(asked)}" if asked else "")
