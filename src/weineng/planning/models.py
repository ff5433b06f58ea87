"""The school has a plan, the group has a plan, the teacher has a list."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import today
from weineng.organisations.models import Posting, Unit
from weineng.organisations.reach import WithinQuerySet
from weineng.programmes.models import Enrolment, Programme, Version

PLAN_STATES = ("draft", "submitted", "returned", "approved", "filed", "superseded")
PLAN_MOVES = {  # verb -> (the states it starts from, the state it leads to)
    "submit": (("draft", "returned"), "submitted"),
    "withdraw": (("submitted",), "draft"),
    "return": (("submitted",), "returned"),
    "approve": (("submitted",), "approved"),  # the plan in force before is superseded by it
    "file": (("approved",), "filed"),
    "unfile": (("filed",), "approved"),  # the number stays with the plan
    "reopen": (("approved",), "submitted"),  # the plan superseded by it is in force again
}


class SchoolPlanQuerySet(WithinQuerySet["SchoolPlan"]):
    """Plans in reach: of one's units, and for oneself those of the school one works at."""

    unit_path = "unit"

    def reach(self, by: Actor, permission: Permission, *, changing: bool = False) -> Q:
        """Also the plans of the school or group one has a post at."""
        return super().reach(by, permission, changing=changing) | of_own_posts(by, permission)


class GroupPlanQuerySet(WithinQuerySet["GroupPlan"]):
    """As for schools' plans."""

    unit_path = "unit"

    def reach(self, by: Actor, permission: Permission, *, changing: bool = False) -> Q:
        """Also the plans of the school or group one has a post at."""
        return super().reach(by, permission, changing=changing) | of_own_posts(by, permission)


def of_own_posts(by: Actor, permission: Permission) -> Q:
    """Units one has a post at today, for permissions held for oneself."""
    if by.person is None or permission.code not in by.own or Reach.OWN not in permission.reaches:
        return Q(pk__in=[])
    mine = Posting.objects.filter(person=by.person, during__contains=today())
    return Q(unit__in=mine.values("unit")) | Q(unit__in=mine.values("school"))


class SchoolPlan(models.Model):
    """A school's development plan for a programme, version by version; only an approved (or filed) one opens points."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="school_plans")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="school_plans")
    number = models.IntegerField()
    state = models.CharField(max_length=12, default="draft")
    environment = models.CharField(max_length=16, default="")  # the environment the school chose to work in
    diagnosis = models.JSONField(default=dict)  # answers of the self-diagnosis: question code -> {score, note}
    goals = models.TextField(default="")
    dimensions = ArrayField(models.CharField(max_length=24), default=list)  # D, as declared (semantics 14)
    points = ArrayField(models.CharField(max_length=24), default=list)  # P
    themes = models.JSONField(default=list)  # [{title, points}]
    timetable = models.JSONField(default=list)  # [{step, from, to, who}]
    needs = models.TextField(default="")  # training needs
    assessment = models.TextField(default="")  # how the school will assess
    edited_at = models.DateTimeField()
    edited_by = models.BigIntegerField(null=True)
    revision = models.IntegerField(default=0)  # two people editing one plan: the second sees that it changed
    hands = ArrayField(models.BigIntegerField(), default=list)  # everybody who wrote in it: none of them may judge it
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved_on = models.DateField(null=True)
    filed_at = models.DateTimeField(null=True)
    filing_number = models.CharField(max_length=40, null=True, unique=True)

    objects = SchoolPlanQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PLAN_STATES), name="school_plan_state_known"),
            models.UniqueConstraint(fields=("programme", "unit", "number"), name="school_plan_number_once"),
            # One plan in force, one in work.
            models.UniqueConstraint(
                fields=("programme", "unit"),
                condition=Q(state__in=("approved", "filed")),
                name="school_plan_one_in_force",
            ),
            models.UniqueConstraint(
                fields=("programme", "unit"),
                condition=Q(state__in=("draft", "submitted", "returned")),
                name="school_plan_one_in_work",
            ),
        )


class PlanReview(models.Model):
    """What the district said of a submitted plan: returned with comments, or approved. Never lost."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the plan"

    plan = models.ForeignKey(SchoolPlan, models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=12)  # returned, approved
    comment = models.TextField(default="")
    content = models.JSONField()  # the plan as it was judged
    by = models.BigIntegerField()
    at = models.DateTimeField()


