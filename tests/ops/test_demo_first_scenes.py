"""The demonstration's own play, its first scenes (of the longest ones a part), against a server on a free port and an empty database.

Commands run in this process and the worker once a scene asks for it; everything else is as in `make demo`: visitors read
pages, fill their forms and stop at whatever is not right. A page that was laid out anew and that the play cannot read is
found here, not by whoever tries the demonstration.
"""

import io
import os
import time
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.db import connection

from tests.settling import run_once
from weineng.accounts.models import Account, Grant
from weineng.activities.models import Session, SignIn
from weineng.kernel.clock import CIVIL
from weineng.learning.models import Record
from weineng.ops.demo import research, spring, winter
from weineng.ops.demo.cast import CODES, GROUPS, teachers
from weineng.ops.demo.visitor import Unexpected, Visitor
from weineng.ops.demo.year import Stage, play
from weineng.planning.models import Choice, GroupPlan, SchoolPlan
from weineng.programmes.models import Enrolment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY = "2026-04-22"


def some_choose(stage):
    """Five teachers choose, as all do in the year."""
    stage.forward("2026-04-01")
    for one in [one for one in stage.people if one.way != "nothing"][:5]:
        spring.choose_points(stage, one)


def one_group_meets(stage):
    """One group's session is held and closed, as all are in the year."""
    stage.forward(DAY, "15:00")
    school, groups = next(iter(GROUPS.items()))
    host, address = research.hold_session(stage, school, groups[0][0], DAY, 0)
    stage.forward(DAY, "18:00")
    stage.as_(host, "组长").get(address).send(do="close", stay=True)


SCENES = (*winter.SCENES, spring.plan_groups, some_choose, spring.first_hours, one_group_meets)


class Place:
    """What the play runs in, without processes of its own: the server of the test, its folder, its commands."""

    def __init__(self, address, folder):
        self.address, self.folder, self.began = address, folder, time.monotonic()
        self.told, self.facts = [], {}

    def say(self, text):
        self.told.append(text)

    def remembered(self):
        return self.facts

    def remember(self, **facts):
        self.facts |= facts

    def command(self, *words):
        said = io.StringIO()
        try:
            call_command(*words, stdout=said)
        finally:
            connection.close()  # of this thread: the play runs two commands at once
        return said.getvalue()

    def serve(self):
        """It serves already."""

    def settle(self):
        run_once()


@pytest.fixture
def browsers(monkeypatch):
    """Every visitor's connection is closed in the end."""
    opened, begin = [], httpx.Client

    def browser(**options):
        opened.append(begin(**options))
        return opened[-1]

    monkeypatch.setattr(httpx, "Client", browser)
    yield
    for one in opened:
        one.close()


@pytest.fixture
def place(live_server, settings, set_clock, browsers):
    settings.DEMO = True
    call_command("flush", interactive=False, verbosity=0, allow_cascade=True, reset_sequences=False)
    set_clock(datetime(2026, 1, 5, 8, tzinfo=CIVIL))
    return Place(live_server.url, Path(os.environ["WEINENG_DATA"]))


def test_the_first_scenes_play_and_leave_what_they_tell(place):
    stage = play(place, SCENES)
    people = teachers()
    assert place.facts["scenes"] == len(SCENES)
    assert set(stage.keys) == {"qingyun", "zhixing"}
    assert Account.objects.count() == len(people) + 3
    assert Grant.objects.filter(role="group-leader").count() == sum(one.role == "group-leader" for one in people)
    assert SchoolPlan.objects.filter(state="filed").count() == len(CODES)
    assert GroupPlan.objects.filter(state="published").count() == sum(len(groups) for groups in GROUPS.values())
    assert Choice.objects.count() == 5
    assert Enrolment.objects.count() > 40
    assert Record.objects.filter(provider__code__in=stage.keys).count() > 20
    assert list(Session.objects.values_list("state", flat=True)) == ["closed"]
    assert SignIn.objects.filter(session__state="closed").count() > 2


def test_the_play_stops_at_a_page_that_is_not_there_or_not_as_it_was_and_names_scene_and_page(place):
    def look_for_what_is_gone(stage):
        Visitor(place.address).get("/nothing/here/")

    def press_what_is_gone(stage):
        Visitor(place.address).get("/sign-in/code/").send({"another": "1"}, holds="code")

    told = []
    for scene in (look_for_what_is_gone, press_what_is_gone):
        with pytest.raises(Unexpected) as stopped:
            play(place, [scene])
        told.append(str(stopped.value))
    assert told[0].startswith("scene “look_for_what_is_gone” on 2026-01-05: ")
    assert "404" in told[0]
    assert f"{place.address}/nothing/here/" in told[0]
    assert told[1].startswith(
        f"scene “press_what_is_gone” on 2026-01-05: {place.address}/sign-in/code/: the form has no ['another']"
    )
    assert place.facts == {}


def test_the_play_stops_at_a_key_that_is_not_shown(place, monkeypatch):
    class Office:
        """Whatever is fetched and sent, the page for typing a code is answered."""

        def get(self, _address):
            return self

        def send(self, *_values, **_options):
            return page

    page = Visitor(place.address).get("/sign-in/code/")
    monkeypatch.setattr(Stage, "as_", lambda *_: Office())
    with pytest.raises(Unexpected, match=r"scene “admit” on 2026-02-03: .*/sign-in/code/: no key is shown"):
        play(place, [winter.admit])
