"""Random acts on units, people and hours in whatever stands in the database, and whether all numbers are right after them.

    life = Operations(programme, random.Random(3), set_clock)
    life.do("merge-units")      # 'done', or the code with which it was refused: it must have changed nothing
    life.settle()               # what the worker does
    differences(life)           # [] where every sum is that of its parts and equals a recount from nothing

`KINDS` names the acts. The test of `tests/progress/test_operations.py` and `bench/operations.py` share them.
"""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from weineng.accounts.roles import SOURCE
from weineng.insight.queries.states import StatesOn
from weineng.kernel.actors import Actor, platform
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records, restore_record, void_record
from weineng.learning.models import Provider, Record
from weineng.learning.rules import RecordRow
from weineng.ops.loops import SETTLE as STEPS
from weineng.organisations.actions import (
    end_posting,
    merge_people,
    merge_units,
    move_unit,
    set_flag,
    split_unit,
    transfer_person,
    undo_move,
    undo_reorganisation,
    unmerge_people,
)
from weineng.organisations.models import (
    LEVELS,
    Closure,
    Edge,
    ExternalIdentifier,
    Merge,
    Person,
    Posting,
    Reorganisation,
    Unit,
    UnitFlag,
)
from weineng.organisations.queries import posts_astray
from weineng.organisations.rules import Post
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_in_force
from weineng.progress.actions import compare_with_recount
from weineng.progress.models import Standing
from weineng.progress.queries import cuts_of, flags_below, overview
from weineng.progress.queries.overviews import FINISHED, OUT, reached_in

BY = platform("test")
SETTLE = platform("settle")
FLAGS = ("rural", "pilot", "smart-education")
WHY = "演练"


