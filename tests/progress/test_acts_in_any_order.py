"""Whatever people do, in any order: the sums are the sums of their parts, and all is what a recount from nothing gives.

Everything happens through actions, as life brings it: hours are delivered, corrected, withdrawn, voided and restored;
evidence is looked at, returned, handed in again, taken back, overturned; records of people are merged and parted; units move,
also in the past, and back; people are transferred, their posts end, they leave and return; and time goes on. An act that is
refused is an act too: it must change nothing.
"""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from tests.assessment.panel import rate
from tests.district import second_office, start_p4
from tests.evidence.conftest import fill, look_in_this_process
from tests.files.conftest import files_in
from tests.planning.plans import approve
from tests.progress.scene import SETTLE, tallies
from weineng.assessment.actions import open_review, overturn_result, return_dossier
from weineng.assessment.models import LEVELS, Assignment, Result
from weineng.evidence.actions import draft_submission, seal_submission, withdraw_submission
from weineng.evidence.models import Submission
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, decide_overlap, end_decision, restore_record, void_record
from weineng.learning.models import Decision, Record
from weineng.learning.rules import RecordRow
from weineng.ops.loops import SETTLE as STEPS
from weineng.organisations.actions import (
    end_posting,
    merge_people,
    move_unit,
    transfer_person,
    undo_move,
    unmerge_people,
)
from weineng.organisations.models import Edge, Merge, Posting
from weineng.organisations.rules import Post
from weineng.planning.actions import choose_points
from weineng.programmes.actions import (
    ask_exemption,
    end_exemption,
    enrol_people,
    enrol_school,
    grant_exemption,
    let_leave,
    undo_leave,
)
from weineng.programmes.models import Enrolment, Exemption
from weineng.progress.actions import compare_with_recount, recount_everything
from weineng.progress.models import Counted, Standing, Tally
from weineng.progress.queries import overview

pytestmark = pytest.mark.slow

BY = platform("test")
NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)
TURNS = 25
AUTHORS = ("teacher", "colleague", "chinese_teacher_1")


@pytest.fixture(scope="module")
def begun(once, tmp_path_factory):
    """In May three have handed in evidence of a point; two schools take part, their lists follow the roster."""

    def build(world, set_clock):
        set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
        p4 = start_p4(world)
        for unit in (world.nine_year, world.kindergarten):
            enrol_school(by=world.office.actor, programme=p4.pk, unit=unit, batch="pilot")
            enrol_people(by=world.office.actor, programme=p4.pk, unit=unit)
        approve(world, p4, world.nine_year, world.cio)
        second = second_office(world)
        set_clock(NOW)
        for member in (world.people[key] for key in AUTHORS):
            enrolment = Enrolment.objects.get(person=member.person).pk
            choose_points(by=member.actor, enrolment=enrolment, points=["A1", "A2", "A3"])
            draft = draft_submission(by=member.actor, enrolment=enrolment, item="point", point="A1")
            fill(member.actor, draft)
            seal_submission(by=member.actor, submission=draft.pk)
        follow()
        return p4, second

    with pytest.MonkeyPatch.context() as patch, files_in(tmp_path_factory.mktemp("files")):
        look_in_this_process(patch)
        yield once(build)


def follow():
    """What the worker derives, until nothing is left to do."""
    for _round in range(20):
        if not sum(int(step.run(by=SETTLE) or 0) for step in STEPS):
            return
    raise AssertionError("the loop finds always something to do")


