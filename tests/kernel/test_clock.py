"""The one source of now: a demonstration sets it forward, nothing else does, and it never goes back."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from weineng.kernel import clock
from weineng.kernel.refusals import Refused

SPRING = datetime(2030, 3, 1, 8, tzinfo=clock.CIVIL)
SECOND = timedelta(seconds=1)


@pytest.fixture
def demonstration(monkeypatch, tmp_path):
    monkeypatch.setenv("WEINENG_DEMO", "1")
    monkeypatch.setenv("WEINENG_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "clock.json"


def refusal_of(to):
    with pytest.raises(Refused) as refused:
        clock.set_forward(to)
    return refused.value.code


@pytest.mark.parametrize("mode", [None, "", "0", "true"])
def test_outside_a_demonstration_nobody_sets_it(demonstration, monkeypatch, at, mode):
    at(SPRING)
    monkeypatch.delenv("WEINENG_DEMO") if mode is None else monkeypatch.setenv("WEINENG_DEMO", mode)
    assert refusal_of(SPRING + timedelta(days=1)) == "clock-not-settable"
    assert not demonstration.exists()
    demonstration.parent.mkdir()
    demonstration.write_text(json.dumps({"offset_seconds": 86_400}))  # a file left by a demonstration moves nothing
    assert clock.now() == SPRING


def test_a_demonstration_sets_it_forward_and_time_goes_on(demonstration, at):
    at(SPRING)
    clock.set_forward(SPRING + timedelta(days=30))
    assert clock.now() == SPRING + timedelta(days=30)
    assert clock.machine_now() == SPRING
    at(SPRING + SECOND)
    assert clock.now() == SPRING + timedelta(days=30, seconds=1)
    clock.set_forward(SPRING + timedelta(days=60))
    assert clock.now() == SPRING + timedelta(days=60)


def test_it_is_never_set_back(demonstration, at):
    at(SPRING)
    clock.set_forward(SPRING - timedelta(days=300))  # only a demonstration that has not begun starts in the past
    begun = clock.now()
    assert begun == SPRING - timedelta(days=300)
    for back in (SECOND, timedelta(microseconds=1), timedelta(days=9)):
        assert refusal_of(begun - back) == "clock-backwards"
        assert clock.now() == begun
    clock.set_forward(begun)
    clock.set_forward(begun + SECOND)
    assert clock.now() == begun + SECOND


def test_other_processes_see_it_as_soon_as_it_is_set(demonstration, at):
    """They look at the file, whatever they have read from it before."""
    at(SPRING)
    clock.set_forward(SPRING + timedelta(days=1))
    other = clock._Shift()
    assert other.read() == timedelta(days=1)
    clock.set_forward(SPRING + timedelta(days=2))
    assert other.read() == timedelta(days=2)
    demonstration.unlink()
    assert clock.now() == SPRING


@pytest.mark.parametrize(
    ("instant", "shanghai", "urumqi"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, 0, tzinfo=UTC), date(2026, 3, 2), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 17, 59, 59, tzinfo=UTC), date(2026, 3, 2), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 18, 0, 0, tzinfo=UTC), date(2026, 3, 2), date(2026, 3, 2)),
    ],
)
def test_the_civil_date_is_the_zones(at, instant, shanghai, urumqi):
    at(instant)
    assert (clock.today(), clock.today(ZoneInfo("Asia/Urumqi"))) == (shanghai, urumqi)
    assert clock.civil_date(instant) == shanghai
