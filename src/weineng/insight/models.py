"""Sheets on their way in, and back, and how far they have come."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from weineng.files.models import Upload
from weineng.insight.rules import GOING_BACK, KINDS, LOOKS, STATES
from weineng.kernel.actors import Actor
from weineng.organisations.models import Unit
from weineng.organisations.reach import same_people
from weineng.programmes.models import Programme


class Work(models.Model):
    """What the worker has to do with a sheet: who asked for it, in whose name, and how far it has come."""

    person = models.BigIntegerField()
    on_behalf_of = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, default="")  # in which sentences about rows are written for whoever asked
    rows = models.IntegerField(default=0)  # that it is about; 0 while nobody knows
    # How often the worker set about it, also where it was killed in between.
    begun = models.SmallIntegerField(default=0)
    gone = models.IntegerField(default=0)  # how many of the rows the worker has dealt with, while it is at it
    refused_for = models.CharField(max_length=40, default="")  # the code of a refusal
    said = models.TextField(default="")  # and its sentence; empty where nobody meant to refuse it
    asked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class IntakeQuerySet(models.QuerySet["Intake"]):
    """Sheets on their way are their bringer's own."""

    def of(self, by: Actor) -> Self:
        """Those that the person acting brought, under whichever record of theirs, in the name they act in now."""
        if by.person is None:
            return self.none()
        return self.filter(person__in=same_people([by.person]), on_behalf_of=by.on_behalf_of)

    def brief(self) -> Self:
        """Without all that was understood, which is large."""
        return self.defer("reading")


class Intake(Work):
    """A sheet that is read once: what was understood of it, beside its upload, and whether it has gone in.

    `arrived` waits for the worker to read it, `read` for its bringer, `waiting` for the worker to bring it in; `done`,
    `refused` and `unreadable` (nothing is kept of it but why) are answers.
    """

    personal: ClassVar = frozenset({"reading", "understood", "file_name"})
    retention: ClassVar = (
        "seven days after it was read, its upload's bytes with it; of what has gone in only counts and marks"
    )
    whose: ClassVar = ("person",)

    kind = models.CharField(max_length=8, default="roster")
    upload = models.OneToOneField(Upload, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # it is for; of hours: who admitted the platform
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")  # of hours and results
    provider = models.CharField(max_length=80, default="")  # of hours
    file_name = models.CharField(max_length=255)
    # insight.sheets.stored, encrypted, for both hold identity numbers or names: all of it, and what its page shows
    reading = models.BinaryField(default=bytes)
    understood = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, default="read")
    roster = models.BigIntegerField(null=True)  # the organisations.Roster it became; null: it changed nothing
    read_at = models.DateTimeField()  # until then: when it came

    objects = IntakeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="intake_state_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="intake_kind_known"),
        )
        indexes = (
            # What is there for the worker to do? Hardly ever a row.
            models.Index(fields=("asked_at",), condition=Q(state="waiting"), name="intake_waiting"),
            models.Index(fields=("asked_at",), condition=Q(state="arrived"), name="intake_arrived"),
            models.Index(fields=("person", "read_at"), name="intake_of_person"),
        )


class TakeBack(Work):
    """A large sheet, of which somebody asked that it be taken back: `waiting` for the worker, then `done`, `refused`, or
    `cancelled` by whoever may take it back."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "seven days after it was asked for; that it was taken back stands with the sheet"
    whose: ClassVar = ("person",)

    kind = models.CharField(max_length=8)
    sheet = models.BigIntegerField()  # of that kind: organisations.Roster, learning.HoursSheet, assessment.ResultsSheet
    reason = models.CharField(max_length=400, default="")  # of a roster: none
    state = models.CharField(max_length=10, default="waiting")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=GOING_BACK), name="takeback_state_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="takeback_kind_known"),
            # Two who press are one who asks.
            models.UniqueConstraint(fields=("kind", "sheet"), condition=Q(state="waiting"), name="takeback_once"),
        )
        indexes = (
            models.Index(fields=("asked_at",), condition=Q(state="waiting"), name="takeback_waiting"),
            models.Index(fields=("kind", "sheet"), name="takeback_of_sheet"),
        )


class MoveLookQuerySet(models.QuerySet["MoveLook"]):
    """Looks are their asker's own."""

    def of(self, by: Actor) -> Self:
        """Those that the person acting asked for, under whichever record of theirs, in the name they act in now."""
        if by.person is None:
            return self.none()
        return self.filter(person__in=same_people([by.person]), on_behalf_of=by.on_behalf_of)


class MoveLook(Work):
    """What would follow if a large unit were moved: looked at by the worker, shown to who asked, who then moves it, or not."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "seven days after it was asked for"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    to = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    on = models.DateField()
    state = models.CharField(max_length=10, default="waiting")
    found = models.JSONField(default=dict)  # insight.queries.looks.MoveFound, and the edges it was found under

    objects = MoveLookQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=LOOKS), name="movelook_state_known"),)
        indexes = (models.Index(fields=("asked_at",), condition=Q(state="waiting"), name="movelook_waiting"),)