class Life:
    """Acts on whom and what the dice say."""

    def __init__(self, world, p4, second, set_clock, seed):
        self.world, self.p4, self.second, self.set_clock = world, p4, second, set_clock
        self.dice, self.at, self.sent = random.Random(seed), set_clock(NOW), []
        taking_part = set(Enrolment.objects.values_list("person", flat=True))
        self.people = [member for member in world.everybody if member.person in taking_part]
        self.leaves = [world.maths, world.chinese, world.nine_year, world.play, world.computing, world.sibling_group]
        self.told = []

    def live(self):
        """One act; what it was, or why it was refused."""
        act = self.dice.choice(ACTS)
        try:
            with transaction.atomic():
                act(self)
            self.told.append(act.__name__)
        except Refused as refusal:
            self.told.append(f"{act.__name__}: {refusal.code}")

    # --- What the dice choose from ---
    def one(self, rows):
        """Some row; refused where there is none."""
        found = list(rows.order_by("pk"))
        if not found:
            raise Refused("nothing-there", "")
        return self.dice.choice(found)

    def member(self):
        return self.dice.choice(self.people)

    def day(self):
        """From before the programme's start until after its present."""
        return date(2025, 10, 1) + timedelta(days=self.dice.randrange(500))

    # --- Hours ---
    def deliver(self):
        who, number = self.member(), len(self.sent)
        starts = self.at - timedelta(days=self.dice.randrange(1, 120), hours=self.dice.randrange(8))
        minutes = self.dice.choice([30, 90, 120])
        row = RecordRow(
            f"r{number}", "id-card", who.number, who.name, "online", f"c{number % 3}", "课程", starts,
            starts + timedelta(hours=3), minutes,
        )  # fmt: skip
        self.sent.append(row)
        self.send(row)

    def send(self, row):
        (answer,) = accept_records(by=self.world.provider, provider="qingyun", rows=[row])
        if answer.code:
            raise Refused(answer.code, "")

    def earlier(self):
        if not self.sent:
            raise Refused("nothing-there", "")
        return self.dice.choice(self.sent)

    def correct(self):
        old = self.earlier()
        self.send(replace(old, minutes=self.dice.choice([45, 60, 75]), supersedes=old.source_id))

    def withdraw_record(self):
        old = self.earlier()
        self.send(RecordRow(f"w{old.source_id}", voids=old.source_id, reason="误报"))

    def void(self):
        void_record(by=BY, record=self.one(Record.objects.filter(void_of=None)).pk, reason="误报")

    def restore(self):
        restore_record(by=BY, record=self.one(Record.objects.filter(voided_by__isnull=False)).pk, reason="更正")

    def reject(self):
        decide_overlap(by=BY, record=self.one(Record.objects.filter(void_of=None)).pk, reason="同时")

    def accept(self):
        end_decision(by=BY, record=self.one(Decision.objects.filter(ended_at=None)).record_id, reason="更正")

    # --- Evidence ---
    def look(self):
        """Somebody who was asked opens what waits for them; gives it back, or judges it."""
        asked = self.one(Assignment.objects.filter(state__in=("assigned", "opened"), run__dossier__state="open"))
        if asked.role in ("panel", "third") and self.dice.random() < 0.4:
            by = self.world.member(asked.reviewer_id).actor
            open_review(by=by, assignment=asked.pk)
            return_dossier(by=by, assignment=asked.pk, advice="请补充")
        else:
            rate(self.world, asked, self.dice.choice(LEVELS))

    def hand_in_again(self):
        row = self.one(Submission.objects.filter(state__in=("returned", "draft")))
        seal_submission(by=self.world.member(row.person_id).actor, submission=row.pk)

    def take_back(self):
        row = self.one(Submission.objects.filter(state="submitted"))
        withdraw_submission(by=self.world.member(row.person_id).actor, submission=row.pk)

    def overturn(self):
        row = self.one(Result.objects.filter(overturned_at=None))
        overturn_result(by=BY, result=row.pk, level=self.dice.choice(LEVELS), reason="抽查")

    # --- People and units ---
    def merge(self):
        kept, gone = self.member().person, self.member().person
        merge_people(by=BY, kept=kept, gone=gone, reason="同一人", end_numbers=True)

    def part(self):
        unmerge_people(by=BY, merge=self.one(Merge.objects.filter(undone_at=None)).pk, reason="不是同一人")

    def move(self):
        world = self.world
        unit, to = self.dice.choice(
            [
                (world.kindergarten, world.district), (world.kindergarten, world.sibling), (world.nine_year, world.district),
                (world.nine_year, world.sibling), (world.zone, world.sibling), (world.maths, world.vocational),
            ]
        )  # fmt: skip
        move_unit(by=BY, unit=unit, to=to, on=self.day())

    def move_back(self):
        moved = self.one(Edge.objects.filter(during__startswith__gte=date(2025, 10, 1)))
        undo_move(by=BY, unit=moved.child_id, on=moved.during.lower)

    def transfer(self):
        transfer_person(by=BY, person=self.member().person, post=Post(self.dice.choice(self.leaves)), on=self.day())

    def end_post(self):
        post = self.one(Posting.objects.filter(person=self.member().person))
        end_posting(by=BY, posting=post.pk, on=self.dice.choice([None, self.day()]), reason="调离")

    def leave(self):
        let_leave(by=BY, enrolment=self.one(Enrolment.objects.all()).pk, on=self.day(), reason="离职")

    def come_back(self):
        undo_leave(by=BY, enrolment=self.one(Enrolment.objects.exclude(left_on=None)).pk, reason="返岗")

    def free(self):
        """One of the office asks for an exemption, the other grants it."""
        row, demand = self.one(Enrolment.objects.all()), self.dice.choice(["*", "online", "research", "points"])
        asked = {"demand": demand, "starts": self.day(), "ends": None, "reason": "病假"}
        exemption = ask_exemption(by=self.world.office.actor, enrolment=row.pk, **asked)
        grant_exemption(by=self.second.actor, exemption=exemption.pk)

    def bind(self):
        end_exemption(by=BY, exemption=self.one(Exemption.objects.filter(ended_at=None)).pk, reason="病愈")

    def let_time_pass(self):
        self.at = self.set_clock(self.at + timedelta(days=self.dice.randint(1, 45)))


