"""The nightly comparison holds nobody up, and compares what stood at one instant."""

from datetime import date

import pytest
from django.db import connection, transaction

from tests.progress.scene import SETTLE, lines, verdict
from tests.races import beside
from weineng.audit.models import Line
from weineng.ops.loops import KEEP, Loop
from weineng.programmes.models import Programme
from weineng.progress.actions import compare_with_recount, comparing
from weineng.progress.actions._measuring import wait_for_drain
from weineng.progress.models import Drained

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lin(scene):
    lin = scene.enrol()
    scene.finish(lin)
    scene.recount(lin)
    assert verdict(lin) == "pass"
    return lin


def test_the_worker_compares_without_waiting_for_a_drain(scene, lin):
    Programme.objects.update(started_on=date(2026, 1, 1))

    def look():
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '3s'")
        Loop("keep", [step for step in KEEP if step.name == "progress.compare"]).run_round()
        return Drained.objects.values_list("failures", "error").get(loop="progress.compare")

    with transaction.atomic():
        wait_for_drain()
        assert beside(look) == (0, "")
    assert Line.objects.filter(verb="progress.compare").count() == 1


def test_what_a_drain_writes_meanwhile_is_not_compared_with_what_was_counted_before(scene, lin, monkeypatch):
    measured, drained = comparing.measure_set, []

    def then_drain(*args, **named):
        found = measured(*args, **named)
        if not drained:
            drained.append(beside(one_more))
        return found

    def one_more():
        scene.record(lin, 45, "2026-03-02 08:00", number="later")
        return scene.recount(lin)

    monkeypatch.setattr(comparing, "measure_set", then_drain)
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
    assert drained == [1]
    assert lines(lin)["yun/later", "online", "", ""] == 45
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
