"""The order in which facts arrive can't matter; late facts, moves, merges and the clock leave sums equal to their parts."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.progress.scene import POINTS, SETTLE, ZONE, lines, standing, tallies, verdict
from weineng.assessment.models import Result
from weineng.learning.models import Record
from weineng.organisations.models import Person, Posting
from weineng.programmes.models import Enrolment
from weineng.progress.actions import compare_with_recount, recount, recount_everything
from weineng.progress.models import Counted, Standing, StandingHistory, Tally

pytestmark = pytest.mark.slow

MINUTE = datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)
ONE = some.tuples(
    some.sampled_from(["online", "school-research", "face-to-face"]), some.sampled_from(["C1", "C2"]), some.sampled_from(["he", "yun"]),
    some.integers(0, 12), some.integers(0, 5), some.integers(0, 250), some.sampled_from(["", "", "", "void", "reject"]),
)  # fmt: skip


class UndoneError(Exception):
    pass


def deliver(scene, enrolment, facts, order):
    for number in order:
        mode, course, source, start, length, minutes, fate = facts[number]
        begins = MINUTE + timedelta(minutes=30 * start)
        record = scene.record(
            enrolment, minutes, begins, begins + timedelta(minutes=30 * length), mode=mode, course=course, source=source,
            number=f"{number:03}",
        )  # fmt: skip
        if fate == "void":
            scene.void(record)
        elif fate == "reject":
            scene.reject(record)


def counted_in_order(scene, facts, order, *, one_by_one):
    try:
        with transaction.atomic():
            lin = scene.enrol()
            for part in [[n] for n in order] if one_by_one else [order]:
                deliver(scene, lin, facts, part)
                scene.recount(lin)
            scene.recount(lin)
            flags = sorted(Counted.objects.exclude(flagged="").values_list("event_on", "minutes", "kind"))
            found = {(*k[:3], "" if k[2] == "voided" else k[3]): v for k, v in lines(lin).items()}
            said = sum(Record.objects.filter(void_of=None).values_list("minutes", flat=True))
            assert sum(found.values()) == said  # every minute in exactly one line
            raise UndoneError
    except UndoneError:
        return found, flags


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(facts=some.lists(ONE, min_size=2, max_size=7), data=some.data())
def test_whatever_the_order_of_arrival_the_same_counts(scene, facts, data):
    order = data.draw(some.permutations(range(len(facts))))
    straight = counted_in_order(scene, facts, list(range(len(facts))), one_by_one=False)
    assert counted_in_order(scene, facts, order, one_by_one=True) == straight


def kept_by_pencil(spans):
    kept = []
    for n, (start, end) in enumerate(spans):
        if not any((start < e and s < end) or (start, end) == (s, e) for s, e in (spans[k] for k in kept)):
            kept.append(n)
    return kept


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.lists(some.tuples(some.integers(0, 30), some.integers(0, 6)), min_size=1, max_size=14))
def test_duplicates_are_found_by_walking_once(scene, drawn):
    spans = sorted(((s, s + length) for s, length in drawn), key=lambda span: span[1])
    with transaction.atomic():
        lin = scene.enrol()
        for number, (start, end) in enumerate(spans):
            begins, ends = (MINUTE + timedelta(minutes=10 * m) for m in (start, end))
            scene.record(lin, 1, begins, ends, course="same", number=f"{number:03}")
        scene.recount(lin)
        kept = sorted(int(key[0].split("/")[1]) for key in lines(lin) if key[2] == "")
        transaction.set_rollback(True)
    assert kept == kept_by_pencil(spans)


# --- Random operations ----------------------------------------------------------------------------------------------
class Turmoil:
    """Operations as life brings them, on a handful of people; each touches whom it concerns."""

    def __init__(self, scene, world, seed):
        self.scene, self.dice = scene, random.Random(seed)
        self.leaves = [
            (world.maths, world.nine_year),
            (world.chinese, world.nine_year),
            (world.nine_year, world.nine_year),
            (world.play, world.kindergarten),
        ]
        self.people = [scene.enrol(name=f"p{n}", leaf=self.dice.choice(self.leaves)[0]) for n in range(8)]

    def step(self):
        lin = self.dice.choice(self.people)
        what = self.dice.choice(
            [
                self.learn,
                self.finish,
                self.void,
                self.overturn,
                self.move,
                self.leave,
                self.free,
                self.merge,
                self.choose,
            ]
        )
        what(lin)
        return self.scene.recount(*self.family(lin))

    def family(self, lin):
        person = Person.objects.get(pk=self.scene.person(lin))
        root = person.merged_into_id or person.pk
        people = [root, *Person.objects.filter(merged_into=root).values_list("pk", flat=True)]
        return [lin, *Enrolment.objects.filter(person__in=people).values_list("pk", flat=True)]

    def learn(self, lin):
        day = date(2026, 1, 1) + timedelta(days=self.dice.randrange(400))  # also before the cycle, also to come
        self.scene.hours(
            lin, self.dice.choice([30, 400, 900]), mode=self.dice.choice(["online", "school-research"]), day=day
        )

    def finish(self, lin):
        self.scene.hours(lin, 900)
        self.scene.hours(lin, 450, mode="school-research", course="R")
        for point in ("A1", "A3", "A5", ""):
            self.scene.result(lin, point, self.dice.choice(["pass", "excellent", "fail"]))

    def choose(self, lin):
        from weineng.planning.models import Choice

        Choice.objects.filter(enrolment=lin, superseded_at=None).update(superseded_at=MINUTE)
        self.scene.choose(lin, self.dice.sample(sorted(POINTS), 4))

    def void(self, lin):
        rows = Record.objects.filter(person=self.scene.person(lin), void_of=None, voided_by=None)
        if records := list(rows.order_by("pk")):
            self.scene.void(self.dice.choice(records))

    def overturn(self, lin):
        if results := list(Result.objects.filter(enrolment=lin, overturned_at=None).order_by("pk")):
            Result.objects.filter(pk=self.dice.choice(results).pk).update(overturned_at=MINUTE)

    def move(self, lin):
        leaf, school = self.dice.choice(self.leaves)
        day = date(2026, 1, 1) + timedelta(days=self.dice.randrange(500))
        Posting.objects.filter(person=self.scene.person(lin)).delete()
        for unit, during in (
            (self.leaves[0], DateRange(None, day)),
            ((leaf, school), DateRange(day, self.dice.choice([None, date(2028, 1, 1)]))),
        ):
            Posting.objects.create(
                person_id=self.scene.person(lin), unit_id=unit[0], school_id=unit[1], during=during, known_at=MINUTE
            )

    def leave(self, lin):
        Enrolment.objects.filter(pk=lin).update(left_on=self.dice.choice([None, date(2026, 10, 1), date(2026, 12, 1)]))

    def free(self, lin):
        self.scene.exempt(
            lin,
            self.dice.choice(["research", "*", "points"]),
            since=date(2026, self.dice.randint(1, 12), 1),
            until=date(2027, 2, 1),
        )

    def merge(self, lin):
        gone = Person.objects.get(pk=self.scene.person(lin))
        if gone.merged_into_id:
            Person.objects.filter(pk=gone.pk).update(merged_into=None)
            self.scene.recount(*self.people)
        elif not gone.merged_from.exists():
            others = Person.objects.exclude(pk=gone.pk).filter(name__startswith="p", merged_into=None).order_by("pk")
            kept = self.dice.choice(list(others))
            Person.objects.filter(pk=gone.pk).update(merged_into=kept)


@pytest.mark.parametrize("seed", range(2))
def test_after_each_operation_the_sums_are_what_a_recount_from_nothing_gives(scene, world, set_clock, seed):
    life = Turmoil(scene, world, seed)
    scene.recount(*life.people)
    when = datetime(2026, 11, 2, 9, 0, tzinfo=ZONE)
    for turn in range(25):
        if turn % 5 == 4:
            when += timedelta(days=life.dice.randint(1, 60))
            set_clock(when)
            recount(by=SETTLE)  # what the clock alone has changed
        life.step()
        assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
    before = tallies(scene.programme)
    people = Standing.objects.filter(demand="overall").count()
    assert sum(t[0] for key, t in before.items() if key[2] == "overall") == people
    for model in (Counted, Standing, Tally):
        model.objects.all().delete()
    recount_everything(by=SETTLE, programme=scene.programme.pk)
    assert tallies(scene.programme) == before
    assert recount_everything(by=SETTLE, programme=scene.programme.pk).written == 0


def test_the_clock_alone_changes_standings_when_their_day_has_come(scene, set_clock):
    coming, leaving, moving, closing = (scene.enrol(name=n) for n in ("coming", "leaving", "moving", "closing"))
    scene.record(coming, 60, "2026-11-05 08:00")
    Enrolment.objects.filter(pk=leaving).update(left_on=date(2026, 11, 6))
    other = Posting.objects.get(person=scene.person(moving))
    Posting.objects.filter(pk=other.pk).update(during=DateRange(date(2025, 9, 1), date(2026, 11, 7)))
    scene.exempt(closing, "*", until=date(2026, 11, 8))
    scene.recount(coming, leaving, moving, closing)
    seen = []
    for day in range(2, 10):
        set_clock(datetime(2026, 11, day, 0, 0, 1, tzinfo=ZONE))
        done = recount(by=SETTLE)
        seen.append((day, done, [verdict(e) for e in (coming, leaving, closing)], standing(moving).leaf_kind))
        assert recount(by=SETTLE) == 0
        assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
    n, p = "not-begun", "in-progress"
    assert seen == [
        (2, 0, [n, n, "exempt"], "group"),
        (3, 0, [n, n, "exempt"], "group"),
        (4, 0, [n, n, "exempt"], "group"),
        (5, 1, [p, n, "exempt"], "group"),
        (6, 1, [p, "left", "exempt"], "group"),
        (7, 1, [p, "left", "exempt"], "unplaced"),
        (8, 1, [p, "left", n], "unplaced"),
        (9, 0, [p, "left", n], "unplaced"),
    ]


def test_history_grows_only_when_a_verdict_changes(scene, set_clock):
    lin = scene.enrol()
    scene.recount(lin)
    assert StandingHistory.objects.count() == 0
    set_clock(datetime(2026, 11, 3, 9, 0, tzinfo=ZONE))
    scene.hours(lin, 30)
    scene.recount(lin)
    set_clock(datetime(2026, 11, 4, 9, 0, tzinfo=ZONE))
    scene.hours(lin, 40, course="D")
    scene.recount(lin)
    rows = StandingHistory.objects.filter(enrolment=lin).values_list("demand", "verdict", "participant")
    assert list(rows.order_by("pk")) == [("overall", "in-progress", True)]


def test_two_entries_of_one_person_have_one_standing_and_part_again(scene):
    first, second = scene.enrol(name="p1"), scene.enrol(name="p2")
    scene.hours(first, 900)
    scene.hours(second, 450, mode="school-research", course="R")
    scene.choose(second, ["A1", "A3", "A5"])
    for point in ("A1", "A3", "A5", ""):
        scene.result(second, point)
    scene.recount(first, second)
    assert [verdict(first), verdict(second)] == ["in-progress", "in-progress"]
    gone = Person.objects.filter(pk=scene.person(second))
    gone.update(merged_into=scene.person(first))
    scene.recount(second)
    assert list(Standing.objects.filter(demand="overall").values_list("enrolment", "verdict")) == [(first, "pass")]
    assert set(Counted.objects.values_list("enrolment", flat=True)) == {first}
    gone.update(merged_into=None)
    scene.recount(first, second)
    assert [verdict(first), verdict(second)] == ["in-progress", "in-progress"]
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