ACTS = (
    Life.deliver, Life.deliver, Life.correct, Life.withdraw_record, Life.void, Life.restore, Life.reject, Life.accept, Life.look,
    Life.look, Life.look, Life.hand_in_again, Life.take_back, Life.overturn, Life.merge, Life.part, Life.move, Life.move_back,
    Life.transfer, Life.end_post, Life.leave, Life.come_back, Life.free, Life.bind, Life.let_time_pass, Life.let_time_pass,
)  # fmt: skip


def agrees(life):
    """Nothing differs from a recount, nobody is lost, and a unit's figures are those of its parts."""
    assert compare_with_recount(by=SETTLE, programme=life.p4.pk) == []
    people = Standing.objects.filter(programme=life.p4, demand="overall").count()
    assert sum(t[0] for key, t in tallies(life.p4).items() if key[2] == "overall") == people
    unit = life.dice.choice([life.world.city, life.world.district, life.world.nine_year])
    on = life.dice.choice([None, life.at.date() - timedelta(days=life.dice.randint(1, 100))])
    page = overview(BY, life.p4.pk, unit, on)
    for part in ("people", "participants"):
        assert getattr(page.total, part) == sum(getattr(row.figures, part) for row in page.rows)
    for verdict, number in page.total.verdicts.items():
        assert number == sum(row.figures.verdicts[verdict] for row in page.rows)
    for row in page.rows:
        if not row.leaf_kind and row.unit != unit:
            assert overview(BY, life.p4.pk, row.unit, on).total == row.figures


@pytest.mark.parametrize("seed", range(2))
def test_after_each_act_everything_agrees(begun, world, set_clock, seed):
    p4, second = begun
    life = Life(world, p4, second, set_clock, seed)
    for _turn in range(TURNS):
        life.live()
        follow()
        try:
            agrees(life)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {life.told}") from error
    before = tallies(p4)
    for model in (Counted, Standing, Tally):
        model.objects.all().delete()
    recount_everything(by=SETTLE, programme=p4.pk)
    assert tallies(p4) == before
