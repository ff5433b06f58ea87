"""Every line that a document can have can be shown as a form and sent back: it says then what it said before."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import QueryDict

from tests.p4 import PLANS
from weineng.programmes.documents.editing import same
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.lines import LISTS, PARTS, Place, line_of
from weineng.web.programmes.fields import plain, show_fields, take_fields
from weineng.web.programmes.naming import Names

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PLANS.glob("*.yaml"))}
TEXTS["rich"] = (Path(__file__).parents[1] / "programmes" / "rich.yaml").read_text(encoding="utf-8")


def sent(shown):
    """What a browser sends of these fields, untouched."""
    for one in shown:
        if one.kind in ("record", "rows"):
            for row in one.inside:
                yield from sent(row)
            continue
        if one.kind == "words":
            yield from ((f"{one.name}.{code}", value) for code, _name, value in one.value)
        elif one.kind == "table":
            for key, value in one.value:
                yield from ((f"{one.name}.key", key), (f"{one.name}.value", value))
        elif one.kind == "many":
            yield f"{one.name}.there", "1"
            yield from (
                (one.name, word)
                for word in ([w for w, _n, on in one.options if on] if one.options else [", ".join(one.value)])
            )
        elif one.kind == "one":
            yield one.name, next((word for word, _name, on in one.options if on), "")
        else:
            yield one.name, one.value
        if one.marks:
            yield from ((f"{one.name}.because.{code}", value) for code, _name, value in one.because)
            yield f"{one.name}.mark", one.mark


def form_of(place, said, names):
    data = QueryDict(mutable=True)
    for name, value in sent(show_fields(place.fields, said, {}, names, prefix="line.")):
        data.appendlist(name, value)
    return data


def places(text):
    yield Place("top")
    yield from (Place(part) for part in PARTS)
    for name in LISTS:
        yield from (Place(name, number) for number in range(len(line_of(text, Place(name)))))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_form_that_is_sent_back_untouched_says_what_the_line_said(db, name):
    text, looked = TEXTS[name], 0
    for place in places(text):
        said = line_of(text, place)
        names = Names({}, {}, place.section)
        back = take_fields(place.fields, form_of(place, said, names), said, "line.")
        assert same(back, said), place
        looked += bool(said)
    assert looked > 3


def test_there_is_a_field_for_every_line_of_the_format(db):
    for section in ("top", *PARTS, *LISTS):
        shown = show_fields(Place(section).fields, {}, {}, Names({}, {}, section))
        assert [one.key for one in shown] == list(Place(section).fields)
        assert all(one.label for one in shown)
    assert {*Place("top").fields, *PARTS, *LISTS} == {*DOCUMENT.fields}


def test_what_is_emptied_is_no_longer_said_and_what_is_unknown_stays(db):
    names, place = Names({}, {}, "demands"), Place("demands", 0)
    said = {
        "code": "a",
        "typo": 1,
        "kinds": ["x", "y"],
        "periods": {"value": 3, "assumed": {"en": "why"}, "fixed": True},
        "title": {"en": "A"},
    }
    data = form_of(place, said, names)
    data["line.title.en"] = ""
    data.setlist("line.kinds", ["y， z"])
    data["line.periods"] = "4"
    assert take_fields(place.fields, data, said, "line.") == {
        "code": "a",
        "typo": 1,
        "kinds": ["y", "z"],
        "periods": {"value": 4, "fixed": True},
    }
    data["line.periods.because.en"] = "another reason"
    assert take_fields(place.fields, data, said, "line.")["periods"] == {
        "value": 4,
        "assumed": {"en": "another reason"},
        "fixed": True,
    }
    data.setlist("line.kinds", [])
    assert "kinds" not in take_fields(place.fields, data, said, "line.")


def test_whatever_is_typed_is_kept(db):
    whole, day, flag = (
        Place(section).fields[name].shape
        for section, name in (("stages", "days"), ("cycle", "start"), ("stages", "blind"))
    )
    assert [plain(whole, word) for word in ("7", "-7", "7.5", "seven", "1e3")] == [
        7,
        -7,
        Decimal("7.5"),
        "seven",
        "1e3",
    ]
    assert [plain(day, word) for word in ("2026-02-28", "2026-02-30", "31.1.2026")] == [
        date(2026, 2, 28),
        "2026-02-30",
        "31.1.2026",
    ]
    assert [plain(flag, word) for word in ("true", "false", "maybe")] == [True, False, "maybe"]
