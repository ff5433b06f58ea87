"""The evidence lane: what a teacher hands in for a point, or the classroom recording for several."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from weineng.organisations.models import Person, Unit

STATES = ("draft", "submitted", "opened", "returned", "decided", "withdrawn")
MOVES = {
    "draft": ("submitted",),
    "submitted": ("opened", "draft", "decided"),  # back to draft: withdrawn before anybody opened it
    "opened": ("returned", "decided"),
    "returned": ("submitted",),
    "decided": (),
}


class Submission(models.Model):
    """One attempt at one item. A return opens the same attempt again as its next version; a new attempt is a new row."""

    personal: ClassVar = frozenset({"note"})
    retention: ClassVar = "files two years after the cycle, results with the person"

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
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # leaf at the day it was handed in
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

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="submission_state_known"),
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

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="items")
    seq = models.SmallIntegerField()  # standards.Evidence.seq
    version = models.SmallIntegerField(default=1)  # of the submission; older versions stay beside
    rated = models.BooleanField()
    text = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("submission", "seq", "version"), name="item_once"),)


class Event(models.Model):
    """What happened to a submission: the timeline the teacher sees (handed in, withdrawn, opened, returned with advice …)."""

    personal: ClassVar = frozenset({"text"})
    retention: ClassVar = "with the submission"

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    version = models.SmallIntegerField()
    at = models.DateTimeField()
    text = models.TextField(default="")
