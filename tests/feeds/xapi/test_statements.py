"""Statements over the door: stored, read back by every filter, voided, with files; each platform by itself."""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.feeds.xapi.test_door import BOTH, said
from weineng.audit.models import Line
from weineng.kernel.clock import now
from weineng.statements.describing import lately
from weineng.statements.models import Activity, Agent, Attachment, Pending, Relation, Statement
from weineng.statements.queries import Asked, page_of

WANG, LI = ({"mbox": f"mailto:{name}@example.com"} for name in ("wang", "li"))
LESSON, COURSE = "https://platform.example/courses/1/1", "https://platform.example/courses/1"
DONE, SEEN, VOIDED = (
    "http://adlnet.gov/expapi/verbs/completed", "http://id.tincanapi.com/verb/viewed", "http://adlnet.gov/expapi/verbs/voided",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _unremembered():
    """What an undone test wrote is not there any more."""
    lately.forget()


def statement(actor=WANG, verb=DONE, about=LESSON, **more):
    target = about if isinstance(about, dict) else {"id": about}
    return {"id": str(uuid4()), "actor": actor, "verb": {"id": verb}, "object": target, **more}


def reference(one):
    return {"objectType": "StatementRef", "id": one["id"]}


@pytest.fixture
def ids(xapi):
    """`ids(agent=…)` → ids of the statements that are found, in order."""

    def found(at="2.0", key="qingyun", **params):
        given = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in params.items()}
        status, body = said(xapi("GET", "statements", given, at=at, key=key))
        assert status == 200, body
        return [one["id"] for one in body["statements"]]

    return found


@pytest.fixture
def sent(xapi):
    """`sent(a, b)`: stored in this order; returns their ids."""

    def post(*all_of_them, at="2.0", key="qingyun"):
        answer = said(xapi("POST", "statements", body=list(all_of_them), at=at, key=key))
        assert answer == (200, [one["id"] for one in all_of_them])
        return answer[1]

    return post


def single(xapi, one, *, at="2.0", name="statementId", **params):
    return said(xapi("GET", "statements", {name: one["id"], **params}, at=at))


# --- Stored and read back --------------------------------------------------------------------------------------------
@BOTH
def test_what_was_said_comes_back_with_what_the_store_gives(xapi, at):
    one = statement(result={"duration": "PT45M", "extensions": {"urn:x:null": None}}, timestamp="2026-03-01T08:00:00Z")
    before = now()
    answer = xapi("PUT", "statements", {"statementId": one["id"]}, one, at=at)
    assert (answer.status_code, answer.content) == (204, b"")
    answer = xapi("GET", "statements", {"statementId": one["id"]}, at=at)
    status, found = said(answer)
    stored = datetime.fromisoformat(found.pop("stored"))
    assert before <= stored <= now()
    authority = {"objectType": "Agent", "account": {"homePage": "http://127.0.0.1:8000", "name": "qingyun"}}
    version = {"2.0": "2.0.0", "1.0.3": "1.0.0"}[at]
    assert (status, found) == (200, one | {"authority": authority, "version": version})
    through = datetime.fromisoformat(answer["X-Experience-API-Consistent-Through"])
    assert before - timedelta(milliseconds=1) <= through <= stored  # the transaction that wrote it, the test, goes on
    assert answer["Last-Modified"].endswith("GMT")
    head = xapi("HEAD", "statements", {"statementId": one["id"]}, at=at)
    assert (head.status_code, head.content) == (200, b"")
    (line,) = Line.objects.filter(verb="statements.accept")
    assert (line.facts["statements"], line.facts["new"]) == (1, 1)
    assert [*Pending.objects.values_list("statement", flat=True)] == [Statement.objects.get().seq]


def test_ids_are_given_where_there_are_none_and_a_missing_timestamp_is_when_it_was_stored(xapi):
    one, other = statement(), statement()
    del one["id"]
    status, given = said(xapi("POST", "statements", body=[one, other]))
    assert (status, given[1]) == (200, other["id"])
    _status, found = single(xapi, {"id": given[0]})
    assert found["timestamp"] == found["stored"]


