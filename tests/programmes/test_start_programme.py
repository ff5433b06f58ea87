"""Start with the assumptions confirmed, close after the cut-off, and every way back."""

from datetime import datetime

import pytest

from tests.district import SOURCE, enrol_nine_year, publish_p4
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL
from weineng.programmes.actions import (
    close_programme,
    enrol_school,
    publish_programme,
    reopen_programme,
    start_programme,
    undo_start_programme,
)
from weineng.programmes.models import Programme, Touched


@pytest.fixture
def published(world, early):
    return publish_p4(world)


@pytest.fixture
def late(set_clock):
    return lambda: set_clock(datetime(2027, 7, 1, 9, tzinfo=CIVIL))


def test_the_office_confirms_what_was_assumed(world, published, refusal):
    call = {"by": world.office.actor, "programme": published.programme_id}
    assert refusal(start_programme, **call, confirm_assumptions=False) == "assumptions-not-confirmed"
    assert refusal(start_programme, **call, confirm_assumptions=True, version=7) == "stale-version"
    row = start_programme(**call, confirm_assumptions=True, version=1)
    assert str(row.started_on) == "2026-01-05"
    assert len(Line.objects.get(verb="programmes.start").facts["assumptions"]) == 34
    assert refusal(start_programme, **call, confirm_assumptions=True) == "programme-started"


def test_only_the_owners_office_starts_and_closes(world, p4, late, refusal):
    late()
    for who in (world.wu, world.cio, world.teacher, world.auditor):
        call = {"by": who.actor, "programme": p4.pk}
        assert refusal(start_programme, **call, confirm_assumptions=True) == "not-found"
        assert refusal(close_programme, **call) == "not-found"
        assert refusal(reopen_programme, **call, reason="x") == "not-found"
        assert refusal(undo_start_programme, **call, reason="x") == "not-found"
    assert Programme.objects.get().closed_on is None


def test_a_start_is_taken_back_while_nobody_is_enrolled(world, p4, refusal):
    call = {"by": world.office.actor, "programme": p4.pk}
    assert refusal(undo_start_programme, **call, reason=" ") == "reason-missing"
    assert undo_start_programme(**call, reason="太早").started_on is None
    assert refusal(undo_start_programme, **call, reason="太早") == "programme-not-started"
    assert refusal(enrol_school, **call, unit=world.nine_year, batch="pilot") == "programme-not-started"
    start_programme(**call, confirm_assumptions=True)
    enrol_nine_year(world, p4)
    assert refusal(undo_start_programme, **call, reason="太早") == "people-enrolled"


def test_closing_waits_for_the_cut_off_and_can_be_taken_back(world, p4, set_clock, late, refusal):
    call = {"by": world.office.actor, "programme": p4.pk}
    enrolled = enrol_nine_year(world, p4)
    set_clock(datetime(2027, 6, 30, 23, 59, tzinfo=CIVIL))
    assert refusal(close_programme, **call) == "cut-off-not-reached"
    late()
    Touched.objects.all().delete()
    assert str(close_programme(**call).closed_on) == "2027-07-01"
    assert sorted(Touched.objects.values_list("enrolment", flat=True)) == sorted(e.pk for e in enrolled.values())
    assert refusal(close_programme, **call) == "programme-closed"
    assert refusal(publish_programme, by=world.office.actor, source=SOURCE) == "programme-closed"
    assert refusal(reopen_programme, **call, reason="") == "reason-missing"
    assert reopen_programme(**call, reason="漏了一所学校").closed_on is None
    assert refusal(reopen_programme, **call, reason="x") == "programme-open"
    assert Touched.objects.count() == 2 * len(enrolled)


def test_a_programme_that_was_not_started_cannot_be_closed(world, published, late, refusal):
    late()
    call = {"by": world.office.actor, "programme": published.programme_id}
    assert refusal(close_programme, **call) == "programme-not-started"
