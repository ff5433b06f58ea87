"""The evidence lane: what a teacher hands in for a point, or the classroom recording for several."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from weineng.kernel.actors import Actor, Permission, Reach
from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import WithinQuerySet, same_people

STATES = ("draft", "submitted", "opened", "returned", "decided", "withdrawn")
MOVES = {
    "draft": ("submitted",),
    "submitted": ("opened", "draft", "returned", "decided"),  # back to what it was: taken back before anybody opened it
    "opened": ("returned", "decided"),
    "returned": ("submitted",),
    "decided": (),
}
EDITABLE = ("draft", "returned")
LEVELS = ("fail", "pass", "excellent")


class EvidenceQuerySet(WithinQuerySet["Submission"]):
    """Submissions are their person's own; others see what was handed in, never what is being written."""

    person_path = "person"
    unit_path = "unit"
    date_path = "handed_in_on"

    def within(
        self,
        by: Actor,
        permission: Permission,
        *,
        changing: bool = False,
        among: Collection[Any] | None = None,
        assigned: Q | None = None,
    ) -> Self:
        """As everywhere; `assigned` is the condition by which assessment gives dossiers to `by` (reach `assigned`)."""
        if among is not None:
            return self.filter(pk__in=among).within(by, permission, changing=changing, assigned=assigned)
        if by.system:
            return self
        own = Q(pk__in=[])
        if Reach.OWN in permission.reaches and permission.code in by.own and by.person is not None:
            own = self.reach_own(by)
        given = Q(pk__in=[])
        if assigned is not None and Reach.ASSIGNED in permission.reaches and permission.code in by.assigned:
            given = assigned
        handed_in = Q(handed_in_on__isnull=False)
        return self.filter(own | (handed_in & (given | self.reach(by, permission, changing=changing))))

    def reach_own(self, by: Actor) -> Q:
        """The condition that a submission is one's own, in whatever state."""
        return Q(person__in=same_people([by.person] if by.person is not None else []))

    def open(self) -> Self:
        """Attempts that are not over."""
        return self.exclude(state__in=("decided", "withdrawn"))


class Submission(models.Model):
    """One attempt at one item. A return opens the same attempt again as its next version; a new attempt is a new row."""

    personal: ClassVar = frozenset({"note", "advice"})
    retention: ClassVar = "files two years after the cycle, results with the person"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="submissions")
    enrolment = (
        models.BigIntegerField()
    )  # the programmes.Enrolment it is handed in for (no foreign key between big tables)
    programme = models.CharField(max_length=40)
    item = models.CharField(max_length=12)  # point, recording
    point = models.CharField(max_length=24, default="")  # standards.Point.code; '' for the recording
    edition = models.CharField(max_length=40)  # the standard's edition it is judged by
    declared = ArrayField(models.CharField(max_length=24), default=list)  # recording: the points it shows
    spans = models.JSONField(default=list)  # recording: [{point, from_seconds, to_seconds}]
    attempt = models.SmallIntegerField(default=1)
    version = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=12, default="draft")
    level = models.CharField(max_length=12, default="")  # once decided, as assessment wrote it down
    advice = models.TextField(default="")  # with which it was last returned; stands beside the next version
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # leaf at the day it was handed in
    handed_in_on = models.DateField(null=True)  # civil date of the last handing in
    note = models.TextField(default="")
    consent = models.CharField(
        max_length=16, default=""
    )  # pupils seen or heard: none-visible, consent-held; '' not said yet
    receipt = models.CharField(max_length=24, null=True, unique=True)
    submitted_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="submission_state_known"),
            models.CheckConstraint(condition=Q(level__in=("", *LEVELS)), name="submission_level_known"),
            models.CheckConstraint(condition=~Q(state="decided") | ~Q(level=""), name="submission_decided_has_level"),
            models.CheckConstraint(condition=Q(item="recording") | ~Q(point=""), name="submission_names_its_point"),
            models.UniqueConstraint(fields=("enrolment", "item", "point", "attempt"), name="submission_attempt_once"),
            # One open attempt at an item: a double click cannot make two.
            models.UniqueConstraint(
                fields=("enrolment", "item", "point"),
                condition=~Q(state__in=("decided", "withdrawn")),
                name="submission_one_open",
            ),
        )
        indexes = (
            models.Index(fields=("person", "item"), name="submission_of_person"),
            models.Index(fields=("state", "submitted_at"), name="submission_waiting"),
        )


class Item(models.Model):
    """One piece of evidence of a submission; its files are `files.Use` rows (holder evidence.item)."""

    personal: ClassVar = frozenset({"text"})
    retention: ClassVar = "with the submission"
    whose: ClassVar = ("submission__person",)

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="items")
    seq = models.SmallIntegerField()  # standards.Evidence.seq
    version = models.SmallIntegerField(default=1)  # of the submission; what was returned stays beside as it was
    rated = models.BooleanField()
    text = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("submission", "seq", "version"), name="item_once"),)


class Event(models.Model):
    """What happened to a submission: the timeline the teacher sees (handed in, withdrawn, opened, returned with advice …)."""

    personal: ClassVar = frozenset({"text"})
    retention: ClassVar = "with the submission"
    whose: ClassVar = ("submission__person",)

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    version = models.SmallIntegerField()
    at = models.DateTimeField()
    text = models.TextField(default="")