def test_all_or_none(xapi, ids, sent):
    good, bad, twin = statement(), statement(verb="no iri"), statement()
    cases = [
        ([good, bad], "statement-malformed"),
        ([twin, twin | {"actor": LI}], "id-twice"),
        ("x", "statement-malformed"),
    ]
    for body, code in cases:
        status, refusal = said(xapi("POST", "statements", body=body))
        assert (status, refusal["code"]) == (400, code)
    assert (ids(), Statement.objects.count(), Relation.objects.count(), Agent.objects.count()) == ([], 0, 0, 0)


@BOTH
def test_the_same_again_changes_nothing_and_another_under_its_id_is_refused(xapi, ids, sent, at):
    one = statement(context={"contextActivities": {"parent": {"id": COURSE}}})
    sent(one, at=at)
    sent(one | {"stored": "2020-01-01T00:00:00Z"}, statement(LI), at=at)
    _status, held = single(xapi, one, at=at)
    assert xapi("PUT", "statements", {"statementId": one["id"]}, held, at=at).status_code == 204
    for method, params in (("POST", {}), ("PUT", {"statementId": one["id"]})):
        status, refusal = said(xapi(method, "statements", params, one | {"actor": LI}, at=at))
        assert (status, refusal["code"], refusal["params"]) == (409, "conflict", {"id": one["id"]})
    assert (len(ids(at=at)), Pending.objects.count(), Line.objects.filter(verb="statements.accept").count()) == (
        2,
        2,
        2,
    )
    assert single(xapi, one, at=at) == (200, held)


@pytest.mark.parametrize(
    ("params", "body", "code"),
    [
        ({}, statement(), "parameter-unreadable"), ({"statementId": "x"}, statement(), "parameter-unreadable"),
        ({"statementId": str(uuid4())}, statement(), "id-differs"), ({"statementId": str(uuid4())}, [], "statement-malformed"),
        ({"statementId": str(uuid4()), "x": "y"}, statement(), "parameter-unknown"), ({"statementId": str(uuid4())}, b"{", "body-not-json"),
        ({"statementId": str(uuid4())}, b"\xff", "body-not-json"), ({"statementId": str(uuid4())}, b"[" * 5_000, "body-not-json"),
    ],
)  # fmt: skip
def test_what_put_refuses(xapi, params, body, code):
    status, refusal = said(xapi("PUT", "statements", params, body))
    assert (status, refusal["code"]) == (400, code)


def test_depth_size_and_type_of_a_body(xapi, settings):
    deep = json.loads('{"a":' * 600 + "1" + "}" * 600)
    status, refusal = said(xapi("POST", "statements", body=statement(context={"extensions": {"urn:x:deep": deep}})))
    assert (status, refusal["code"]) == (400, "statement-malformed")
    status, refusal = said(xapi("POST", "statements", body=statement(), **{"Content-Type": "text/plain"}))
    assert (status, refusal["code"]) == (400, "content-type-unknown")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    status, refusal = said(xapi("POST", "statements", body=statement()))
    assert (status, refusal["code"]) == (413, "body-too-big")


# --- Whose -----------------------------------------------------------------------------------------------------------
def test_a_platform_reads_what_it_wrote_and_blocks_nobody(xapi, ids, sent):
    one = statement()
    sent(one)
    assert (ids(key="other"), ids(key="other", agent=WANG)) == ([], [])
    assert said(xapi("GET", "statements", {"statementId": one["id"]}, key="other"))[0] == 404
    sent(one | {"actor": LI}, key="other")
    assert (ids(), ids(key="other", agent=LI), ids(agent=LI)) == ([one["id"]], [one["id"]], [])
    sent(statement(verb=VOIDED, about=reference(one)), key="other")
    assert ids() == [one["id"]]


def test_an_office_reads_what_its_platforms_wrote(sent, world):
    one, two, three = statement(), statement(LI), statement(LI, about=COURSE)
    sent(one)
    sent(two, key="other")
    sent(three)

    def seen(by, **asked):
        return [json.loads(body)["id"] for body in page_of(by, Asked(**asked)).bodies.values()]

    office = world.office.actor
    assert seen(office) == [three["id"], two["id"], one["id"]]
    assert seen(office, agent="mbox mailto:li@example.com", limit=1) == [three["id"]]
    assert seen(office, agent="mbox mailto:li@example.com", related_agents=True, ascending=True) == [
        two["id"],
        three["id"],
    ]
    assert (seen(world.teacher.actor), seen(world.cio.actor)) == ([], [])