class GroupPlan(models.Model):
    """A teaching group's plan, derived from the school plan: theme, activities, who helps whom."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="group_plans")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="group_plans")
    school_plan = models.ForeignKey(SchoolPlan, models.PROTECT, related_name="group_plans")
    theme = models.CharField(max_length=200, default="")
    points = ArrayField(models.CharField(max_length=24), default=list)
    activities = models.JSONField(default=list)  # [{title, on, form, points}]
    pairs = models.JSONField(default=list)  # [{helper, helped}] person ids
    state = models.CharField(max_length=12, default="draft")  # draft, published
    revision = models.IntegerField(default=0)
    edited_at = models.DateTimeField()
    edited_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)

    objects = GroupPlanQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("programme", "unit"), name="group_plan_once"),)


class DeclarationQuerySet(WithinQuerySet["Declaration"]):
    """What somebody declared: their own, of the people of one's units, and of office staff whose host school is one of them."""

    person_path = "enrolment__person"
    unit_path = "enrolment__host"


class HandbookQuerySet(WithinQuerySet["HandbookEntry"]):
    """As for declarations."""

    person_path = "enrolment__person"
    unit_path = "enrolment__host"


class Choice(models.Model):
    """A teacher's choice of points; freezes what it was made under: (D, P, document version) (semantics 15)."""

    personal: ClassVar = frozenset({"diagnosis"})
    retention: ClassVar = "with the enrolment"
    whose: ClassVar = ("enrolment__person",)

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="choices")
    school_plan = models.ForeignKey(SchoolPlan, models.PROTECT, null=True, related_name="choices")
    version = models.ForeignKey(Version, models.PROTECT, related_name="choices")
    dimensions = ArrayField(models.CharField(max_length=24))  # D, frozen
    opened = ArrayField(models.CharField(max_length=24))  # P, frozen
    diagnosis = models.JSONField(default=dict)  # the teacher's self-diagnosis: dimension -> 1..5
    chosen_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",), condition=Q(superseded_at__isnull=True), name="choice_one_in_force"
            ),
        )


class ChosenPoint(models.Model):
    """One chosen point; once passed it may not be dropped (written down by assessment through an effect)."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the choice"

    choice = models.ForeignKey(Choice, models.CASCADE, related_name="points")
    point = models.CharField(max_length=24)  # standards.Point.code
    dimension = models.CharField(max_length=24)
    due_on = models.DateField(null=True)
    passed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("choice", "point"), name="chosen_point_once"),)


class Declaration(models.Model):
    """A chosen point that a teacher declares to be assessed; the group agrees, or sends it back with advice. Declared it is
    until it is withdrawn, agreed to or not; declaring it again is a new row."""

    personal: ClassVar = frozenset({"advice"})
    retention: ClassVar = "with the enrolment"
    whose: ClassVar = ("enrolment__person",)

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="declarations")
    point = models.CharField(max_length=24)  # standards.Point.code
    dimension = models.CharField(max_length=24)  # its value on the axis of choice, as in ChosenPoint
    declared_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    advice = models.CharField(max_length=400, default="")  # with which it was sent back
    withdrawn_at = models.DateTimeField(null=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment", "point"), condition=Q(withdrawn_at__isnull=True), name="declaration_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True) | Q(returned_at__isnull=True), name="declaration_agreed_or_returned"
            ),
        )

    @property
    def person_id(self) -> int:
        """Whose it is."""
        return self.enrolment.person_id

    @property
    def state(self) -> str:
        """waiting, agreed or returned."""
        return "agreed" if self.agreed_at else "returned" if self.returned_at else "waiting"


class HandbookEntry(models.Model):
    """A task of the document's handbook that a teacher has done; whom the document names confirms it, or sends it back."""

    personal: ClassVar = frozenset({"note", "advice"})
    retention: ClassVar = "with the enrolment"
    whose: ClassVar = ("enrolment__person",)

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="handbook_entries")
    task = models.CharField(max_length=24)  # code of a task of the handbook
    note = models.CharField(max_length=2000, default="")  # what was done, where it can be seen
    done_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    advice = models.CharField(max_length=400, default="")

    objects = HandbookQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "task"), name="handbook_entry_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(returned_at__isnull=True),
                name="handbook_entry_confirmed_or_returned",
            ),
        )

    @property
    def person_id(self) -> int:
        """Whose it is."""
        return self.enrolment.person_id

    @property
    def state(self) -> str:
        """waiting, confirmed or returned."""
        return "confirmed" if self.confirmed_at else "returned" if self.returned_at else "waiting"


class Diagnosis(models.Model):
    """A teacher's self-diagnosis as it stands; handed in when every question was first answered."""

    personal: ClassVar = frozenset({"answers"})
    retention: ClassVar = "with the enrolment"
    whose: ClassVar = ("enrolment__person",)

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="diagnosis")
    answers = models.JSONField(default=dict)  # dimension -> 1..5
    handed_in_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField()
