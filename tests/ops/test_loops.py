"""The worker: every step in its turn, a broken one holds no other up, a day's work once a day, a clean end."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from tests.progress.scene import ZONE, Scene, plan
from weineng.audit.effects import record
from weineng.audit.models import Anchor, Line, Seal
from weineng.certification.models import Certificate
from weineng.kernel.actors import platform
from weineng.ops import loops
from weineng.ops.checks import CHECKS
from weineng.ops.loops import KEEP, SEAL, SETTLE, Loop, Step, run_once, run_worker
from weineng.programmes.effects import touch
from weineng.progress.models import Drained, Standing

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(world, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    return Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)


def test_one_call_leads_from_a_touch_to_a_sealed_certificate(scene, world):
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    touch(enrolments=[enrolment])
    assert run_once() > 0
    assert Standing.objects.get(enrolment=enrolment, demand="overall").verdict == "pass"
    assert Certificate.objects.get().enrolment_id == enrolment
    assert Seal.objects.count() == Line.objects.count()
    before = list(Standing.objects.order_by("pk").values()), Certificate.objects.count()
    run_once()
    assert (list(Standing.objects.order_by("pk").values()), Certificate.objects.count()) == before
    settle = Drained.objects.get(loop="settle")
    assert (settle.up_to, settle.failures) == (settle.ran_at, 0)


def test_steps_stand_in_the_order_of_the_tower():
    modules = [step.name.split(".")[0] for step in SETTLE]
    tower = ["programmes", "planning", "learning", "evidence", "assessment", "progress", "certification"]
    assert modules == sorted(modules, key=tower.index)
    names = [step.name for step in (*SETTLE, *SEAL, *KEEP)]
    assert len(set(names)) == len(names)


def test_a_broken_step_is_named_retried_later_and_holds_no_other_up(db, caplog, monkeypatch):
    ran = []

    def breaks(*, by):
        ran.append("breaks")
        record(by=by, verb="test.half_done")
        raise ValueError("what went wrong")

    def works(*, by):
        ran.append(by.door)
        return 1

    loop = Loop("test", (Step("test.breaks", breaks), Step("test.works", works)))
    assert loop.run_round() == 1
    assert ran == ["breaks", "test"]
    assert Line.objects.filter(verb="test.half_done").count() == 0
    assert "The step test.breaks failed (1 in a row)." in caplog.text
    row = Drained.objects.get(loop="test.breaks")
    assert (row.failures, row.error, row.ran_at) == (1, "ValueError: what went wrong", None)
    assert not Drained.objects.filter(loop="test").exists()  # not a whole round
    assert CHECKS["worker"]() == ("fail", "test.breaks (1 in a row): ValueError: what went wrong")
    loop.run_round()
    assert ran == ["breaks", "test", "test"]  # its pause is not over
    loop.memory["test.breaks"].due_at = 0
    loop.run_round()
    assert Drained.objects.get(loop="test.breaks").failures == 2
    assert loop.memory["test.breaks"].due_at - time.monotonic() == pytest.approx(loops.PAUSES[1], abs=0.3)
    mended = Loop("test", (Step("test.breaks", works),))
    mended.run_round()
    row.refresh_from_db()
    assert (row.failures, row.error) == (0, "")


def test_a_step_waits_as_long_as_it_says(db):
    ran = []
    loop = Loop("test", (Step("test.now_and_then", lambda *, by: ran.append(1), every=60),))
    loop.run_round()
    loop.run_round()
    assert ran == [1]


def test_a_step_that_looks_long_in_vain_rests_longer(db, monkeypatch):
    seconds, ran = [1000.0], []
    monkeypatch.setattr(loops, "monotonic", lambda: seconds[0])

    def looks(*, by):
        ran.append(seconds[0])
        seconds[0] += 8
        return 1 if len(ran) == 3 else 0

    long, always = Step("test.looks", looks, every=60), Step("test.always", lambda *, by: 0)
    loop = Loop("test", (long, always))
    for after in (0, 159, 1, 160, 0, 159, 1):  # what took 8 seconds rests 160, and not at all where it found something
        seconds[0] += after
        loop.run_round()
    assert ran == [1000, 1168, 1336, 1344, 1512]
    assert loop.memory["test.always"].due_at == seconds[0]


def test_what_was_held_up_for_long_rests_ten_minutes_at_most_and_a_days_work_is_never_late_for_it(db, monkeypatch):
    seconds = [1000.0]
    monkeypatch.setattr(loops, "monotonic", lambda: seconds[0])

    def stalls(*, by):
        seconds[0] += 3000

    steps = (
        Step("test.often", stalls, every=2), Step("test.seldom", stalls, every=3600), Step("test.daily", stalls, every=20, daily=True),
    )  # fmt: skip
    loop = Loop("test", steps)
    loop.run_round()
    assert [loop.memory[step.name].due_at for step in steps] == [4000 + 600, 7000 + 3600, 10_000 + 20]


def test_a_loop_that_asks_first_runs_no_step_while_nothing_waits(db):
    ran, waits = [], [False, True]

    def breaks(*, by):
        ran.append(1)
        raise ValueError("what went wrong")

    loop = Loop("test", (Step("test.breaks", breaks, every=60),), asks=lambda: waits.pop(0))
    assert (loop.run_round(), ran) == (0, [])
    row = Drained.objects.get(loop="test.breaks")
    assert (row.failures, row.ran_at is None) == (0, False)  # it has looked, and found nothing
    assert (loop.run_round(), waits) == (0, [True])  # nor is anything asked before a step is due
    loop.memory["test.breaks"].due_at = 0
    loop.run_round()
    row.refresh_from_db()
    assert (ran, row.failures) == ([1], 1)


def test_a_loop_whose_question_fails_lets_its_steps_say_so(db):
    def fails():
        raise DatabaseError

    ran = []
    loop = Loop("test", (Step("test.now", lambda *, by: ran.append(1)),), asks=fails)
    loop.run_round()
    assert ran == [1]


def test_a_step_that_did_something_looks_again_at_once(db):
    left = [1, 1, 0]
    loop = Loop("test", (Step("test.in_parts", lambda *, by: left.pop(0), every=60),))
    assert [loop.run_round() for _round in range(4)] == [1, 1, 0, 0]
    assert left == []


def test_a_days_work_is_done_once_a_day_by_the_platforms_clock(db, set_clock):
    monday = set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    record(by=platform("test"), verb="test.act")
    keep = Loop(
        "keep",
        (
            Step("audit.seal_lines", SEAL[0].run),
            *(s for s in KEEP if s.name in ("audit.anchor_head", "progress.compare")),
        ),
    )

    def again():
        for memory in keep.memory.values():
            memory.due_at = 0
        keep.run_round()
        return Anchor.objects.count(), Drained.objects.get(loop="progress.compare").ran_at.astimezone(ZONE).day

    assert again() == (1, 2)
    assert again() == (1, 2)
    set_clock(monday + timedelta(days=1))
    assert again() == (2, 3)
    fresh = Loop("keep", keep.steps)  # another worker starts: what was done today is done
    fresh.remember_days()
    assert fresh.memory["progress.compare"].day == monday.date() + timedelta(days=1)


def test_a_number_that_does_not_follow_from_the_facts_calls_somebody(scene, world, caplog):
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    run_once()
    assert CHECKS["worker"]()[0] == "ok"
    Standing.objects.filter(enrolment=enrolment, demand="online").update(have=1)
    loop = Loop("keep", [step for step in KEEP if step.name == "progress.compare"])
    loop.run_round()
    level, says = CHECKS["worker"]()
    assert level == "fail"
    assert "p4-district: 2 rows differ, first progress_standing" in says
    assert "progress.compare failed" in caplog.text


def test_the_comparison_waits_until_nothing_waits_and_looks_twice(scene, world, monkeypatch):
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    touch(enrolments=[enrolment])
    loop = Loop("keep", [step for step in KEEP if step.name == "progress.compare"])
    loop.run_round()
    assert not Drained.objects.filter(loop="progress.compare").exists()  # not now
    scene.recount(enrolment)
    looks = []

    def once_only(**given):
        looks.append(1)
        return found if len(looks) == 1 else []

    Standing.objects.filter(enrolment=enrolment, demand="online").update(have=1)
    found = loops.compare_with_recount(by=platform("test"), programme=scene.programme.pk)
    monkeypatch.setattr(loops, "compare_with_recount", once_only)
    loop.memory["progress.compare"].due_at = 0
    loop.run_round()
    assert (len(found), len(looks)) == (2, 2)
    assert Drained.objects.get(loop="progress.compare").failures == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_a_step_once(world):
    ran, hold, entered = [], Event(), Event()

    def slow(*, by):
        ran.append(1)
        entered.set()
        hold.wait(5)
        return 1

    def one_round():
        Loop("test", (Step("test.slow", slow),)).run_round()
        connections.close_all()

    first = Thread(target=one_round)
    first.start()
    entered.wait(5)
    Loop("test", (Step("test.slow", slow),)).run_round()  # finds the other at it
    hold.set()
    first.join()
    assert ran == [1]


@pytest.mark.django_db(transaction=True)
def test_the_loops_run_beside_each_other_and_end_when_told(world):
    stop, seen = Event(), []

    def note(name):
        def run(*, by):
            seen.append(name)
            if {"a", "b"} <= set(seen):
                stop.set()
            return 0

        return run

    pair = (Loop("a", (Step("test.a", note("a")),), idle=0.01), Loop("b", (Step("test.b", note("b")),), idle=0.01))
    run_worker(stop, pair)
    assert set(seen) == {"a", "b"}
    assert sorted(Drained.objects.order_by("loop").values_list("loop", flat=True)) == ["a", "b", "test.a", "test.b"]


@pytest.mark.django_db(transaction=True)
def test_what_takes_for_ever_is_let_go_of_when_the_worker_stops(world, monkeypatch, caplog):
    monkeypatch.setattr(loops, "GRACE", 0.2)
    stop, begun = Event(), Event()

    def computes(*, by):
        record(by=by, verb="test.act")
        begun.set()
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(600)")

    pair = (
        Loop("long", (Step("test.long", computes),)),
        Loop("short", (Step("test.short", lambda *, by: 0),), idle=0.01),
    )
    worker = Thread(target=run_worker, args=(stop, pair))
    worker.start()
    assert begun.wait(10)
    stop.set()
    worker.join(10)
    assert not worker.is_alive()
    assert not Line.objects.filter(verb="test.act").exists()
    assert sorted(Drained.objects.values_list("loop", "failures")) == [("short", 0), ("test.short", 0)]
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


@pytest.mark.django_db(transaction=True)
def test_the_command_ends_cleanly_on_a_signal(world, settings):
    environment = os.environ | {
        "WEINENG_TEST_SIGNAL_DATABASE": connection.settings_dict["NAME"],
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    start = (
        "import os, django\n"
        "from django.conf import settings\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "settings.DATABASES['default']['NAME'] = os.environ['WEINENG_TEST_SIGNAL_DATABASE']\n"
        "django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('worker', idle=0.05)\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", start], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout.readline() == "The worker runs (Ctrl-C stops it).\n"
        record(by=platform("test"), verb="test.act")
        line = Line.objects.latest("pk").pk
        for _look in range(200):
            if Seal.objects.filter(line=line).exists():
                break
            time.sleep(0.05)
        assert Seal.objects.filter(line=line).exists()
        worker.send_signal(signal.SIGTERM)
        _out, errors = worker.communicate(timeout=15)
        assert (worker.returncode, errors) == (0, "")
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.communicate()


def test_the_commands_say_what_was_done(scene, world, capsys):
    touch(enrolments=[scene.enrol(world.teacher.person)])
    call_command("worker", "--once")
    call_command("settle")
    first, second = capsys.readouterr().out.splitlines()
    assert int(first.split()[0]) > 0
    assert second.endswith("done")


def test_the_doctor_says_what_waits(scene, world):
    assert CHECKS["worker"]()[0] == "warn"
    run_once()
    assert CHECKS["lag"]()[1].startswith("0 waiting for their recount")
    touch(enrolments=[scene.enrol(world.teacher.person)])
    assert CHECKS["lag"]()[1].startswith("1 waiting for their recount")