# --- Found by --------------------------------------------------------------------------------------------------------
def test_every_filter(ids, sent):
    group = {"objectType": "Group", "member": [LI]}
    around = {"contextActivities": {"grouping": [{"id": COURSE}]}, "registration": str(uuid4())}
    inner = {"objectType": "SubStatement", "actor": LI, "verb": {"id": SEEN}, "object": {"id": COURSE}}
    plain, led, told, grouped, planned, viewed = sent(
        statement(), statement(context={"instructor": LI}), statement(about={"objectType": "Agent", **LI}),
        statement(group, context=around),
        statement(about=inner), statement(LI, SEEN, COURSE),
    )  # fmt: skip
    everything = [viewed, planned, grouped, told, led, plain]
    assert (ids(), ids(ascending="true")) == (everything, everything[::-1])
    assert ids(agent=LI) == [viewed, grouped, told]
    assert ids(agent=LI, related_agents="true") == [viewed, planned, grouped, told, led]
    assert ids(agent=LI, related_agents="true", limit=2, ascending="true") == [led, told]
    assert ids(verb=SEEN) == [viewed]
    assert (ids(activity=COURSE), ids(activity=COURSE, related_activities="true")) == (
        [viewed],
        [viewed, planned, grouped],
    )
    assert ids(registration=around["registration"].upper()) == [grouped]
    assert ids(agent=LI, activity=COURSE, verb=SEEN) == [viewed]
    assert ids(agent=LI, activity=COURSE, related_agents="true", related_activities="true") == [
        viewed,
        planned,
        grouped,
    ]
    assert (ids(agent=LI, verb=VOIDED), ids(agent={"mbox": "mailto:no@example.com"})) == ([], [])


def test_time_since_is_after_and_until_includes(xapi, ids, sent):
    first, second = statement(), statement()
    sent(first)
    sent(second)
    stored = single(xapi, first)[1]["stored"]
    assert (ids(since=stored), ids(until=stored)) == ([second["id"]], [first["id"]])
    assert (ids(since=stored, until=stored), ids(until="9999-01-01T00:00:00Z", since="0001-01-01T00:00:00Z")) == (
        [],
        ids(),
    )


@pytest.mark.parametrize("largest", [8 << 20, 1_000, 0])
def test_pages_show_everything_once(xapi, ids, sent, monkeypatch, largest):
    monkeypatch.setattr("weineng.statements.queries.statements.LARGEST", largest)
    every = sent(*(statement() for _ in range(7)))
    for ascending in ("false", "true"):
        answer, found = xapi("GET", "statements", {"limit": 3, "ascending": ascending, "agent": json.dumps(WANG)}), []
        while True:
            page = said(answer)[1]
            found += [one["id"] for one in page["statements"]]
            if not page["more"]:
                break
            assert page["more"].startswith("/xapi/2.0/statements/more/")
            answer = xapi("GET", page["more"].removeprefix("/xapi/2.0/"))
            sent(statement(LI))
        assert found == (every if ascending == "true" else every[::-1])
    assert said(xapi("GET", "statements/more/forged"))[0] == 404


@pytest.mark.parametrize(
    "params",
    [
        {"Agent": "{}"}, {"agent": "x"}, {"agent": "{}"}, {"agent": '{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]}'},
        {"verb": "x"},
        {"activity": "x"}, {"registration": "x"}, {"since": "x"}, {"until": "2026"}, {"limit": "-1"}, {"limit": "x"}, {"format": "all"},
        {"attachments": "1"}, {"ascending": "True"}, {"related_agents": ""}, {"statementId": "x"}, {"unknown": "x"},
        {"statementId": str(uuid4()), "voidedStatementId": str(uuid4())}, {"statementId": str(uuid4()), "limit": "1"},
    ],
)  # fmt: skip
def test_parameters_that_cannot_be_read(xapi, params):
    answer = xapi("GET", "statements", params)
    assert answer.status_code == 400
    assert "X-Experience-API-Consistent-Through" in answer


