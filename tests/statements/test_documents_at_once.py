"""Calls for one document that meet: each sees what the one before left; one sends two, and none is lost."""

import json

import pytest

from tests.races import race
from weineng.kernel.turns import take_turn
from weineng.statements.actions import keep_document, open_source
from weineng.statements.models import Document
from weineng.statements.rules.documents import Condition, Context, Kind, place_of, tag_of

pytestmark = pytest.mark.slow
CONTEXT = Context(Kind.ACTIVITY, activity="https://qingyun.example/course/1")


@pytest.mark.django_db(transaction=True)
def test_documents_that_meet(world):
    by = world.provider
    source = open_source(by=by)

    def keeping(name, members, **condition):
        def act():
            keep_document(
                by=by, context=CONTEXT, name=name, contents=json.dumps(members).encode(), media_type="application/json",
                condition=Condition(**condition), merge="match" not in condition and "none_match" not in condition,
            )  # fmt: skip

        return act

    def meet(name, *acts):
        answers = race(lambda: take_turn(f"statements.document {place_of(source.pk, CONTEXT, name)}"), *acts)
        return answers, bytes(Document.objects.get(name=name).contents)

    # Two that only come where nothing is.
    first = [keeping("a", {"of": number}, none_match="*") for number in (1, 2)]
    answers, content = meet("a", *first)
    assert (answers, json.loads(content)["of"] in (1, 2)) == (["done", "precondition-failed"], True)
    # Two that saw the same.
    second = [keeping("a", {"of": number}, match=f'"{tag_of(content)}"') for number in (3, 4)]
    answers, content = meet("a", *second)
    assert (answers, json.loads(content)["of"] in (3, 4)) == (["done", "precondition-failed"], True)
    # Members that are laid over each other, on nothing and on something.
    for names in (("x", "y"), ("z", "w")):
        answers, content = meet("b", *(keeping("b", {name: 1}) for name in names))
        assert answers == ["done", "done"]
    assert json.loads(content) == {"x": 1, "y": 1, "z": 1, "w": 1}