class Operations:
    """Acts on whom and what the dice say, in one programme. `back`: how many days in the past an act may be dated."""

    def __init__(self, programme, dice, set_clock, *, back=400):
        self.programme, self.dice, self.set_clock, self.back = programme, dice, set_clock, back
        self.sent = Record.objects.count()
        self.root = (
            Edge.objects.filter(kind="line").exclude(parent__in=Edge.objects.values("child")).earliest("pk").parent_id
        )

    def do(self, kind):
        """One act; 'done', or the code of the refusal."""
        try:
            with transaction.atomic():
                KINDS[kind](self)
        except Refused as refusal:
            return refusal.code
        return "done"

    def settle(self):
        """What the worker derives, until nothing is left to do."""
        for _round in range(30):
            if not sum(int(step.run(by=SETTLE) or 0) for step in STEPS):
                return
        raise AssertionError("the loop finds always something to do")

    # --- What the dice choose from ---
    def one(self, rows):
        """Some row; refused where there is none."""
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if not keys:
            raise Refused("nothing-there", "")
        return rows.model.objects.get(pk=self.dice.choice(keys))

    def day(self, *units):
        """Mostly in the past, sometimes today or to come; mostly after these units were founded."""
        day = today() - timedelta(days=self.dice.randint(-20, self.back))
        founded = [unit.opened_on for unit in units if unit.opened_on is not None]
        return max([day, *(on + timedelta(days=1) for on in founded)]) if self.dice.random() < 0.9 else day

    def open_unit(self, *levels):
        return self.one(Unit.objects.filter(level__in=levels, closed_on=None))

    def person(self):
        return self.one(Person.objects.filter(merged_into=None, pk__in=Enrolment.objects.values("person")))

    # --- Units ---
    def move(self):
        """A school, a zone or a group below another unit."""
        row = self.open_unit(self.dice.choice(("school", "school", "zone", "group")))
        above = ("school",) if row.level == "group" else LEVELS[1 : LEVELS.index(row.level)]
        to = self.open_unit(*above)
        move_unit(by=BY, unit=row.pk, to=to.pk, on=self.day(row, to), reason=WHY)

    def move_back(self):
        moved = self.one(Edge.objects.filter(kind="line", during__startswith__isnull=False))
        undo_move(by=BY, unit=moved.child_id, on=moved.during.lower, reason=WHY)

    def merge_schools(self):
        row, into = self.open_unit("school"), self.open_unit("school")
        merge_units(by=BY, unit=row.pk, into=into.pk, on=self.day(row, into), reason=WHY)

    def merge_groups(self):
        """Two groups of one school."""
        row = self.open_unit("group")
        beside = Edge.objects.filter(parent__in=Edge.objects.filter(child=row).values("parent"), child__closed_on=None)
        other = self.one(Unit.objects.filter(pk__in=beside.values("child")).exclude(pk=row.pk))
        merge_units(by=BY, unit=row.pk, into=other.pk, on=self.day(row, other), reason=WHY)

    def split(self):
        row = self.open_unit(self.dice.choice(("school", "school", "group")))
        on = self.day(row)
        groups = Edge.objects.filter(parent=row, child__level="group", child__closed_on=None, during__contains=on)
        people = Posting.objects.filter(unit=row, during__contains=on)
        split_unit(
            by=BY, unit=row.pk, name=f"{row.name[:40]}{self.dice.randrange(10**6)}", on=on, reason=WHY,
            groups=self.some(groups.values_list("child", flat=True)), people=self.some(people.values_list("person", flat=True)),
        )  # fmt: skip

    def some(self, keys):
        return [key for key in sorted(set(keys)) if self.dice.random() < 0.4]

    def undo_reorganisation(self):
        row = self.one(Reorganisation.objects.filter(undone_at=None))
        undo_reorganisation(by=BY, reorganisation=row.pk, reason=WHY)

    def undo_latest(self):
        """The latest one: what lies further back has mostly been built upon."""
        last = Reorganisation.objects.filter(undone_at=None).order_by("-pk").first()
        if last is None:
            raise Refused("nothing-there", "")
        undo_reorganisation(by=BY, reorganisation=last.pk, reason=WHY)

    def flag(self):
        row, flag = self.open_unit("school"), self.dice.choice(FLAGS)
        held = UnitFlag.objects.filter(unit=row, flag=flag, during__contains=today()).exists()
        set_flag(by=BY, unit=row.pk, flag=flag, held=not held, on=min(self.day(), today()))

    # --- People ---
    def merge_persons(self):
        kept, gone = self.person(), self.person()
        merge_people(by=BY, kept=kept.pk, gone=gone.pk, reason=WHY, end_numbers=True)

    def part_persons(self):
        unmerge_people(by=BY, merge=self.one(Merge.objects.filter(undone_at=None)).pk, reason=WHY, leave_numbers=True)

    def transfer(self):
        unit = self.open_unit("school", "group")
        transfer_person(by=BY, person=self.person().pk, post=Post(unit.pk), on=self.day(unit))

    def end_tomorrow(self):
        """A post ends tomorrow, and tomorrow comes."""
        post = self.one(Posting.objects.filter(person=self.person(), during__contains=today()))
        end_posting(by=BY, posting=post.pk, on=today() + timedelta(days=1), reason=WHY)
        self.settle()
        self.set_clock(now() + timedelta(days=1))

    # --- Hours ---
    def deliver_late(self):
        """A record of some past day, delivered today."""
        number = self.one(ExternalIdentifier.objects.filter(type="id-card", valid_to=None, person__merged_into=None))
        source = self.one(Provider.objects.filter(owner=None) or Provider.objects.all())
        ends = now() - timedelta(days=self.dice.randint(1, self.back), hours=self.dice.randrange(8))
        self.sent += 1
        row = RecordRow(
            f"late-{self.sent}", "id-card", decrypt(number.cipher).decode(), number.person.name, "online", f"c{self.sent % 5}",
            "课程", ends - timedelta(hours=3), ends, self.dice.choice([45, 90, 135]),
        )  # fmt: skip
        by = Actor(door="rest", sources=frozenset({source.code}), source_permissions=SOURCE)
        (answer,) = accept_records(by=by, provider=source.code, rows=[row])
        if answer.code:
            raise Refused(answer.code, "")

    def void(self):
        void_record(by=BY, record=self.one(Record.objects.filter(void_of=None, voided_by=None)).pk, reason=WHY)

    def restore(self):
        restore_record(by=BY, record=self.one(Record.objects.filter(voided_by__isnull=False)).pk, reason=WHY)


KINDS = {
    "move": Operations.move,
    "undo-move": Operations.move_back,
    "merge-schools": Operations.merge_schools,
    "merge-groups": Operations.merge_groups,
    "split": Operations.split,
    "undo-latest": Operations.undo_latest,
    "undo-any": Operations.undo_reorganisation,
    "flag": Operations.flag,
    "merge-people": Operations.merge_persons,
    "part-people": Operations.part_persons,
    "transfer": Operations.transfer,
    "end-tomorrow": Operations.end_tomorrow,
    "late-record": Operations.deliver_late,
    "void": Operations.void,
    "restore": Operations.restore,
}


