"""Choosing, declaring, answering, doing the handbook, results, merges and transfers in any order: after each act every standing and
sum is what a recount from nothing gives, and nobody has handed in what they had not declared."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from tests.p1 import p1_document, publish_p1
from tests.planning.plans import enrol
from tests.progress.scene import SETTLE, Here, tallies
from tests.settling import run_once
from weineng.assessment.actions import overturn_result
from weineng.assessment.models import LEVELS, Result
from weineng.evidence.actions import draft_submission
from weineng.evidence.models import Submission
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import merge_people, transfer_person, unmerge_people
from weineng.organisations.models import Merge
from weineng.organisations.rules import Post
from weineng.planning.actions import (
    agree_declarations,
    choose_points,
    confirm_tasks,
    declare_points,
    diagnose,
    do_task,
    return_declarations,
    return_tasks,
    undo_task,
    withdraw_declaration,
)
from weineng.planning.models import ChosenPoint, Declaration, HandbookEntry
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.rules import Demand, HandbookTask
from weineng.progress.actions import compare_with_recount
from weineng.progress.models import Standing

pytestmark = pytest.mark.slow

BY = platform("test")
NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)
TURNS = 25
OFFERED = ("A1", "A2", "A3", "A4", "A5", "B1")
WORDS = {"zh-hans": "读", "zh-hant": "讀", "en": "Read"}


@pytest.fixture(scope="module")
def begun(once):
    def build(world, set_clock):
        set_clock(NOW)
        demands = (
            *p1_document().demands, Demand("declared", "items", WORDS, 3, item="declaration"),
            Demand("self", "items", WORDS, 1, item="self-diagnosis"),
        )  # fmt: skip
        tasks = (HandbookTask("read", WORDS), HandbookTask("write", WORDS, "school"))
        p1 = publish_p1(world, demands=demands, handbook=tasks)
        for member in (world.teacher, world.colleague, world.leader, world.cio):
            row = enrol(p1, member)
            choose_points(by=member.actor, enrolment=row.pk, points=OFFERED[:4])
            touch(enrolments=[row.pk])
        return p1

    return once(build)


class Life:
    """Acts on whom and what the dice say."""

    def __init__(self, world, p1, set_clock, seed):
        self.world, self.p1, self.set_clock = world, p1, set_clock
        self.dice, self.at, self.told = random.Random(seed), set_clock(NOW), []
        self.scene = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year, code="p1-town")
        self.people = [world.teacher, world.colleague, world.leader, world.cio]

    def live(self):
        act = self.dice.choice(ACTS)
        try:
            with transaction.atomic():
                act(self)
            self.told.append(act.__name__)
        except Refused as refusal:
            self.told.append(f"{act.__name__}: {refusal.code}")

    def mine(self):
        gone = set(Merge.objects.filter(undone_at=None).values_list("gone", flat=True))
        member = self.dice.choice([one for one in self.people if one.person not in gone])
        return {"by": member.actor, "enrolment": Enrolment.objects.get(person=member.person).pk}

    def some(self, rows):
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return self.dice.sample(keys, min(len(keys), self.dice.randint(1, 3)))

    def choose(self):
        choose_points(**self.mine(), points=self.dice.sample(OFFERED, self.dice.randint(3, 5)))

    def declare(self):
        mine = self.mine()
        own = ChosenPoint.objects.filter(choice__enrolment=mine["enrolment"], choice__superseded_at=None)
        declare_points(**mine, points=list(own.filter(pk__in=self.some(own)).values_list("point", flat=True)))

    def withdraw(self):
        withdraw_declaration(**self.mine(), point=self.dice.choice(OFFERED))

    def answer(self):
        by = self.dice.choice([self.world.leader, self.world.cio]).actor
        rows = self.some(Declaration.objects.filter(withdrawn_at=None))
        if self.dice.random() < 0.7:
            agree_declarations(by=by, declarations=rows)
        else:
            return_declarations(by=by, declarations=rows, advice="换一项")

    def do(self):
        do_task(**self.mine(), task=self.dice.choice(["read", "write"]))

    def undo(self):
        undo_task(**self.mine(), task=self.dice.choice(["read", "write"]))

    def confirm(self):
        by, rows = self.dice.choice([self.world.leader, self.world.cio]).actor, self.some(HandbookEntry.objects.all())
        confirm_tasks(by=by, entries=rows) if self.dice.random() < 0.7 else return_tasks(
            by=by, entries=rows, advice="补"
        )

    def tell(self):
        scores = ("learner-analysis", "teaching-design", "learning-guidance", "academic-assessment")
        diagnose(**self.mine(), scores=dict.fromkeys(scores[: self.dice.randint(3, 4)], 3))

    def draft(self):
        draft_submission(**self.mine(), item="point", point=self.dice.choice(OFFERED))

    def decide(self):
        """As a sheet would bring it."""
        enrolment = self.mine()["enrolment"]
        self.scene.result(enrolment, self.dice.choice(OFFERED), self.dice.choice(LEVELS), decided=self.at)
        touch(enrolments=[enrolment])

    def overturn(self):
        rows = list(Result.objects.filter(overturned_at=None).order_by("pk"))
        if rows:
            row = self.dice.choice(rows)
            overturn_result(by=BY, result=row.pk, level=self.dice.choice(LEVELS), reason="抽查")

    def merge(self):
        kept, gone = (self.dice.choice(self.people).person for _ in range(2))
        merge_people(by=BY, kept=kept, gone=gone, reason="同一人", end_numbers=True)

    def part(self):
        for merge in Merge.objects.filter(undone_at=None):
            unmerge_people(by=BY, merge=merge.pk, reason="不是同一人")

    def transfer(self):
        unit = self.dice.choice([self.world.maths, self.world.chinese])
        transfer_person(by=BY, person=self.dice.choice(self.people).person, post=Post(unit), on=date(2026, 5, 1))

    def let_time_pass(self):
        self.at = self.set_clock(self.at + timedelta(days=self.dice.randint(1, 20)))


ACTS = (
    Life.choose, Life.choose, Life.declare, Life.declare, Life.declare, Life.withdraw, Life.answer, Life.answer, Life.do, Life.do,
    Life.undo, Life.confirm, Life.tell, Life.draft, Life.draft, Life.decide, Life.decide, Life.overturn, Life.merge, Life.part,
    Life.part, Life.part, Life.transfer, Life.let_time_pass, Life.answer, Life.confirm,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_after_each_act_everything_agrees(begun, world, set_clock, seed):
    life = Life(world, begun, set_clock, seed)
    for _turn in range(TURNS):
        life.live()
        run_once()
        people = Standing.objects.filter(programme=begun, demand="overall").count()
        summed = sum(t[0] for key, t in tallies(begun).items() if key[2] == "overall")
        assert (compare_with_recount(by=SETTLE, programme=begun.pk), summed) == ([], people), (
            f"seed {seed}: {life.told}"
        )
        declared = set(Declaration.objects.values_list("point", flat=True))
        assert set(Submission.objects.values_list("point", flat=True)) <= declared, f"seed {seed}: {life.told}"
    done = {told for told in life.told if ":" not in told}
    refused = {told.partition(": ")[2] for told in life.told if ":" in told}
    assert (len(done) > 6, len(refused) > 2) == (True, True), (done, refused)
