"""The document of the API: it is what is committed, it names every code, and its examples are true."""

import ast
import copy
import inspect
import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.rest.conftest import NOW
from weineng.accounts.queries import NAMES
from weineng.certification.models import Certificate, SigningKey
from weineng.certification.rules import FORM
from weineng.certification.signing import new_pair, sign_claim
from weineng.kernel.ciphers import encrypt, key_version
from weineng.learning.actions import _delivery, _records, deliveries
from weineng.learning.rules import records as rules
from weineng.ops.contract import METHODS, served, shrunk
from weineng.organisations.models import ExternalIdentifier
from weineng.organisations.rules import digest_of
from weineng.rest import bodies
from weineng.rest.refusals import MEANINGS, STATUSES
from weineng.rest.v1 import deliveries as door
from weineng.web.shell.addresses import oid

IDS = {"id", "unit", "person", "parent", "delivery", "next"}
WORD = re.compile(r"[0-9a-hjkmnp-tv-z]{13}|[0-9]+")
COMMITTED = settings.CHECKOUT / "docs/api/v1.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(served())


def operations(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_what_the_api_is():
    assert served() == COMMITTED.read_text(encoding="utf-8")


def test_it_is_in_english_whoever_asks(client):
    answer = client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh-hant"})
    assert json.loads(answer.content) == json.loads(COMMITTED.read_text(encoding="utf-8"))


# --- What an operation says of itself --------------------------------------------------------------------------------
def test_every_operation_names_its_permission_and_its_codes(document):
    for name, operation in operations(document):
        public = operation["x-permission"] is None
        assert (operation["security"] == []) is public, name
        assert (operation["x-scope"] is None) is (public or operation["x-permission"] in NAMES), name
        assert bool(operation["x-permission-means"]) is not public, name
        codes = [refusal["code"] for refusal in operation["x-refusals"]]
        assert ("key-missing" in codes) is not public, name
        assert len(codes) == len({*codes}), name
        answered = {
            status: answer["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
            for status, answer in operation["responses"].items()
            if status != "200"
        }
        assert {code: status for status, names in answered.items() for code in names} == {
            refusal["code"]: str(refusal["status"]) for refusal in operation["x-refusals"]
        }, name


def test_everything_in_it_is_explained(document):
    silent = [name for name, operation in operations(document) if not operation["summary"]]
    for name, operation in operations(document):
        silent += [f"{name} {p['name']}" for p in operation["parameters"] if not p.get("description")]
        silent += [f"{name} {refusal['code']}" for refusal in operation["x-refusals"] if not refusal["means"]]
    for schema, form in document["components"]["schemas"].items():
        if schema != "Error":
            silent += [f"{schema}.{field}" for field, one in form["properties"].items() if not one.get("description")]
    assert silent == []


def refused_in(*modules):
    """The codes that are written in these modules: `Refused("code", …)`, `unread("code", …)`, `_bad(name, "code", …)`."""
    found = set()
    for module in modules:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Refused": 0, "unread": 0, "_bad": 1}.get(node.func.id)
                if place is not None and isinstance(node.args[place], ast.Constant):
                    found.add(node.args[place].value)
    return found


def test_the_codes_of_a_delivery_are_those_of_the_source(document):
    """No code is left out and none is made up: what the action and the door can refuse is what the document says."""
    deliver = document["paths"]["/api/v1/providers/{provider}/records"]["post"]
    said = {refusal["code"] for refusal in (*deliver["x-refusals"], *deliver["x-row-refusals"])}
    by_the_door = {"no-rows", "too-many-rows"}  # the door refuses them first, as records-out-of-range
    of_people = {"own-record"}  # nobody stands behind a key: no row is about whoever delivers
    of_the_key = {
        "key-missing",
        "key-unknown",
        "key-revoked",
        "key-expired",
        "token-expired",
        "too-many-calls",
        "parameter-unknown",
        "not-found",
        "body-too-big",
    }
    assert (
        said
        == (refused_in(rules, deliveries, _delivery, _records, bodies, door) - by_the_door - of_people)
        | {"conflict"}
        | of_the_key
    )


def test_every_code_has_a_meaning_and_every_meaning_is_used(document):
    used = {"broken", "unavailable"}  # of no operation: what is broken may break any
    for _name, operation in operations(document):
        used |= {refusal["code"] for refusal in (*operation["x-refusals"], *operation.get("x-row-refusals", ()))}
    assert used == MEANINGS.keys()
    assert STATUSES.keys() <= MEANINGS.keys()


# --- Examples --------------------------------------------------------------------------------------------------------
def example(document, path, method, status="200"):
    operation = document["paths"][f"/api/v1{path}"][method]
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return sent, operation["responses"][status]["content"]["application/json"]["example"]


def known_as(person, type_, number):
    """The person is known by one more number."""
    ExternalIdentifier.objects.create(
        person_id=person, type=type_, cipher=encrypt(number.encode()), digest=digest_of(type_, number), key_version=key_version()
    )  # fmt: skip


def test_the_examples_of_a_delivery_are_true(document, world, call):
    known_as(world.teacher.person, "passport", "E51990047")
    sent, expected = example(document, "/providers/{provider}/records", "post")
    assert call(sent, **{"Accept-Language": "en"}) == (200, expected)
    for path in ("records", "deliveries", "refused", "reconciliation"):
        _nothing, expected = example(document, f"/providers/{{provider}}/{path}", "get")
        asked = f"/api/v1/providers/qingyun/{path}" + ("?since=2026-03-01" if path == "reconciliation" else "")
        status, answer = call("", asked, method="get")
        assert (status, without_ids(answer)) == (200, without_ids(expected))


def without_ids(value):
    """Ids and cursors differ from one database to the next."""
    if isinstance(value, dict):
        return {
            key: "" if key in IDS and WORD.fullmatch(str(inner)) else without_ids(inner) for key, inner in value.items()
        }
    return [without_ids(inner) for inner in value] if isinstance(value, list) else value


def test_the_examples_of_an_office_are_true(document, world, standings, office_key, ask):
    key = office_key("standings.read", "figures.read", "people.read")
    unit = oid(world.nine_year, "organisations.unit")
    for path, filled, query in (
        ("/programmes", "/programmes", {}),
        ("/programmes/{programme}/standings", "/programmes/p4-district/standings", {"limit": 1}),
        ("/programmes/{programme}/figures", "/programmes/p4-district/figures", {"unit": unit}),
        ("/units", "/units", {"limit": 2}), ("/units/{unit}/people", f"/units/{unit}/people", {"limit": 1}),
    ):  # fmt: skip
        _nothing, expected = example(document, path, "get")
        status, answer = ask(key, filled, **query)
        assert (status, without_ids(answer)) == (200, without_ids(expected)), path


def test_the_example_of_a_certificate_is_true(document, client, world, standings):
    """It is stored and signed as the example says, and answered so."""
    _nothing, expected = example(document, "/certificates/{number}", "get")
    claim = {name: value for name, value in expected["claim"].items() if name != "periods"} | {"form": FORM}
    private, public = new_pair()
    signing = SigningKey.objects.create(name=expected["signed_under"], public=public, since=NOW, retired_at=NOW)
    Certificate.objects.create(
        **{name: claim[name] for name in ("number", "code", "kind", "level", "issued_on")}, programme=standings,
        person_id=world.teacher.person, enrolment=standings.enrolments.get(person=world.teacher.person), rule="p4", claim=claim,
        signature=sign_claim(private, claim), key=signing, issued_at=NOW, revoked_because=expected["because_code"],
        revoked_at=datetime.fromisoformat(expected["revoked_at"]),
    )  # fmt: skip
    answer = client.get(f"/api/v1/certificates/{expected['number']}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()) == (200, expected)


# --- It only grows ---------------------------------------------------------------------------------------------------
def alone(document):
    """Each operation as a document of its own, with the forms it uses: so that every promise is tried in the smallest one."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            forms, wanted = {}, set(re.findall(r"#/components/schemas/(\w+)", json.dumps(operation)))
            while wanted:
                name = wanted.pop()
                forms[name] = document["components"]["schemas"][name]
                wanted |= set(re.findall(r"#/components/schemas/(\w+)", json.dumps(forms[name]))) - forms.keys()
            yield {"paths": {path: {method: operation}}, "components": {"schemas": forms}}


def parts(document):
    """Every promise in a document: (what it is, a way to take it back)."""
    for path, methods in document["paths"].items():
        yield path, lambda doc, path=path: doc["paths"].pop(path)
        for method, operation in methods.items():
            yield from _of_operation(path, method, operation)
    for name, form in document["components"]["schemas"].items():
        for field in form["properties"]:
            yield f"{name}.{field}", lambda doc, n=name, f=field: doc["components"]["schemas"][n]["properties"].pop(f)


def _of_operation(path, method, operation):
    name = f"{method} {path}"
    yield name, lambda doc: doc["paths"][path].pop(method)
    for place, parameter in enumerate(operation["parameters"]):
        yield f"{name} {parameter['name']}", lambda doc, p=place: doc["paths"][path][method]["parameters"].pop(p)
    for status in operation["responses"]:
        yield f"{name} {status}", lambda doc, s=status: doc["paths"][path][method]["responses"].pop(s)
    for codes in ("x-refusals", "x-row-refusals"):
        for place, refusal in enumerate(operation.get(codes, ())):
            yield f"{name} {refusal['code']}", lambda doc, c=codes, p=place: doc["paths"][path][method][c].pop(p)
    for field in (
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})["properties"]
        if "requestBody" in operation
        else ()
    ):
        yield (
            f"{name} {field}",
            lambda doc, f=field: doc["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"][
                "properties"
            ].pop(f),
        )


def test_nothing_can_be_taken_out_of_it(document):
    unnoticed, count = [], 0
    for small in alone(document):
        for name, take in parts(small):
            after = copy.deepcopy(small)
            take(after)
            count += 1
            unnoticed += [] if shrunk(small, after) else [name]
    assert unnoticed == []
    assert count > 300
    assert shrunk(document, copy.deepcopy(document)) == []


RECORDS = "/api/v1/providers/{provider}/records"


def changed(document, *path, to):
    """The document with another value at a place; None takes it out."""
    after = copy.deepcopy(document)
    place = after
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return after


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("components", "schemas", "RecordIn", "required"), ["id", "reason"]),
        (("components", "schemas", "RecordIn", "properties", "id", "maxLength"), 79),
        (("components", "schemas", "RecordIn", "properties", "id", "minLength"), 2),
        (("components", "schemas", "RecordIn", "properties", "reason", "maxLength"), 400),
        (("components", "schemas", "RecordIn", "properties", "reason", "type"), "integer"),
        (("components", "schemas", "RecordIn", "properties", "minutes", "anyOf"), [{"type": "integer"}]),
        (("components", "schemas", "RecordIn", "properties", "mode", "enum"), ["", "online"]),
        (("components", "schemas", "RecordIn", "properties", "course", "pattern"), "^[0-9]*$"),
        (("components", "schemas", "RecordOut", "required"), ["id"]),
        (("components", "schemas", "RecordOut", "properties", "minutes", "type"), "string"),
        (("components", "schemas", "RecordOut", "properties", "state", "enum"), ["in-force"]),
        (("components", "schemas", "PageOut", "properties", "records", "items"), {"type": "string"}),
        (("components", "schemas", "PageOut", "properties", "next"), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (("paths", RECORDS, "get", "x-permission"), "learning.deliver"),
        (("paths", RECORDS, "get", "x-scope"), "records.write"),
        (("paths", RECORDS, "get", "operationId"), "list"),
        (("paths", RECORDS, "get", "security"), []),
        (("paths", RECORDS, "get", "requestBody"), {"required": True, "content": {}}),
        (("paths", RECORDS, "get", "parameters", 1, "required"), True),
        (("paths", RECORDS, "get", "parameters", 2, "schema", "maximum"), 999),
        (("paths", RECORDS, "get", "x-refusals", 0, "status"), 403),
    ],
    ids=lambda value: "/".join(map(str, value[-3:])) if isinstance(value, tuple) else "",
)
def test_nothing_becomes_narrower(document, path, to):
    assert shrunk(document, changed(document, *path, to=to)) != []


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("paths", "/api/v1/new"), {"get": {}}),
        (("paths", RECORDS, "delete"), {}),
        (("components", "schemas", "RecordOut", "properties", "arrived_by"), {"type": "string"}),
        (("components", "schemas", "RecordIn", "properties", "language"), {"type": "string"}),
        (("components", "schemas", "RecordIn", "properties", "id", "maxLength"), 100),
        (("components", "schemas", "RecordIn", "properties", "title", "maxLength"), None),
        (("components", "schemas", "RecordOut", "properties", "state", "enum"), ["in-force", "corrected", "voided", "void", "late"]),
        (("paths", RECORDS, "get", "responses", "410"), {"description": "gone"}),
        (("paths", RECORDS, "get", "summary"), "Said otherwise."),
    ],
    ids=lambda value: "/".join(map(str, value[-3:])) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_it_may_grow(document, path, to):
    assert shrunk(document, changed(document, *path, to=to)) == []


# --- The command -----------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_command_writes_what_is_new_and_never_less(document, tmp_path, capsys):
    place = tmp_path / "v1.json"
    call_command("api", write=True, file=place)
    assert place.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8")
    call_command("api", check=True, file=place)
    smaller = copy.deepcopy(document)
    del smaller["components"]["schemas"]["RecordOut"]["properties"]["title"]
    _ends_badly(place, smaller, "check")  # the API has grown: it must be written
    call_command("api", write=True, file=place)
    assert place.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8")
    larger = copy.deepcopy(document)
    larger["components"]["schemas"]["RecordOut"]["properties"]["colour"] = {"type": "string"}
    for what in ("check", "write"):
        _ends_badly(place, larger, what)
        assert ".records[].colour: gone" in capsys.readouterr().err
        assert json.loads(place.read_text(encoding="utf-8")) == larger


def _ends_badly(place: Path, content, what):
    place.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        call_command("api", file=place, **{what: True})
    assert end.value.code == 1


def test_the_methods_compared_are_all_that_the_api_has(document):
    assert {method for methods in document["paths"].values() for method in methods} <= {*METHODS}
