"""Each of the five plans can be entered from forms alone: what the forms of its lines send makes the very document it is."""

from dataclasses import replace

import pytest

from tests.p4 import PLANS, shipped_base
from tests.standard import load_standard
from tests.web.test_draft_fields import form_of
from weineng.programmes.actions import begin_draft, remove_line, write_line
from weineng.programmes.documents import check_document, read_document
from weineng.programmes.documents.lines import LISTS, PARTS, Place, line_of, mark_of
from weineng.web.programmes.fields import take_fields
from weineng.web.programmes.naming import Names

pytestmark = pytest.mark.slow

BEGUN = {
    "p1-town": "nothing", "p2-province": "base:province-base", "p3-province": "nothing", "p4-district": "base:province-base",
    "p5-school": "base:p5-city-base",
}  # fmt: skip


class Clerk:
    """Somebody who takes a draft's lines out and writes others, through their forms."""

    def __init__(self, world, draft):
        self.by, self.draft = world.office.actor, draft

    def take_out(self, place):
        seen = mark_of(self.draft.source, place)
        self.draft = remove_line(by=self.by, draft=self.draft.pk, place=place, seen=seen)

    def write(self, place, said):
        before = line_of(self.draft.source, place) if place.row is not None or not place.is_row else {}
        sent = form_of(place, said, Names({}, {}, place.section))
        wanted = take_fields(place.fields, sent, before, "line.")
        if not wanted:
            return
        seen = mark_of(self.draft.source, place)
        self.draft, _place = write_line(by=self.by, draft=self.draft.pk, place=place, wanted=wanted, seen=seen)


@pytest.mark.parametrize("code", sorted(BEGUN))
def test_a_plan_is_entered_from_forms(world, code):
    load_standard()
    plan = (PLANS / f"{code}.yaml").read_text(encoding="utf-8")
    title = dict.fromkeys(("zh-hans", "zh-hant", "en"), "x")
    draft = begin_draft(by=world.office.actor, owner=world.district, origin=BEGUN[code], code="x", title=title)
    clerk = Clerk(world, draft)
    for section in LISTS:
        for row in reversed(range(len(line_of(clerk.draft.source, Place(section))))):
            clerk.take_out(Place(section, row))
    for part in PARTS:
        if line_of(clerk.draft.source, Place(part)):
            clerk.take_out(Place(part))
    for section in ("top", *PARTS):
        clerk.write(Place(section), line_of(plan, Place(section)))
    for section in LISTS:
        for row in line_of(plan, Place(section)):
            clerk.write(Place(section), row)
    reading = check_document(clerk.draft.source, shipped_base, "x.yaml")
    assert [str(problem) for problem in reading.problems] == []
    assert ordered(reading.document) == ordered(read_document(plan, shipped_base))


def ordered(document):
    """Ticks have no order."""
    said = [replace(one, value=sorted(str(one.value).split(", "))) for one in document.assumptions]
    scope = replace(document.scope, kinds=tuple(sorted(document.scope.kinds)))
    return replace(document, scope=scope, assumptions=tuple(said))