# --- Voiding and targeting -------------------------------------------------------------------------------------------
@BOTH
def test_a_voided_statement_is_shown_only_when_asked_for_as_such(xapi, ids, sent, at):
    one, kept = statement(), statement()
    void = statement(LI, VOIDED, reference(one))
    sent(one, kept, at=at)
    assert single(xapi, one, at=at, name="voidedStatementId")[0] == 404
    sent(void, at=at)
    assert (ids(at=at), single(xapi, one, at=at)[0]) == ([void["id"], kept["id"]], 404)
    assert single(xapi, one, at=at, name="voidedStatementId")[1]["id"] == one["id"]
    sent(statement(WANG, VOIDED, reference(void)), at=at)  # who voids cannot be voided
    assert single(xapi, void, at=at)[0] == 200
    assert single(xapi, void, at=at, name="voidedStatementId")[0] == 404


def test_a_statement_that_comes_after_its_voiding_is_voided(xapi, ids, sent):
    one = statement()
    void = statement(LI, VOIDED, reference(one))
    sent(void)
    sent(one)
    assert ids() == [void["id"]]


@pytest.mark.parametrize(
    "few", [2_000, 5, 0]
)  # from those that target; from the matches; those that target are many too
def test_what_targets_a_match_is_found_too_however_far(ids, sent, monkeypatch, few):
    monkeypatch.setattr("weineng.statements.measures.reading.FEW", few)
    target = statement(WANG, DONE, COURSE)
    first, second = statement(LI, SEEN, reference(target)), statement(LI, SEEN)
    second["object"] = reference(first)
    stranger = statement(LI, SEEN, reference(statement()))
    one, two = statement(LI), statement(LI)
    one["object"], two["object"] = reference(two), reference(one)  # in a circle
    sent(second, stranger, target, first, one, two)
    assert ids(agent=WANG) == [first["id"], target["id"], second["id"]]
    assert ids(agent=WANG, limit=1) == [first["id"]]
    assert ids(activity=COURSE, ascending="true") == [second["id"], target["id"], first["id"]]
    assert ids(agent=WANG, activity=LESSON) == []
    sent(statement(LI, VOIDED, reference(target)))
    assert ids(activity=COURSE)[1:] == [first["id"], second["id"]]


# --- Formats ---------------------------------------------------------------------------------------------------------
def test_formats(xapi, sent):
    named = {"id": LESSON, "definition": {"name": {"en": "One", "zh-Hans": "第一课"}}}
    one, later = statement({**WANG, "name": "王老师"}, about=named), statement(about=named)
    later["object"] = {"id": LESSON, "definition": {"name": {"de": "Eins"}, "type": "urn:x:t"}}
    sent(one)
    sent(later)
    assert Activity.objects.get().iri == LESSON
    bare = single(xapi, one, format="ids")[1]
    assert (bare["actor"], bare["object"], bare["verb"]) == (WANG, {"id": LESSON}, {"id": DONE})
    answer = xapi("GET", "statements", {"format": "canonical"}, **{"Accept-Language": "de, zh;q=0.5"})
    definitions = [found["object"]["definition"] for found in said(answer)[1]["statements"]]
    assert definitions == [{"name": {"de": "Eins"}, "type": "urn:x:t"}] * 2
    assert single(xapi, one, format="exact")[1]["object"] == named
    assert [*Agent.objects.values_list("identifier", "names")] == [("mbox mailto:wang@example.com", ["王老师"])]


def test_names_and_texts_of_any_characters(xapi, sent):
    account = {"account": {"homePage": "https://platform.example", "name": "a\0b"}}
    names = ("王老师", "Wang\0", "😀", "王老师")
    sent(*(statement({**account, "name": name}, result={"response": "\0\ud83d\ude00"}) for name in names))
    assert [*Agent.objects.values_list("identifier", "names")] == [
        ("account https://platform.example a\ufffdb", ["Wang\ufffd", "王老师", "😀"])
    ]


# --- Files -----------------------------------------------------------------------------------------------------------
BOUNDARY = "xxBOUNDARYxx"
MIXED = {"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"}


def attached(*files, **more):
    attachments = [
        {
            "usageType": "https://x.example/u", "display": {"en": "x"}, "contentType": "text/plain", "length": len(file),
            "sha2": hashlib.sha256(file).hexdigest(),
        }
        for file in files
    ]  # fmt: skip
    return statement(attachments=attachments, **more)


def mixed(content, *files, **headers):
    parts = [b"Content-Type: application/json\r\n\r\n" + json.dumps(content).encode()]
    for file in files:
        given = {
            "Content-Type": "text/plain", "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": hashlib.sha256(file).hexdigest(),
        } | headers  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
        parts.append(lines.encode() + b"\r\n" + file)
    return b"".join(b"--%s\r\n%s\r\n" % (BOUNDARY.encode(), part) for part in parts) + b"--%s--\r\n" % BOUNDARY.encode()


