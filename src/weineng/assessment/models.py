"""Judgement: stages, who reviews what, ratings, returns, results, overturns."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from weineng.evidence.models import Submission
from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import WithinQuerySet
from weineng.programmes.models import Programme

LEVELS = ("fail", "pass", "excellent")


SAMPLE_STATES = ("framed", "dropped", "running", "done", "stopped")


class Sample(models.Model):
    """A draw of a stage that `samples`: first its frame is fixed and a digest of it published, with that of a secret that the
    platform makes; then a seed and the secret, which is published too, say who is drawn, so that nobody can choose and anybody can
    draw again; drawn results are looked at once more. A frame that was dropped keeps its number."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years: results rest on it"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # whose office draws, whose experts look
    number = models.IntegerField()  # of this stage and unit
    state = models.CharField(max_length=12, default="framed")
    until = models.DateField()  # results decided by then
    share = models.SmallIntegerField()  # as the document had it on the day: per cent
    least = models.IntegerField()
    strata = ArrayField(models.CharField(max_length=12), default=list)
    tolerance = models.SmallIntegerField()
    size = models.IntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the frame, see measures.samples
    secret = models.CharField(max_length=64, default="")  # told to nobody before the draw
    secret_digest = models.CharField(max_length=64, default="")  # its SHA-256
    seed = models.CharField(max_length=64, default="")
    framed_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")  # why it was stopped; about the sample: nobody's (adr/0073)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("programme", "stage", "unit", "number"), name="sample_number_once"),
            models.UniqueConstraint(
                fields=("programme", "stage", "unit"),
                condition=Q(state__in=("framed", "running")),
                name="sample_one_open",
            ),
            models.CheckConstraint(condition=Q(state__in=SAMPLE_STATES), name="sample_state_known"),
        )


class SampleStratum(models.Model):
    """A part of a frame from which so many are drawn by themselves; a bad sample widens to all of it."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the sample"

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="parts")
    code = models.CharField(max_length=160)  # county:3|stage:junior
    size = models.IntegerField()
    wanted = models.IntegerField()
    widened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("sample", "code"), name="sample_stratum_once"),)


class SampledResult(models.Model):
    """A result in a frame: its number there, whether it is drawn, and what the second look found."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the sample"

    stratum = models.ForeignKey(SampleStratum, models.CASCADE, related_name="results")
    number = models.IntegerField()
    result = models.ForeignKey("Result", models.PROTECT, related_name="samples")
    drawn = models.SmallIntegerField(default=0)  # 0 no, 1 by the seed, 2 since the draw was widened
    outcome = models.CharField(max_length=8, default="")  # same, lower, higher, gone (changed meanwhile); '' not yet
    found = models.CharField(max_length=12, default="")  # the level of the second look
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("stratum", "number"), name="sampled_number_once"),
            models.UniqueConstraint(fields=("stratum", "result"), name="sampled_result_once"),
        )
        indexes = (
            # Who waits to be looked at?
            models.Index(fields=("stratum",), condition=Q(drawn__gt=0, outcome=""), name="sampled_waiting"),
            models.Index(fields=("done_at",), name="sampled_lately"),  # whose certificates may be due now?
        )


class HandOver(models.Model):
    """A school has handed a stage over to the training team above it, from then on until it took that back."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the school
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "stage", "unit"), condition=Q(ended_at__isnull=True), name="hand_over_one_in_force"
            ),
        )


MODE_STATES = ("submitted", "returned", "withdrawn", "approved", "ended")


class OwnMode(models.Model):
    """A school's own mode of assessment: stages in the place of the document's, once an office of the level that the document
    names has approved them. Dossiers keep the stages they began with."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years: results rest on it"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default="submitted")
    stages = models.JSONField()  # [{by, reviewers, days, decides, third}]
    why = models.CharField(max_length=400)  # in the school's words; about its stages: nobody's (adr/0073)
    hands = ArrayField(models.BigIntegerField(), default=list)  # who wrote it: none of them may approve it
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=400, default="")  # with which it was returned, or why it ended

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=MODE_STATES), name="own_mode_state_known"),
            models.UniqueConstraint(
                fields=("programme", "unit"), condition=Q(state="submitted"), name="own_mode_one_submitted"
            ),
            models.UniqueConstraint(
                fields=("programme", "unit"), condition=Q(state="approved"), name="own_mode_one_in_force"
            ),
        )


