"""A platform's key, and calls as its engineer makes them."""

import json
from datetime import datetime

import pytest

from weineng.accounts.actions import issue_api_key
from weineng.kernel.clock import CIVIL

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
URL = "/api/v1/providers/qingyun/records"


@pytest.fixture
def key(world, at):
    """(row, plain text) of a key of the platform `qingyun` that may do all a platform can."""
    at(NOW)
    scopes = ["records.write", "records.read"]
    return issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="主服务器", scopes=scopes
    )


@pytest.fixture
def call(client, key):
    """`call(body, url, token, method)` → (status, what was answered)."""

    def send(body, url=URL, token=key[1], method="post", **headers):
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = getattr(client, method)(url, text, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content)

    return send
