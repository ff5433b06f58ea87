"""Merging and splitting units as an office does it: look, press, take back."""

import re
from datetime import date, datetime

import pytest

from tests.district import enrol_nine_year, start_p4
from tests.settling import run_once
from tests.web.looking import press
from tests.web.reading import text
from weineng.audit.models import Line
from weineng.insight.actions import look_at_moves
from weineng.insight.models import MoveLook
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import Edge, Posting, Reorganisation, Unit
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

ON = "2026-02-01"


@pytest.fixture
def p4(world, set_clock):
    set_clock(datetime(2026, 1, 10, 9, tzinfo=CIVIL))
    row = start_p4(world)
    enrol_nine_year(world, row)
    set_clock(datetime(2026, 3, 2, 9, tzinfo=CIVIL))
    run_once()
    return row


def unit(pk, tail=""):
    return f"/units/{oid(pk, 'organisations.unit')}/{tail}"


def told(page):
    """Unit → the numbers of people before and after, as the table of figures shows them."""
    rows = re.findall(r'<th scope="row">([^<]+)</th>\s*<td class="n" data-label="[^"]+">(.*?)</td>', page, re.DOTALL)
    return {name: tuple(int(n) for n in re.findall(r"\d+", re.sub(r"<[^>]+>", " ", cell))) for name, cell in rows}


def test_a_school_is_merged_as_was_shown_and_taken_back(world, p4, visitor):
    office, url = world.office, unit(world.kindergarten, "merge/")
    asked = {"into": oid(world.nine_year, "organisations.unit"), "on": ON, "reason": "布局调整"}
    state = (Line.objects.count(), Edge.objects.count(), Posting.objects.count())
    page = text(visitor(office, url, asked | {"do": "look"}, "office"))
    assert (Line.objects.count(), Edge.objects.count(), Posting.objects.count()) == state
    counted = len([m for m in world.everybody if m.school == world.nine_year and m.key not in ("retired", "unplaced")])
    names = dict(Unit.objects.order_by("pk").values_list("pk", "name"))
    step = told(page)[names[world.nine_year]]
    assert step[-1] - step[0] == 3  # all of the kindergarten: its teachers and the CIO take part from then on
    assert counted <= step[0]
    for word in ("学前综合教研组", world.kindergarten_cio.name):
        assert word in page.split('class="after"')[1]
    answer = press(visitor, office, url, asked, "office")
    assert (answer.status_code, answer.headers["Location"]) == (302, unit(world.nine_year))
    run_once()
    row = Reorganisation.objects.get()
    undo = f"/units/reorganisations/{oid(row)}/undo/"
    assert undo in text(visitor(office, unit(world.nine_year), role="office"))
    assert visitor(office, undo, {"reason": "", "do": "look"}, "office").status_code == 422
    step = told(text(visitor(office, undo, {"reason": "误录", "do": "look"}, "office")))[names[world.nine_year]]
    assert step[0] - step[-1] == 3
    assert press(visitor, office, undo, {"reason": "误录"}, "office").status_code == 302
    assert Unit.objects.get(pk=world.kindergarten).closed_on is None
    assert visitor(office, undo, {"reason": "误录", "do": "look"}, "office").status_code == 422
    assert undo not in text(visitor(office, unit(world.nine_year), role="office"))


def test_what_taking_back_a_merge_to_come_would_change_is_shown_for_its_day(world, p4, visitor):
    office, url = world.office, unit(world.kindergarten, "merge/")
    asked = {"into": oid(world.nine_year, "organisations.unit"), "on": "2026-04-01", "reason": "布局调整"}
    assert press(visitor, office, url, asked, "office").status_code == 302
    run_once()
    undo = f"/units/reorganisations/{oid(Reorganisation.objects.get())}/undo/"
    page = text(visitor(office, undo, {"reason": "误录", "do": "look"}, "office"))
    step = told(page)[Unit.objects.get(pk=world.nine_year).name]
    assert step[0] - step[-1] == 3


