"""Two platforms that keep, merge, replace and delete documents at random, in both versions, beside a dictionary that does the same."""

import json
import random

import pytest

from tests.feeds.xapi.test_documents import SHELVES, STATE
from weineng.statements.rules.documents import tag_of

pytestmark = pytest.mark.slow
JSON, TEXT = "application/json", "text/plain; charset=utf-8"


class Shelf:
    """What the specification says that one platform finds, in plain Python: name → (content, type)."""

    def __init__(self):
        self.held = {}

    def call(self, method, name, body, kind, condition, strict):
        """The status that goes with a call; `strict`: whether a put asks for a condition always, where it replaces, or never."""
        there = self.held.get(name)
        tag = there and tag_of(there[0])
        word, value = condition
        if (word == "If-Match" and value != tag) or (word == "If-None-Match" and there):
            return 412
        if method == "DELETE":
            self.held.pop(name, None)
            return 204
        if method == "PUT" and not word and (strict == "always" or (strict == "replacing" and there)):
            return 409 if there else 400
        if method == "POST" and there:
            if (
                kind != JSON
                or there[1] != JSON
                or not all(isinstance(json.loads(text), dict) for text in (there[0], body))
            ):
                return 400
            body = json.dumps(json.loads(there[0]) | json.loads(body)).encode()
        self.held[name] = (body, kind)
        return 204


def some_value(draw, depth=0):
    makes = [
        lambda: draw.randint(-(10**20), 10**20), lambda: draw.random(), lambda: None, lambda: draw.choice([True, False]),
        lambda: "".join(draw.choice('a"\\é\u4e00\U0001f600\n\u2028 ') for _sign in range(draw.randint(0, 6))),
    ]  # fmt: skip
    if depth < 3:
        makes += [
            lambda: [some_value(draw, depth + 1) for _one in range(draw.randint(0, 3))],
            lambda: {f"k{draw.randint(0, 4)}": some_value(draw, depth + 1) for _one in range(draw.randint(0, 3))},
        ]
    return draw.choice(makes)()


def some_body(draw):
    if draw.random() < 0.2:
        return bytes(draw.randrange(256) for _byte in range(draw.randint(0, 40))), TEXT
    whole = some_value(draw) if draw.random() < 0.15 else {f"k{n}": some_value(draw) for n in range(draw.randint(0, 4))}
    return json.dumps(whole, ensure_ascii=draw.random() < 0.5).encode(), JSON


@pytest.mark.parametrize("seed", [1, 2])
def test_the_store_does_as_the_dictionary(xapi, seed):
    draw = random.Random(seed)
    shelves = {(key, shelf[0]): Shelf() for key in ("qingyun", "other") for shelf in SHELVES}
    statuses = set()
    for _call in range(120):
        key, shelf, at = draw.choice(["qingyun", "other"]), draw.choice(SHELVES), draw.choice(["2.0", "1.0.3"])
        path, word, context = shelf
        model, name = shelves[key, path], draw.choice("abc")
        method = draw.choice(["PUT", "POST", "POST", "DELETE"])
        tags = [tag_of(content) for content, _kind in model.held.values()] + ["0" * 40]
        condition = draw.choice([("", ""), ("If-Match", draw.choice(tags)), ("If-None-Match", "*")])
        strict = "replacing" if at == "2.0" else "never" if shelf is STATE else "always"
        body, kind = some_body(draw)
        sent = {condition[0]: condition[1] if condition[1] == "*" else f'"{condition[1]}"'} if condition[0] else {}
        answer = xapi(method, path, context | {word: name}, body, at=at, key=key, **{"Content-Type": kind, **sent})
        assert answer.status_code == model.call(method, name, body, kind, condition, strict), (
            method,
            condition,
            body,
            kind,
        )
        statuses.add(answer.status_code)
        found = xapi("GET", path, context | {word: name}, at=draw.choice(["2.0", "1.0.3"]), key=key)
        if name not in model.held:
            assert found.status_code == 404
            continue
        content, held_as = model.held[name]
        if held_as == JSON:
            assert json.loads(found.content) == json.loads(content)
        else:
            assert found.content == content
        assert found["Content-Type"] == held_as
        model.held[name] = (found.content, held_as)  # as it was written down
    assert statuses == {204, 400, 409, 412}
    for (key, path), model in shelves.items():
        context = next(shelf[2] for shelf in SHELVES if shelf[0] == path)
        assert sorted(json.loads(xapi("GET", path, context, key=key).content)) == sorted(model.held)
