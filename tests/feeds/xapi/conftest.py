"""A platform's key, and calls of both versions as its engineers make them."""

import base64
import json

import pytest

from weineng.learning.actions import admit_provider, issue_api_key

VERSIONS = {"2.0": "2.0.0", "1.0.3": "1.0.3"}


@pytest.fixture(scope="module")
def keys(once):
    """Plain text of the keys of two platforms that may do all a platform can: `keys["qingyun"]`."""

    def build(world, set_clock):
        admit_provider(by=world.office.actor, unit=world.district, code="other", name="别的平台")
        return {code: _issue(world, code) for code in ("qingyun", "other")}

    return once(build)


def _issue(world, provider):
    scopes = ["statements.write", "statements.read", "state", "profile"]
    return issue_api_key(
        by=world.office.actor, unit=world.district, provider=provider, label="主服务器", scopes=scopes
    )[1]


def basic(name, key):
    return "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()


@pytest.fixture
def xapi(client, keys, db):
    """`xapi("GET", "statements", params, body, at="2.0", **headers)` → the answer; what is None is not sent."""

    def send(method, path, params=None, body=None, *, at="2.0", key="qingyun", **headers):
        given = {"Authorization": basic(key, keys[key]) if key else None, "X-Experience-API-Version": VERSIONS[at]}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value is not None}
        kind = given.pop("Content-Type", "application/json")
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.generic(
            method, f"/xapi/{at}/{path}", content, content_type=kind, headers=given, query_params=params or {}
        )

    return send
