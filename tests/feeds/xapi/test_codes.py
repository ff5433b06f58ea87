"""The table of codes is what the record store can refuse with: no code without a meaning, no meaning without a code."""

import ast
import inspect
from pathlib import Path

import pytest

import weineng
from weineng.accounts.queries import keys
from weineng.feeds.xapi import answers
from weineng.feeds.xapi.codes import CODES
from weineng.kernel import allowance
from weineng.kernel.refusals import Refused

PACKAGE = Path(weineng.__file__).parent
SAYING = {"Refused", "malformed"}  # the latter hands its code on


def called(node):
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def codes_in(tree):
    """The codes of the refusals that are written there; a code that is no text as its source."""
    for node in ast.walk(tree):
        if called(node) == "NotFound":
            yield "not-found"
        elif called(node) in SAYING:
            first = node.args[0]
            yield first.value if isinstance(first, ast.Constant) else f"<{ast.unparse(first)}>"


def reached(module, *names):
    """The functions of these names in a module and those of the module that they call."""
    functions = {one.name: one for one in ast.parse(inspect.getsource(module)).body if isinstance(one, ast.FunctionDef)}
    found, left = {}, list(names)
    while left:
        name = left.pop()
        if name in functions and name not in found:
            found[name] = functions[name]
            left += [called(node) for node in ast.walk(functions[name])]
    return list(found.values())


def test_every_code_that_the_record_store_can_refuse_with_has_its_meaning():
    sources = [*(PACKAGE / "feeds/xapi").rglob("*.py"), *(PACKAGE / "statements").rglob("*.py")]
    trees = [ast.parse(place.read_text(encoding="utf-8")) for place in sources]
    trees += [*reached(keys, "key_shown", "key_named", "actor_of_key"), ast.parse(inspect.getsource(allowance))]
    raised = [code for tree in trees for code in codes_in(tree)]
    assert [code for code in raised if code.startswith("<")] == ["<code>"]  # of `malformed`
    assert {*raised} - {"<code>"} == CODES.keys()


@pytest.mark.parametrize("version", ["1.0.3", "2.0"])
def test_the_document_names_every_code_at_its_status(client, version):
    document = client.get(f"/xapi/{version}/openapi.json").json()
    expected = {code: status for code, (status, _means) in CODES.items()}
    assert document["x-refusals"] == [
        {"code": code, "status": status, "means": means} for code, (status, means) in CODES.items()
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            named = {
                code: int(status)
                for status, answer in operation["responses"].items()
                if int(status) >= 400
                for code in answer["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
            }
            assert named == expected, (path, method)


def test_a_refusal_is_answered_with_the_status_of_the_table():
    answered = {code: answers.refused(Refused(code, "")).status_code for code in CODES}
    assert answered == {code: status for code, (status, _means) in CODES.items()}