# --- Whether all is right ------------------------------------------------------------------------------------------
def differences(life, *, on=None):
    """What is wrong now (or, of the pages, on a past day): rows that differ from a recount from nothing, posts at a unit that is no
    more or at a group below another school, figures of units that are not the sums of their people as posts and edges alone say, and
    pages whose rows do not add up."""
    programme = life.programme.pk
    wrong = [str(one) for one in compare_with_recount(by=SETTLE, programme=programme)]
    document, units = document_in_force(programme), list(Unit.objects.order_by("pk").values_list("pk", flat=True))
    said = reached_in(document, programme, units, today()).items()
    told = {unit: (found.people, found.participants, found.passed) for unit, found in said}
    there = {unit: tuple(sums) for unit, sums in _by_hand(life.programme, today()).items()}
    for unit in sorted({*told, *there}):
        if told.get(unit) != there.get(unit):
            wrong.append(f"unit {unit}: {told.get(unit)} are told, {there.get(unit)} are there")
    people = Person.objects.order_by("pk").values("pk")
    wrong += [f"post {post}: its unit is no more, or below another school" for post in posts_astray(people)]
    day = life.dice.choice([today(), on or today()])
    return wrong + _pages(life, day) + _cuts(life, day)


def _cuts(life, on):
    """The cuts of the root: each adds up to the whole, and today to what the home posts say."""
    whole, wrong = overview(BY, life.programme.pk, life.root, on).total, []
    for by in ("stage", "subject", *flags_below(life.root, on)):
        rows = cuts_of(BY, life.programme.pk, life.root, by, on).values()
        sums = [sum(getattr(row, part) for row in rows) for part in ("people", "participants", "passed")]
        if sums != [whole.people, whole.participants, whole.passed]:
            wrong.append(f"by {by} on {on}: rows add up to {sums}, the whole is {whole}")
    return wrong


def _by_hand(programme, on):
    """Unit → [people, participants, passed], each person put where posts say, and summed upwards edge by edge."""
    rows = Standing.objects.filter(programme=programme, demand="overall").exclude(verdict__in=OUT)
    people = rows.order_by("pk").annotate(whose=Coalesce("enrolment__person__merged_into", "enrolment__person"))
    posts, above, ends = defaultdict(list), _above(on), dict(Unit.objects.order_by("pk").values_list("pk", "closed_on"))
    for person, unit, during in (
        Posting.objects.filter(home=True).order_by("pk").values_list("person", "unit", "during")
    ):
        posts[person].append((during.lower or date.min, during.upper or date.max, unit))
    sums = defaultdict(lambda: [0, 0, 0])
    for person, participant, verdict in people.values_list("whose", "participant", "verdict"):
        unit = _leaf(posts[person], on, above, ends) or programme.owner_id
        while unit is not None:
            sums[unit][0] += 1
            sums[unit][1] += participant
            sums[unit][2] += verdict in FINISHED
            unit = above.get(unit)
    return sums


def _above(on):
    edges = Edge.objects.filter(kind="line", during__contains=on).order_by("pk")
    return dict(edges.values_list("child", "parent"))


def _leaf(posts, on, above, ends):
    """Where somebody is counted: the home post; else the last one before, else the first one after, at the nearest open unit."""
    here = [unit for starts, upto, unit in posts if starts <= on < upto]
    if here:
        return here[0]
    past = sorted((upto, unit) for _starts, upto, unit in posts if upto <= on)
    coming = sorted((starts, unit) for starts, _upto, unit in posts if starts > on)
    unit = past[-1][1] if past else coming[0][1] if coming else None
    while unit is not None and ends[unit] is not None and ends[unit] <= on:
        unit = above.get(unit)
    return unit


def _pages(life, on):
    """The pages from the root to some leaf, and the states of all schools: rows add up to the whole."""
    wrong, unit = [], life.root
    while unit is not None:
        page = overview(BY, life.programme.pk, unit, on)
        sums = [sum(getattr(row.figures, part) for row in page.rows) for part in ("people", "participants", "passed")]
        if sums != [page.total.people, page.total.participants, page.total.passed]:
            wrong.append(f"unit {unit} on {on}: rows add up to {sums}, the whole is {page.total}")
        below = [row for row in page.rows if not row.leaf_kind]
        row = life.dice.choice(below) if below else None
        if row is not None and overview(BY, life.programme.pk, row.unit, on).total != row.figures:
            wrong.append(f"unit {row.unit} on {on}: its page and its row above differ")
        unit = row.unit if row is not None else None
    states = StatesOn(life.programme, document_in_force(life.programme.pk), life.root, on)
    below = set(Closure.objects.filter(ancestor=life.root, during__contains=on).values_list("unit", flat=True))
    wrong += [f"school {school} on {on} is told below {life.root}" for school in states.schools if school not in below]
    return wrong