@BOTH
def test_files_come_and_go_with_their_statements(xapi, at):
    first, second = b"a file\r\n--not the boundary\r\n", bytes(range(256)) * 500
    one = attached(first, second)
    assert xapi("POST", "statements", body=mixed(one, first, second), at=at, **MIXED).status_code == 200
    assert Attachment.objects.count() == 2
    answer = xapi("GET", "statements", {"statementId": one["id"], "attachments": "true"}, at=at)
    boundary = answer["Content-Type"].partition('boundary="')[2].rstrip('"').encode()
    parts = b"".join(answer.streaming_content).split(b"--" + boundary)
    assert (parts[0], parts[-1]) == (b"", b"--\r\n")
    assert [part.partition(b"\r\n\r\n")[2][:-2] for part in parts[2:-1]] == [first, second]
    assert json.loads(parts[1].partition(b"\r\n\r\n")[2])["id"] == one["id"]
    plain = xapi("GET", "statements", {"statementId": one["id"], "attachments": "false"}, at=at)
    assert plain["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (mixed(attached(b"a"), b"b"), "file-unknown"), (mixed(attached(b"a")), "file-missing"), (mixed(statement(), b"a"), "file-unknown"),
        (mixed(attached(b"a"), b"a", **{"Content-Transfer-Encoding": None}), "multipart-malformed"),
        (mixed(attached(b"a"), b"a", **{"X-Experience-API-Hash": None}), "multipart-malformed"),
        (mixed(attached(b"a"), b"b", **{"X-Experience-API-Hash": hashlib.sha256(b"a").hexdigest()}), "file-differs"),
        (mixed(attached(b"a"), b"a")[:-20], "multipart-malformed"),
        (mixed(attached(b"a"), b"a", **{"Content-Type": "text/plain\nX-Evil: 1"}), "multipart-malformed"),
        (mixed(attached(b"a"), b"a", **{"Content-Type": "text/plain\0"}), "multipart-malformed"),
        (mixed(attached(b"a"), b"a", **{"Content-Type": "text/" + "x" * 1_000}), "multipart-malformed"),
        (b"--xxBOUNDARYxx--", "multipart-malformed"),
        (mixed(attached(b"a"), b"a").replace(b"application/json", b"text/plain"), "multipart-malformed"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_files(xapi, body, code):
    status, refusal = said(xapi("POST", "statements", body=body, **MIXED))
    assert (status, refusal["code"], Statement.objects.count()) == (400, code, 0)


def test_a_boundary_is_named(xapi):
    status, refusal = said(xapi("POST", "statements", body=mixed(statement()), **{"Content-Type": "multipart/mixed"}))
    assert (status, refusal["code"]) == (400, "boundary-missing")


# --- Written as a form (1.0.3) ---------------------------------------------------------------------------------------
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_call_written_as_a_form_is_what_it_stands_for(xapi, ids):
    from urllib.parse import urlencode

    one = statement()
    form = urlencode({"statementId": one["id"], "content": json.dumps(one)}).encode()
    assert xapi("POST", "statements", {"method": "PUT"}, form, at="1.0.3", **FORM).status_code == 204
    answer = xapi("POST", "statements", {"method": "GET"}, b"limit=1", at="1.0.3", **FORM)
    assert [found["id"] for found in said(answer)[1]["statements"]] == [one["id"]]
    wrong = [
        ({"method": "PUT", "statementId": one["id"]}, form, "parameter-unknown"), ({"method": "PUT"}, b"statementId=x", "content-missing"),
        ({"method": "PUT"}, b"\xff=&&", "form-unreadable"), ({"method": "DELETE"}, b"", "method-unknown"),
        ({"method": "GET"}, b"X-Experience-API-Version=0.9", "version-unknown"), ({"method": "GET"}, b"Authorization=x", "key-missing"),
    ]  # fmt: skip
    for params, body, code in wrong:
        assert said(xapi("POST", "statements", params, body, at="1.0.3", **FORM))[1]["code"] == code
    status, refusal = said(xapi("POST", "statements", {"method": "PUT"}, form, **FORM))
    assert (status, refusal["code"]) == (400, "parameter-unknown")
