"""How often a key may call: counted in memory, told with the seconds to wait."""

import pytest

from weineng.rest import allowance
from weineng.rest.allowance import Allowance


def test_a_key_may_do_so_much_at_once_and_so_much_over_a_while():
    calls = Allowance(rate=2, burst=3)
    assert [calls.wait(1, 10.0) for _time in range(4)] == [0, 0, 0, 1]
    assert [calls.wait(1, at) for at in (10.4, 10.5, 10.9, 11.0)] == [1, 0, 1, 0]
    assert [calls.wait(1, 20.0) for _time in range(4)] == [0, 0, 0, 1]  # a pause fills it, no further than to the brim


def test_seconds_to_wait_are_whole_and_enough():
    calls = Allowance(rate=0.25, burst=1)
    assert [calls.wait(1, 0.0), calls.wait(1, 0.0), calls.wait(1, 1.0), calls.wait(1, 4.0)] == [0, 4, 3, 0]


def test_each_key_has_its_own():
    calls = Allowance(rate=1, burst=1)
    assert [calls.wait(1, 0.0), calls.wait(2, 0.0), calls.wait(1, 0.0), calls.wait(2, 0.0)] == [0, 0, 1, 1]


def test_a_clock_that_goes_back_gives_nothing():
    calls = Allowance(rate=1, burst=1)
    assert [calls.wait(1, 10.0), calls.wait(1, 5.0), calls.wait(1, 5.9), calls.wait(1, 6.0)] == [0, 1, 1, 0]


@pytest.fixture
def two_calls(monkeypatch):
    monkeypatch.setattr(allowance, "_calls", Allowance(rate=0.1, burst=2))


def test_a_key_that_calls_too_often_is_told_how_long_to_wait(world, two_calls, client, key):
    call = {"path": "/api/v1/providers/qingyun/records", "headers": {"Authorization": f"Bearer {key[1]}"}}
    assert [client.get(**call).status_code for _time in range(2)] == [200, 200]
    answer = client.get(**call)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "too-many-calls", "10")
    assert answer.json()["params"] == {"seconds": 10}


def test_what_is_no_key_takes_nothing_from_one(world, two_calls, client, key):
    path = "/api/v1/providers/qingyun/records"
    for _time in range(5):
        assert client.get(path, headers={"Authorization": f"Bearer {key[1]}x"}).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {key[1]}"}).status_code == 200
