"""What is on its way in, and how far it has come."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from weineng.files.models import Upload
from weineng.insight.rules import STATES
from weineng.kernel.actors import Actor
from weineng.organisations.models import Unit
from weineng.organisations.reach import same_people


class IntakeQuerySet(models.QuerySet["Intake"]):
    """Rosters on their way are their bringer's own."""

    def of(self, by: Actor) -> Self:
        """Those that the person acting brought, under whichever record of theirs, in the name they act in now."""
        if by.person is None:
            return self.none()
        return self.filter(person__in=same_people([by.person]), on_behalf_of=by.on_behalf_of)


class Intake(models.Model):
    """A roster that was read once: what was understood of it, beside its upload, and whether it has gone in.

    `read` waits for its bringer, `waiting` for the worker, which looks for such rows; `done` and `refused` are its answers.
    """

    personal: ClassVar = frozenset({"reading", "file_name"})
    retention: ClassVar = (
        "seven days after it was read, its upload's bytes with it; of what has gone in only counts and marks"
    )

    upload = models.OneToOneField(Upload, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.BigIntegerField()
    on_behalf_of = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=255)
    reading = models.BinaryField()  # insight.sheets.stored, encrypted: it holds identity numbers
    rows = models.IntegerField()
    begun = models.SmallIntegerField(
        default=0
    )  # how often the worker set about it, also where it was killed in between
    gone = models.IntegerField(default=0)  # how many of them the worker has dealt with, while it is at it
    state = models.CharField(max_length=8, default="read")
    refused_for = models.CharField(max_length=40, default="")  # the code of a refusal
    roster = models.BigIntegerField(null=True)  # the organisations.Roster it became; null: it changed nothing
    read_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=STATES), name="intake_state_known"),)
        indexes = (
            # What is there for the worker to do? Hardly ever a row.
            models.Index(fields=("asked_at",), condition=Q(state="waiting"), name="intake_waiting"),
            models.Index(fields=("person", "read_at"), name="intake_of_person"),
        )