class Dossier(models.Model):
    """One version of a submission on its way through the stages of its programme."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="dossiers")
    version = models.SmallIntegerField()  # of the submission
    person = models.ForeignKey(Person, models.PROTECT, related_name="dossiers")  # who is judged
    enrolment = models.BigIntegerField()
    stage = models.CharField(max_length=24)  # code of the stage it is in; '' once decided
    state = models.CharField(max_length=12, default="open")  # open, returned, decided, void (withdrawn)
    returns = models.SmallIntegerField(default=0)  # of the attempt so far
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    stuck_at = models.DateTimeField(null=True)  # when a step last failed; the others go on without it
    stuck_because = models.CharField(max_length=200, default="")  # the error, for whoever runs the platform
    mode = models.ForeignKey(
        OwnMode, models.PROTECT, null=True, related_name="+"
    )  # the school's own stages, if it has them
    sampled = models.OneToOneField(  # of a second look; null: the first
        SampledResult, models.SET_NULL, null=True, related_name="dossier"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "version"), condition=Q(sampled__isnull=True), name="dossier_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "returned", "decided", "void")), name="dossier_state_known"
            ),
        )


class StageRun(models.Model):
    """A stage of a dossier: waiting for ratings, done, or skipped with its reason (nobody eligible)."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the dossier"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="runs")
    stage = models.CharField(max_length=24)
    place = models.SmallIntegerField()
    wanted = models.SmallIntegerField()  # number of reviewers the document asks for
    decides = models.BooleanField()
    state = models.CharField(max_length=12, default="waiting")  # waiting, done, skipped
    skipped_because = models.CharField(max_length=40, default="")
    due_on = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("dossier", "stage"), name="stage_run_once"),)


class AssignmentQuerySet(WithinQuerySet["Assignment"]):
    """Reached by offices through the person judged; reviewers reach theirs by `queries.assigned_to`."""

    person_path = "judged"


class Assignment(models.Model):
    """A dossier given to a reviewer in a stage; never to the person judged."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the dossier"

    run = models.ForeignKey(StageRun, models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="assignments")
    judged = models.ForeignKey(
        Person, models.PROTECT, related_name="+"
    )  # repeated here so that the database can refuse it
    role = models.CharField(max_length=12)  # self, peer, panel, backbone, team, expert, third
    basis = models.CharField(max_length=24, default="")  # as `rules.way_of` says: why this reviewer
    state = models.CharField(max_length=12, default="assigned")  # assigned, opened, done, void
    assigned_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    void_reason = models.CharField(max_length=40, default="")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "reviewer"), name="assignment_once"),
            models.CheckConstraint(
                condition=Q(role="self") | ~Q(reviewer=F("judged")), name="assignment_never_to_oneself"
            ),
        )
        indexes = (models.Index(fields=("reviewer", "state", "due_on"), name="assignment_of_reviewer"),)  # my next one


class Recusal(models.Model):
    """A reviewer has said that they may not judge this person (kin, or anything else that makes them partial): from then on
    they are never asked to."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "with the people"
    whose: ClassVar = ("reviewer", "judged")

    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    judged = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # taken back

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("reviewer", "judged"), condition=Q(ended_at__isnull=True), name="recusal_one_in_force"
            ),
        )
        indexes = (models.Index(fields=("judged",), name="recusal_of_judged"),)  # who may not be asked?


class Rating(models.Model):
    """A reviewer's ticks on one piece of evidence; the level follows from them (semantics 19)."""

    personal: ClassVar = frozenset({"comment"})
    retention: ClassVar = "with the dossier"
    whose: ClassVar = ("assignment__judged", "assignment__reviewer")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="ratings")
    seq = models.SmallIntegerField()  # the piece of evidence
    ticks = models.JSONField(default=list)  # ["pass:1", "excellent:2"]
    level = models.CharField(max_length=12, default="")  # '' while not everything was looked at
    comment = models.TextField(default="")
    final = models.BooleanField(default=False)
    saved_at = models.DateTimeField()
    revision = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("assignment", "seq"), name="rating_once"),)


