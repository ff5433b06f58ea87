"""Single values of a text are changed and everything else stays as it is written: comments, order, brackets, line breaks."""

import copy
import random
from datetime import date
from decimal import Decimal

import pytest

from tests.p4 import PLANS
from weineng.programmes.documents import editing
from weineng.programmes.documents.editing import add_row, dump, put, raise_row, remove_row, rewrite, same, values_of
from weineng.programmes.documents.lines import LISTS

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PLANS.glob("*.yaml"))}
BLOCK = """\
# What the office decided in March.
programme: small  # never changes
cycle:
  start: 2026-01-01   # a Thursday
  cut_off:
    value: 2026-12-31
    assumed: {en: Nothing is said}
# Kinds come next.
kinds:
  # the first kind
  - code: online  # by platforms
    from: records
    match: {mode: [online, workshop]}

  # the second kind
  - code: evidence
    from: results

caps: []  # none yet
empty:
returns: 2
"""


def paths(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*path, key))


def at(value, path):
    for part in path:
        value = value[part]
    return value


def changed(value, dice):
    """The value with one difference somewhere inside."""
    value = copy.deepcopy(value)
    if isinstance(value, dict) and value:
        key, do = dice.choice(sorted(value)), dice.random()
        if do < 0.3:
            del value[key]
        elif do < 0.6:
            value[f"x{dice.randrange(9)}"] = dice.choice(
                [True, 7, Decimal("2.5"), date(2027, 2, 3), "到时：再说 #1", [1, "b"], {"a": 1}]
            )
        else:
            value[key] = changed(value[key], dice)
        return value
    if isinstance(value, list) and value:
        place, do = dice.randrange(len(value)), dice.random()
        if do < 0.3:
            del value[place]
        elif do < 0.6:
            value.append(copy.deepcopy(value[0]))
        else:
            value[place] = changed(value[place], dice)
        return value
    return dice.choice([8, "no", "2026", "a: b", Decimal("0.25"), date(2031, 1, 1), False])


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_what_is_written_is_read_back_and_no_comment_is_lost(name):
    dice, before = random.Random(name), TEXTS[name]
    said = values_of(before)
    assert rewrite(before, (), said) == before  # what is so already is not touched
    places = [path for path in paths(said) if path]
    for path in dice.sample(places, min(6, len(places))):
        wanted = changed(at(said, path), dice)
        after = rewrite(before, path, wanted)
        expected = copy.deepcopy(said)
        at(expected, path[:-1])[path[-1]] = wanted
        assert same(values_of(after), expected), path
        gone = {line for line in before.splitlines() if line.lstrip().startswith("#")} - {*after.splitlines()}
        assert gone == set(), path
        assert rewrite(after, path, at(said, path)) is not None


@pytest.mark.parametrize("name", ["p3-province", "p4-district"])
def test_rows_come_go_and_change_places(name):
    text = TEXTS[name]
    for key in LISTS:
        rows = values_of(text).get(key)
        new = {"code": "new", "title": {"zh-hans": "新", "zh-hant": "新", "en": "New: one"}}
        longer = add_row(text, key, new)
        assert same(values_of(longer)[key], [*(rows or []), new])
        for place in sorted({0, len(rows) - 1}) if rows else ():
            assert same(values_of(remove_row(text, key, place))[key], rows[:place] + rows[place + 1 :])
            order = list(rows)
            if place:
                order[place - 1 : place + 1] = [rows[place], rows[place - 1]]
            assert same(values_of(raise_row(text, key, place))[key], order)
            assert raise_row(raise_row(text, key, place), key, place) == text or not place


def test_lines_keep_the_way_they_are_written():
    assert rewrite(BLOCK, ("cycle", "start"), date(2026, 2, 1)) == BLOCK.replace("2026-01-01   #", "2026-02-01   #")
    assert rewrite(BLOCK, ("cycle", "cut_off"), date(2027, 1, 31)) == BLOCK.replace(
        "cut_off:\n    value: 2026-12-31\n    assumed: {en: Nothing is said}", "cut_off: 2027-01-31"
    )
    marked = rewrite(BLOCK, ("returns",), {"value": 3, "fixed": True})
    assert marked == BLOCK.replace("returns: 2", "returns: {value: 3, fixed: true}")
    assert rewrite(BLOCK, ("empty",), "yes") == BLOCK.replace("empty:", 'empty: "yes"')
    assert put(BLOCK, "school", {"completed_share": 95}) == f"{BLOCK}school: {{completed_share: 95}}\n"
    assert add_row(BLOCK, "caps", {"code": "a"}) == BLOCK.replace(
        "caps: []  # none yet", "caps:   # none yet\n  - {code: a}"
    )
    second = rewrite(BLOCK, ("kinds", 1), {"code": "evidence", "from": "results", "item": "point"})
    assert second == BLOCK.replace("    from: results\n", "    from: results\n    item: point\n")
    assert editing.text_at(BLOCK, ("kinds", 0, "match")) == "{mode: [online, workshop]}"
    without = rewrite(BLOCK, ("kinds", 0), {"from": "records", "match": {"mode": ["online"]}})
    assert "  - from: records\n    match: {mode: [online]}\n" in without
    assert editing.move_years(BLOCK, 2).count("2028-") == 2
    assert editing.move_years("a: 2028-02-29\n", 1) == "a: 2029-02-28\n"


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "Null",
        "2026-01-31",
        "1e3",
        "a: b",
        "# no",
        "- a",
        "",
        " x",
        "x ",
        "“引”号",
        "a\\b",
        'say "x"',
        "~",
        "=",
        "a,b",
    ],
)
def test_any_text_stays_the_text_it_is(word):
    assert values_of(f"a: {{b: {dump(word)}, c: [{dump(word)}]}}\n") == {"a": {"b": word, "c": [word]}}
    assert values_of(put("", "a", word)) == {"a": word}