def test_a_school_is_split_by_groups_and_people(world, p4, visitor):
    office, url = world.office, unit(world.nine_year, "split/")
    form = text(visitor(office, url, role="office"))
    assert world.loner.name in form
    assert world.wu.name not in form
    asked = {
        "name": "白石第二学校", "kind": "junior", "official_code": "", "groups": [oid(world.maths, "organisations.unit")],
        "people": [oid(world.loner.person, "organisations.person")], "on": ON, "reason": "分校独立",
    }  # fmt: skip
    page = text(visitor(office, url, asked | {"do": "look"}, "office"))
    assert told(page)[Unit.objects.get(pk=world.nine_year).name][0] > 4
    assert not Unit.objects.filter(name="白石第二学校").exists()
    answer = press(visitor, office, url, asked, "office")
    new = Unit.objects.get(name="白石第二学校")
    assert answer.headers["Location"] == unit(new.pk)
    assert Posting.objects.filter(school=new, during__contains=date(2026, 2, 1)).count() == 5
    nobody = visitor(office, url, asked | {"name": "三校", "groups": [], "people": [], "do": "look"}, "office")
    assert nobody.status_code == 422


def test_who_may_not_see_or_change_the_units_finds_nothing(world, p4, visitor):
    asked = {"into": oid(world.sibling_school, "organisations.unit"), "on": ON, "reason": "布局调整", "do": "apply"}
    assert visitor(world.office, unit(world.kindergarten, "merge/"), asked, "office").status_code == 422
    press(visitor, world.office, unit(world.maths, "merge/"), {
        "into": oid(world.chinese, "organisations.unit"), "on": ON, "reason": "并组",
    }, "office")  # fmt: skip
    row = Reorganisation.objects.get()
    for member, role in ((world.wu, "office"), (world.cio, "cio"), (world.auditor, "auditor")):
        for url in (
            unit(world.nine_year, "merge/"),
            unit(world.nine_year, "split/"),
            f"/units/reorganisations/{oid(row)}/undo/",
        ):
            assert visitor(member, url, role=role).status_code == 404
            assert visitor(member, url, {"reason": "误录"}, role).status_code == 404
    assert visitor(world.office, unit(world.zone, "merge/"), role="office").status_code == 404


def test_the_page_waits_for_the_worker_and_moves_what_was_shown(world, p4, visitor, monkeypatch):
    monkeypatch.setattr("weineng.web.units.changing.MOVED_AT_ONCE", 3)
    url = f"/units/{oid(world.nine_year, 'organisations.unit')}/move/"
    asked = {"to": oid(world.district, "organisations.unit"), "on": "2026-02-01", "reason": "", "do": "look"}
    answer = visitor(world.office, url, asked, "office")
    look = MoveLook.objects.get()
    page = f"/units/moves/{oid(look)}/"
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert 'hx-trigger="every 2s"' in text(visitor(world.office, page, role="office"))
    look_at_moves(by=platform("look"))
    shown = text(visitor(world.office, page, role="office"))
    assert "城区片" in shown
    assert "hx-trigger" not in shown
    assert visitor(world.cio, page, role="cio").status_code == 404
    done = visitor(world.office, page, {"reason": "布局调整"}, "office")
    assert (done.status_code, done.headers["Location"]) == (
        302,
        f"/units/{oid(world.nine_year, 'organisations.unit')}/",
    )


def test_what_was_not_shown_is_shown_before_it_is_done(world, p4, visitor):
    """Whoever changes a field after the look, or comes without one, gets the look of what was pressed; then it can be pressed."""
    office, name = world.office, Unit.objects.get(pk=world.nine_year).name
    merge = {"into": oid(world.nine_year, "organisations.unit"), "on": ON, "reason": "布局调整"}
    split = {
        "name": "白石第二学校", "kind": "junior", "official_code": "", "groups": [oid(world.maths, "organisations.unit")], "people": [],
        "on": ON, "reason": "分校独立",
    }  # fmt: skip
    for url, asked in ((unit(world.nine_year, "split/"), split), (unit(world.kindergarten, "merge/"), merge)):
        before = Reorganisation.objects.count()
        answer = visitor(office, url, asked | {"do": "apply"}, "office")
        page = answer.content.decode()
        assert (answer.status_code, name in told(page), Reorganisation.objects.count()) == (422, True, before)
        mark = re.search(r'name="shown" value="([^"]+)"', page)[1]
        assert visitor(office, url, asked | {"do": "apply", "shown": mark}, "office").status_code == 302
        assert Reorganisation.objects.count() == before + 1
        run_once()
    row = Reorganisation.objects.latest("pk")
    answer = visitor(office, f"/units/reorganisations/{oid(row)}/undo/", {"reason": "误录", "do": "apply"}, "office")
    assert (answer.status_code, name in told(answer.content.decode())) == (422, True)
