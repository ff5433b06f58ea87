"""Counting: how many minutes of each record count and why the rest do not, where each enrolment stands, and the sums."""

from typing import ClassVar

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from weineng.organisations.models import Unit
from weineng.organisations.reach import WithinQuerySet
from weineng.programmes.models import Enrolment, Programme

VERDICTS = ("not-begun", "in-progress", "pass", "excellent", "pending", "not-passed", "exempt", "left")


class Counted(models.Model):
    """Minutes of one record (or result) as one kind for one enrolment, with one reason; derived, never edited.

    A record that counts partly has two rows: one counted (reason ''), one for the rest with its reason."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived"

    enrolment = models.BigIntegerField()
    origin = models.CharField(max_length=12)  # record, result, submission
    origin_id = (
        models.BigIntegerField()
    )  # learning.Record, assessment.Result, evidence.Submission (earned on handing in)
    kind = models.CharField(max_length=24)  # '' where no line of the document matched
    minutes = models.IntegerField()
    reason = models.CharField(
        max_length=24, default=""
    )  # '' counted; else voided, corrected-by, no-kind, duplicate-of …
    ref = models.CharField(max_length=40, default="")  # parameter of the reason: id of the other record, the cap's code
    event_on = models.DateField()
    flagged = models.CharField(max_length=24, default="")  # counted, but an office should look: overlap

    class Meta:
        constraints = (
            # A record may lose minutes to two caps: the cap is part of what a line is. Leads with what pages ask for.
            models.UniqueConstraint(
                fields=("enrolment", "origin", "origin_id", "kind", "reason", "ref"), name="counted_once"
            ),
        )


class StandingQuerySet(WithinQuerySet["Standing"]):
    """Standings in the words of the field."""

    person_path = "enrolment__person"


class Standing(models.Model):
    """Where an enrolment stands against one demand ('overall' for the whole), under which version."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived; past verdicts in StandingHistory"

    # No foreign keys in the database: derived rows by the million, written from the rows they would point to. Nor indexes of the
    # single columns: those below lead with them, and one of the programme names most of the table, which the planner reads.
    enrolment = models.ForeignKey(
        Enrolment, models.DO_NOTHING, related_name="standings", db_constraint=False, db_index=False
    )
    programme = models.ForeignKey(Programme, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    demand = models.CharField(max_length=40)
    have = models.IntegerField()  # minutes, points or levels, as the demand measures
    need = models.IntegerField()
    met = models.BooleanField()
    verdict = models.CharField(max_length=12)  # overall: VERDICTS; a demand: met, open, exempt, left
    reasons = models.JSONField(default=list)  # [{code, params}]: why not (yet)
    detail = models.JSONField(default=dict)
    leaf = models.ForeignKey(  # where it was last counted
        Unit, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    leaf_kind = models.CharField(max_length=12, default="group")  # group, no-group, unplaced
    participant = models.BooleanField(default=False)  # ≥ 1 counted minute or submission (semantics 29)
    stage = models.CharField(max_length=16, default="")  # of the home posting; of the overall standing only
    subject = models.CharField(max_length=24, default="")  # likewise
    counted_in = models.BooleanField(default=True)  # in the denominator: not exempt, not left
    version = models.BigIntegerField()
    changes_at = models.DateTimeField(null=True)  # the next instant at which it changes by the clock alone

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("enrolment", "demand"), name="standing_once"),)
        indexes = (
            models.Index(fields=("leaf", "demand", "verdict"), name="standing_of_leaf"),  # the people behind a cell
            models.Index(fields=("changes_at",), condition=Q(changes_at__isnull=False), name="standing_by_clock"),
            models.Index(  # everybody who is counted, once and without their rows: who was where on a past day
                fields=("programme", "enrolment"),
                include=("version", "demand"),
                condition=Q(demand="overall"),
                name="standing_overall",
            ),
        )


class StandingHistory(models.Model):
    """Every verdict an enrolment ever had, from when to when: past dates are answered from it.

    Where it is silent an enrolment was at its beginning: overall `not-begun`, a demand `open`. Where it was counted then is
    asked of the postings, so that a post entered late moves past figures too. Verdict '' says that the
    enrolment had no standing of its own (its person was merged into another)."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the enrolment"

    enrolment = models.BigIntegerField()
    demand = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12)
    participant = models.BooleanField(default=False)  # of the overall standing
    version = models.BigIntegerField()
    during = DateTimeRangeField()

    class Meta:
        constraints = (
            # One verdict at a time; also the way to the row that a change ends.
            models.UniqueConstraint(
                fields=("enrolment", "demand"), condition=Q(during__endswith__isnull=True), name="standing_history_open"
            ),
        )
        indexes = (models.Index(fields=("enrolment", "demand"), name="standing_history_of"),)


class Tally(models.Model):
    """How many enrolments of a leaf stand how against a demand: every figure of every level is a sum of these."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="tallies", db_index=False)
    leaf = models.ForeignKey(Unit, models.CASCADE, related_name="tallies", db_index=False)
    leaf_kind = models.CharField(max_length=12)
    demand = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12)
    people = models.IntegerField()
    participants = models.IntegerField()
    have = models.BigIntegerField()  # sum, for averages

    class Meta:
        constraints = (
            # Leads with the leaf: an index that leads with the programme names all of it, and the planner reads it.
            models.UniqueConstraint(
                fields=("leaf", "programme", "leaf_kind", "demand", "verdict"), name="tally_of_leaf_once"
            ),
            models.CheckConstraint(condition=Q(people__gt=0), name="tally_without_empty_rows"),
        )


class AreaTally(models.Model):
    """The sum of `Tally` over all leaves at or below an area, under the tree of the days in `AddedUp`: what is shown of a province
    is read from as many rows as it has areas, whatever it has of schools. Kept by every recount; made anew when the tree changes."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", db_constraint=False)
    demand = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12)
    people = models.IntegerField()
    participants = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("programme", "unit", "demand", "verdict"), name="area_tally_once"),
        )


class AddedUp(models.Model):
    """On which days the areas of the tree hold the leaves that `AreaTally` was summed over; no row: on none, the leaves are asked."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "one row"

    since = models.DateField()
    until = models.DateField(null=True)  # the first day on which the tree is another one, as far as it is known now


class Cut(models.Model):
    """How many enrolments of a leaf stand how, by stage and subject: the overall rows of `Tally`, cut. Every figure of a cut is a
    sum of these, so that cuts add up to the whole and cost no more at a million than at a thousand."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="cuts", db_index=False)
    leaf = models.ForeignKey(Unit, models.CASCADE, related_name="cuts", db_index=False)
    stage = models.CharField(max_length=16)
    subject = models.CharField(max_length=24)
    verdict = models.CharField(max_length=12)
    people = models.IntegerField()
    participants = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("leaf", "programme", "stage", "subject", "verdict"), name="cut_of_leaf_once"
            ),
            models.CheckConstraint(condition=Q(people__gt=0), name="cut_without_empty_rows"),
        )


class Drained(models.Model):
    """How a loop of the worker, or one step of it, is doing: one row each, written after each round."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "one row a loop and step"

    loop = models.CharField(max_length=40, primary_key=True)  # settle, take, seal, keep, or a step: progress.recount
    up_to = models.DateTimeField(null=True)  # everything that was known then has been taken
    mark = models.BigIntegerField(default=0)  # things done in all
    ran_at = models.DateTimeField(null=True)  # when it last ran to its end
    took_ms = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)  # in a row; 0 again when it ran to its end
    error = models.CharField(max_length=200, default="")  # the last one, while it lasts
