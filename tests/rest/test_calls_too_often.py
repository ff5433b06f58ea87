"""A key that calls too often is told how long to wait; what is no key takes nothing from one."""

import pytest

from weineng.kernel.allowance import Allowance
from weineng.rest import api


@pytest.fixture
def two_calls(monkeypatch):
    monkeypatch.setattr(api, "calls", Allowance(rate=0.1, burst=2))


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
