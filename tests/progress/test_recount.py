"""Touched, then recounted: what is written, and that nothing is written twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import translation

from tests.progress.scene import SETTLE, lines, standing, verdict
from weineng.assessment.models import Result
from weineng.audit.models import Line
from weineng.kernel.clock import now
from weineng.kernel.planner import weigh_grown
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.notices.queries import told
from weineng.progress.actions import compare_with_recount, recount, recount_everything
from weineng.progress.measures.people import MANY, clear_scratch
from weineng.progress.models import Counted

pytestmark = pytest.mark.slow


def test_who_did_everything_passes(scene):
    lin = scene.enrol()
    scene.finish(lin)
    assert scene.recount(lin) == 1
    assert verdict(lin) == "pass"
    assert {d: (s.have, s.need, s.verdict) for d in ("online", "total", "points") for s in [standing(lin, d)]} == {
        "online": (900, 900, "met"),
        "total": (2250, 2250, "met"),
        "points": (3, 3, "met"),
    }
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []


def test_an_unchanged_recount_writes_nothing(scene):
    for _ in range(3):
        scene.finish(lin := scene.enrol())
    scene.enrol()
    assert recount_everything(by=SETTLE, programme=scene.programme.pk).written > 0
    again = recount_everything(by=SETTLE, programme=scene.programme.pk)
    assert (again.enrolments, again.written) == (4, 0)
    assert verdict(lin) == "pass"
    assert recount(by=SETTLE) == 0


def test_a_cap_whose_rest_would_become_what_it_is_already_cuts_it_off(scene, p4):
    cap = replace(p4.caps[0], excess_to="online")  # a document that was published before such a thing was refused
    scene.version = scene.publish(replace(p4, caps=(cap, *p4.caps[1:])))
    lin = scene.enrol()
    scene.record(lin, 400, "2026-03-02 08:00", number="1")
    scene.recount(lin)
    assert lines(lin) == {("yun/1", "online", "", ""): 360, ("yun/1", "online", "cap", "day-online"): 40}


def test_a_record_that_moves_wholly_keeps_its_flag(scene, p4):
    cap = replace(p4.caps[0], minutes=60, excess_to="research")
    scene.version = scene.publish(replace(p4, caps=(cap, *p4.caps[1:])))
    lin = scene.enrol()
    scene.record(lin, 60, "2026-03-02 08:00", number="1")
    scene.record(lin, 60, "2026-03-02 08:30", number="2", course="D")
    scene.recount(lin)
    assert lines(lin) == {("yun/1", "online", "", ""): 60, ("yun/2", "research", "", ""): 60}
    assert list(Counted.objects.values_list("flagged", flat=True)) == ["overlap", "overlap"]


@pytest.mark.parametrize("taken_back", [0, 2_000])
def test_a_recount_tells_the_planner_what_was_loaded_into_tables_it_believed_empty(scene, taken_back):
    def believed():
        with connection.cursor() as cursor:
            cursor.execute("select reltuples from pg_class where oid = 'learning_record'::regclass")
            return cursor.fetchone()[0]

    def load(number):
        later = (timedelta(hours=n) for n in range(1, number + 1))
        Record.objects.bulk_create(
            Record(**facts | {
                "source_id": f"loaded {past}", "course": "a course with a long name", "canonical": f"course {past}",
                "starts_at": first.starts_at + past, "ends_at": first.ends_at + past,
            })
            for past in later
        )  # fmt: skip

    with connection.cursor() as cursor:
        cursor.execute("truncate learning_record cascade")  # what earlier tests took back is on disk still
    lin = scene.enrol()
    first = scene.record(lin, 60, "2026-03-02 08:00")
    facts = {f.attname: getattr(first, f.attname) for f in Record._meta.concrete_fields if f.name != "id"}
    first.delete()
    with transaction.atomic():
        load(taken_back)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("analyze learning_record")
    load(1_000)
    assert believed() == 0
    scene.recount(lin)
    assert believed() == 1_000
    assert "learning_record" not in weigh_grown()


def test_what_the_planner_was_told_of_many_is_not_held_true_of_the_next_one(scene, world, monkeypatch):
    def believed():
        with connection.cursor() as cursor:
            cursor.execute(
                """select c.reltuples, s.null_frac from pg_class c join pg_stats s on s.tablename = c.relname
                    where c.oid = 'counting_standing'::regclass and s.attname = 'enrolment'"""
            )
            return cursor.fetchone()

    people = [scene.enrol(name=f"n{number}") for number in range(MANY)]
    scene.recount(*people)
    told = believed()
    monkeypatch.setattr("weineng.progress.measures.people.SMALL", 1)
    clear_scratch()
    assert (told, believed()) == ((MANY * 8, 0), (1, 1))  # seven demands and the whole; one row of nothing


def test_a_verdict_is_told_once_in_the_readers_language_and_leaves_a_line(scene, world):
    lin = scene.enrol(person=world.teacher.person)
    scene.finish(lin)
    scene.recount(lin)
    scene.recount(lin)
    messages = Message.objects.filter(event="verdict-changed")
    with translation.override("zh-hans"):
        assert [(m.person, "合格" in told(m).text) for m in messages] == [(world.teacher.person, True)]
    assert [(line.subject, line.facts) for line in Line.objects.filter(verb="progress.judge")] == [
        (world.teacher.person, {"from": "not-begun", "to": "pass"})
    ]
    Result.objects.filter(enrolment=lin, point="A3").update(overturned_at=now())
    scene.recount(lin)
    assert verdict(lin) == "in-progress"
    assert [m.params["verdict"]["en"] for m in messages.order_by("pk")] == ["pass", "in progress"]


def test_the_planner_knows_that_most_of_the_history_still_holds(db):
    """Where it takes that for rare, it reads all of the history for a thousand people."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into progress_standinghistory (enrolment, demand, verdict, participant, version, during)
            select n, 'overall', 'pass', true, 1, tstzrange('2026-01-01', case when n % 10 = 0 then '2026-02-01'::timestamptz end)
              from generate_series(1, 2000) n"""
        )
        cursor.execute("analyze progress_standinghistory")
        cursor.execute("explain (format json) select from progress_standinghistory where upper(during) is null")
        [(plan,)] = cursor.fetchall()
    assert round(plan[0]["Plan"]["Plan Rows"], -1) == 1800