class Phrase(models.Model):
    """A reviewer's reusable phrase."""

    personal: ClassVar = frozenset({"text"})
    retention: ClassVar = "with the account"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.CASCADE, related_name="phrases")
    text = models.CharField(max_length=400)
    used = models.IntegerField(default=0)


class ResultsSheet(models.Model):
    """A sheet of results that somebody brought in: what it brought can be taken back as a whole."""

    personal: ClassVar = frozenset({"name"})
    retention: ClassVar = "with its results"
    whose: ClassVar = ("by",)

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # the office it was brought in for
    name = models.CharField(max_length=200)  # of the file
    by = models.BigIntegerField(null=True)  # the person who brought it; null: the platform's own command
    at = models.DateTimeField()
    rows = models.IntegerField()
    created = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    taken_back_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")  # why it was taken back

    class Meta:
        indexes = (models.Index(fields=("unit", "at"), name="results_sheet_of_unit"),)


class ResultQuerySet(WithinQuerySet["Result"]):
    """Results in reach: one's own, and those of the people of one's units."""

    person_path = "person"


class Result(models.Model):
    """The decided level of one attempt. The best one that was not overturned is the point's result (semantics 21)."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "ten years: certificates rest on it"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="results")
    enrolment = models.BigIntegerField()
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, related_name="results"
    )  # null: brought in by a sheet
    item = models.CharField(max_length=12)  # point, recording
    point = models.CharField(max_length=24, default="")
    level = models.CharField(max_length=12)
    detail = models.JSONField(default=dict)  # evidence seq -> level, and who rated how (assignment ids)
    decided_at = models.DateTimeField()
    decided_on = models.DateField()
    source = models.CharField(max_length=16, default="stages")  # stages, sheet, overturn, acceptance, sample
    sheet = models.ForeignKey(ResultsSheet, models.PROTECT, null=True, related_name="results")
    overturns = models.OneToOneField("self", models.PROTECT, null=True, related_name="overturned_by")
    overturned_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")

    objects = ResultQuerySet.as_manager()

    state: str  # annotated by queries.results_of_sheet: stands, overturned, taken-back, away

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="result_level_known"),
            models.UniqueConstraint(
                fields=("submission",), condition=Q(overturned_at__isnull=True), name="result_one_in_force"
            ),
        )
        indexes = (
            models.Index(fields=("enrolment", "item", "point"), name="result_of_enrolment"),
            models.Index(fields=("person",), name="result_of_person"),
        )


class Acceptance(models.Model):
    """A school's results in a stage that `accepts`, after the decision: signed by as many people as the stage asks for, or
    refused. Without a row nobody has asked for it yet."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "ten years: certificates rest on it"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the school
    state = models.CharField(max_length=12, default="open")  # open, accepted, refused
    signatures = models.SmallIntegerField(default=0)
    signers = ArrayField(models.BigIntegerField(), default=list)  # everybody behind them: each signs once
    asked_at = models.DateTimeField(null=True)  # by the school
    due_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)  # of a decision that was taken back too
    taken_back_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")  # why it was refused; about the school: nobody's (adr/0073)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("programme", "stage", "unit"), name="acceptance_once"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "accepted", "refused")), name="acceptance_state_known"
            ),
        )


class AcceptedPersonQuerySet(WithinQuerySet["AcceptedPerson"]):
    """Reached through the person."""

    person_path = "person"


class AcceptedPerson(models.Model):
    """What became of one person's results in an acceptance: accepted up to a result, refused, or that taken back."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "ten years: certificates rest on it"
    whose: ClassVar = ("person",)

    acceptance = models.ForeignKey(Acceptance, models.PROTECT, related_name="people")
    enrolment = models.BigIntegerField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)  # accepted, refused, open (taken back)
    through = models.BigIntegerField()  # the newest result that was looked at: later ones wait
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=400, default="")

    objects = AcceptedPersonQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("acceptance", "enrolment"), name="accepted_person_once"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "accepted", "refused")), name="accepted_person_state_known"
            ),
        )
        indexes = (
            models.Index(fields=("enrolment",), name="accepted_of_enrolment"),  # does a certificate wait?
            models.Index(fields=("person",), name="accepted_of_person"),
            models.Index(fields=("at",), name="accepted_lately"),  # whose certificates may be due now?
        )
