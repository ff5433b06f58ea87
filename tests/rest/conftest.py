"""Keys of a platform and of an office's own system, and calls as their engineers make them."""

import json
from datetime import datetime, timedelta

import pytest

from tests.progress.scene import Scene, plan
from weineng.accounts.actions import issue_office_key
from weineng.kernel.clock import CIVIL, today
from weineng.learning.actions import issue_api_key
from weineng.programmes.models import Programme

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
URL = "/api/v1/providers/qingyun/records"
COUNTED_ON = datetime(2026, 11, 2, 9, 0, tzinfo=CIVIL)


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


# --- An office's own system ------------------------------------------------------------------------------------------
@pytest.fixture
def standings(world, set_clock):
    return count_some(world, set_clock)


def count_some(world, set_clock):
    """Plan P4 in November: the teacher has finished, the colleague is 135 minutes short online, one of the kindergarten has not
    begun; one of the sibling district takes part too."""
    set_clock(COUNTED_ON)
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    done, short = scene.enrol(world.teacher.person), scene.enrol(world.colleague.person)
    scene.finish(done)
    scene.choose(short, ["A1", "A3", "A5"])
    scene.hours(short, 765)
    others = [scene.enrol(m.person) for m in (world.kindergarten_teachers[0], world.sibling_teacher)]
    scene.recount(done, short, *others)
    Programme.objects.filter(pk=scene.programme.pk).update(title=dict(scene.document.title))
    return scene.programme


@pytest.fixture
def office_key(world):
    """Issues keys for an office's own system: `office_key("standings.read", unit=…)` → the plain text."""

    def issue(*scopes, unit=None, by=None):
        return issue_office_key(
            by=(by or world.office).actor, unit=unit or world.district, label="教师管理系统", scopes=scopes,
            expires_on=today() + timedelta(days=90),
        )[1]  # fmt: skip

    return issue


@pytest.fixture
def ask(client):
    """`ask(token, "/units", limit=1)` → (status, answer), in English."""

    def get(token, url, **query):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        answer = client.get(f"/api/v1{url}", query, headers=headers)
        return answer.status_code, answer.json()

    return get
