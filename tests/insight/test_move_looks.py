"""A large unit's move is looked at by the worker: what it tells is what happens, and only what was shown is entered."""

import re
from datetime import date, datetime, timedelta

import pytest

from tests.district import enrol_nine_year, start_p4
from tests.settling import run_once
from weineng.accounts.models import Grant
from weineng.audit.models import Line
from weineng.insight.actions import ask_for_look, look_at_moves, move_as_shown
from weineng.insight.queries.looks import rows_told
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import move_unit
from weineng.organisations.models import Change, Closure, Edge
from weineng.progress.queries import overview
from weineng.web.shell.addresses import oid

LOOK = platform("look")
ON = date(2026, 2, 1)


@pytest.fixture
def p4(world, set_clock):
    set_clock(datetime(2026, 1, 10, 9, tzinfo=CIVIL))
    row = start_p4(world)
    enrol_nine_year(world, row)
    set_clock(datetime(2026, 3, 2, 9, tzinfo=CIVIL))
    run_once()
    return row


def ask(world, by=None, unit=None, to=None):
    return ask_for_look(by=by or world.office.actor, unit=unit or world.nine_year, to=to or world.district, on=ON)


def people(p4, unit, on=None):
    return overview(LOOK, p4.pk, unit, on).total.people


def test_what_a_look_tells_is_what_the_move_brings_about(world, p4):
    stood = [
        sorted(rows.values_list(), key=str) for rows in (Edge.objects.order_by("pk"), Closure.objects.order_by("pk"))
    ]
    look, changes = ask(world), Change.objects.count()
    assert look_at_moves(by=LOOK) == 1
    assert look_at_moves(by=LOOK) == 0
    assert [
        sorted(rows.values_list(), key=str) for rows in (Edge.objects.order_by("pk"), Closure.objects.order_by("pk"))
    ] == stood
    assert Change.objects.count() == changes
    look.refresh_from_db()
    told = [(row.unit, row.on, row.before[0], row.after[0]) for row in rows_told(look)]
    counted = people(p4, world.nine_year)
    assert told == [("城区片", "2026-03-02", counted, 0), ("城区片", "2026-02-01", counted, 0)]
    assert (look.state, look.found["units"]) == ("done", 2)
    move_as_shown(by=world.office.actor, look=look.pk, reason="布局调整")
    run_once()
    assert (people(p4, world.zone), people(p4, world.zone, ON), people(p4, world.zone, date(2026, 1, 31))) == (
        0,
        0,
        counted,
    )
    assert people(p4, world.district) == counted
    assert Line.objects.filter(verb="organisations.move_unit").count() == 1


def test_the_page_shows_what_a_look_has_found(world, p4, client, sign_in):
    look = ask(world)
    look_at_moves(by=LOOK)
    grant = Grant.objects.get(person=world.office.person, role="office")
    page = sign_in(client, world.office, f"grant:{grant.pk}").get(f"/units/moves/{oid(look)}/").content.decode()
    assert re.findall(r"·\s+([\d-]+)</span></h3>", page) == ["2026-03-02", "2026-02-01"]
    assert re.findall(r'<th scope="row">([^<]+)</th>', page) == ["城区片", "城区片"]


def test_what_was_not_shown_is_not_entered(world, p4, set_clock):
    look = ask(world)

    def refusal(**call):
        with pytest.raises(Refused) as refused:
            move_as_shown(**{"by": world.office.actor, "look": look.pk, **call})
        return refused.value.code

    assert refusal() == "look-not-done"
    look_at_moves(by=LOOK)
    for other in (world.cio, world.wu, world.auditor):
        with pytest.raises(NotFound):
            move_as_shown(by=other.actor, look=look.pk)
    move_unit(by=LOOK, unit=world.nine_year, to=world.district, on=date(2026, 1, 1))
    assert refusal() == "stale-look"
    move_unit(by=LOOK, unit=world.nine_year, to=world.zone, on=date(2026, 1, 2))
    look = ask(world)
    look_at_moves(by=LOOK)
    set_clock(datetime(2026, 3, 2, 9, tzinfo=CIVIL) + timedelta(hours=13))
    assert refusal() == "stale-look"


def test_who_may_not_move_it_asks_for_no_look_and_a_look_that_cannot_be_done_says_why(world, p4):
    for other in (world.cio, world.wu):
        with pytest.raises(NotFound):
            ask(world, by=other.actor)
    with pytest.raises(Refused) as refused:
        ask(world, to=world.zone)
    assert refused.value.code == "same-parent"
    look = ask(world)
    move_unit(by=LOOK, unit=world.nine_year, to=world.district, on=date(2026, 1, 15))
    look_at_moves(by=LOOK)
    look.refresh_from_db()
    assert (look.state, look.refused_for) == ("refused", "same-parent")
    assert look.said
