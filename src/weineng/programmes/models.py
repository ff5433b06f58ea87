"""A programme is data: a versioned document, who is enrolled, what was opened for them, whose numbers must be recounted."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q

from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import WithinQuerySet

PROPOSAL_STATES = ("proposed", "confirmed", "refused", "withdrawn")
APPROVAL_STATES = ("asked", "withdrawn", "returned", "approved", "ended")
DRAFT_STATES = ("open", "published", "discarded")


class Programme(models.Model):
    """One programme for a part of the tree, run by its owner unit."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    code = models.CharField(max_length=40, unique=True)
    owner = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="programmes")  # null: a base, run by nobody
    title = models.JSONField()
    started_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)  # before closing nobody is 'not passed' (semantics 24)


class Version(models.Model):
    """A published document, with everything it extends folded in; never changed afterwards."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: every verdict names its version"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    source = models.TextField()  # the YAML as loaded
    document = models.JSONField()  # the whole document, bases folded in, in canonical form
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("programme", "number"), name="version_number_once"),)


class ProposalQuerySet(WithinQuerySet["Proposal"]):
    """Proposals are reached by the unit that runs the programme."""

    unit_path = "programme__owner"


class Proposal(models.Model):
    """A change of a programme that has started: another document, with a reason, looked at before a second person confirms it.

    The look (whom it would concern) is written down by the worker; its rows go once the change is in force or turned down,
    its sums stay."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: why a version came about, and who confirmed it"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="proposals")
    against = models.ForeignKey(Version, models.PROTECT, related_name="+")  # in force when it was proposed
    source = models.TextField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    base = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    base_code = models.CharField(max_length=40, default="")
    everybody = models.BooleanField()  # those who take part already move too; else it holds for new enrolments only
    reason = models.CharField(max_length=400)
    proposed_by = models.BigIntegerField(null=True)  # null: by command on the machine
    proposed_for = models.BigIntegerField(null=True)  # on whose behalf: they cannot confirm it either
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="proposed")
    decided_by = models.BigIntegerField(null=True)
    decided_for = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=400, default="")  # why it was refused
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="made_of")  # what it became
    applied_at = models.DateTimeField(null=True)  # everybody it concerns is judged by it
    moved = models.IntegerField(default=0)  # enrolments that were moved to it so far
    changes = models.BigIntegerField(default=0)  # standings that were counted otherwise since it was proposed
    looks_asked = models.IntegerField(default=1)
    looks_made = models.IntegerField(default=0)
    gone = models.SmallIntegerField(default=0)  # per cent of the look that is under way
    looked_at = models.DateTimeField(null=True)
    look = models.JSONField(default=dict)  # its sums (queries.Look)
    look_mark = models.CharField(max_length=64, default="")  # says which look it is
    look_changes = models.BigIntegerField(default=0)  # `changes` when it began

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=PROPOSAL_STATES), name="proposal_state_known"),
            models.CheckConstraint(condition=~Q(proposed_by=F("decided_by")), name="proposal_needs_a_second_person"),
            # One change at a time: a second one would be looked at against what the first is about to change.
            models.UniqueConstraint(fields=("programme",), condition=Q(state="proposed"), name="proposal_one_waits"),
        )


class DraftQuerySet(WithinQuerySet["Draft"]):
    """Drafts are reached by the office they belong to."""

    unit_path = "owner"


class Draft(models.Model):
    """A document that an office is still writing: any text, right or wrong, until it is published or thrown away."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: a document that was thrown away can be taken up again"

    owner = models.ForeignKey(Unit, models.PROTECT, related_name="drafts")
    source = models.TextField()
    code = models.CharField(max_length=40, default="")  # of the programme, as far as the text can be read
    title = models.JSONField(default=dict)
    begun_from = models.CharField(
        max_length=60, default=""
    )  # what it was begun with: nothing, a plan, a base, a programme
    revision = models.IntegerField(default=1)
    begun_at = models.DateTimeField()
    begun_by = models.BigIntegerField(null=True)
    edited_at = models.DateTimeField()
    edited_by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="open")
    ended_at = models.DateTimeField(null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=DRAFT_STATES), name="draft_state_known"),)
        indexes = (models.Index(fields=("owner", "state"), name="draft_of_owner"),)


class ApprovalQuerySet(WithinQuerySet["Approval"]):
    """Approvals are reached by the office that asks; whoever decides stands at or above it."""

    unit_path = "owner"


class Approval(models.Model):
    """Lines of a base that a refinement says otherwise where the base lets a level above decide (`may_replace`): asked for with
    the text as it stood, and given or returned by an office of that level. Given, it holds for these very values."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: why a document says otherwise than its base"

    code = models.CharField(max_length=40)  # of the programme, which need not be published yet
    title = models.JSONField(default=dict)
    owner = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # runs the programme, or will
    approver = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)  # the document's word for it
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="approvals")
    lines = models.JSONField()  # [{path, base, value, said: {language: [[before, after]]}}]
    reason = models.CharField(max_length=400)
    asked_by = models.BigIntegerField(null=True)
    asked_for = models.BigIntegerField(null=True)  # on whose behalf: they cannot give it either
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="asked")
    decided_by = models.BigIntegerField(null=True)
    decided_for = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=400, default="")  # why it was returned or taken back

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=APPROVAL_STATES), name="approval_state_known"),
            models.UniqueConstraint(
                fields=("owner", "code", "level"), condition=Q(state="asked"), name="approval_one_waits"
            ),
        )
        indexes = (models.Index(fields=("approver", "state"), name="approval_of_approver"),)


class PreviewedQuerySet(WithinQuerySet["Previewed"]):
    """What a look says of people is reached as they are."""

    person_path = "person"


class Previewed(models.Model):
    """What a proposal would change for one enrolment; written by a look, as a SELECT."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "until the proposal is in force or has been turned down"

    # No foreign keys in the database: derived rows, up to one for each teacher of a province.
    proposal = models.ForeignKey(Proposal, models.DO_NOTHING, related_name="previewed", db_constraint=False)
    enrolment = models.BigIntegerField()
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+", db_constraint=False)
    school = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", db_constraint=False)  # or office
    was = models.CharField(max_length=12)  # overall verdict
    becomes = models.CharField(max_length=12)
    met = ArrayField(models.CharField(max_length=40), default=list)  # demands that would be met and are not
    lost = ArrayField(models.CharField(max_length=40), default=list)  # demands that would be open and are not
    issued = models.IntegerField(default=0)  # certificates
    ended = models.IntegerField(default=0)

    objects = PreviewedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("proposal", "enrolment"), name="previewed_once"),)


class PreviewedSchoolQuerySet(WithinQuerySet["PreviewedSchool"]):
    """Schools of a look are reached by the unit they are."""

    unit_path = "unit"


class PreviewedSchool(models.Model):
    """Of how many people of a school (or office) a proposal would change the verdict, and how many certificates."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "as Previewed"

    proposal = models.ForeignKey(Proposal, models.DO_NOTHING, related_name="schools", db_constraint=False)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", db_constraint=False)
    verdicts = models.IntegerField()
    gained = models.IntegerField()  # people who would have passed and have not
    fallen = models.IntegerField()  # people who have passed and would not have
    issued = models.IntegerField()
    ended = models.IntegerField()

    objects = PreviewedSchoolQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("proposal", "unit"), name="previewed_school_once"),)


class EnrolledSchoolQuerySet(WithinQuerySet["EnrolledSchool"]):
    """Schools are reached by the unit they are."""

    unit_path = "unit"

    def taking_part(self, on: date) -> "EnrolledSchoolQuerySet":
        """Enrolled by a date and not withdrawn by then."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)


class EnrolledSchool(models.Model):
    """A school (or office) takes part, in a batch: the code of a phase of the document."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="schools")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="enrolled_in")
    batch = models.CharField(max_length=24)
    since = models.DateField()
    until = models.DateField(null=True)
    people_since = models.DateField(null=True)  # from then on whoever joins the school by the roster is enrolled too

    objects = EnrolledSchoolQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("programme", "unit"), name="school_enrolled_once"),)


class EnrolmentQuerySet(WithinQuerySet["Enrolment"]):
    """Enrolments are reached as their person is, and by the host school of office staff."""

    person_path = "person"
    unit_path = "host"

    def taking_part(self, on: date) -> "EnrolmentQuerySet":
        """Those who have not left by a date."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))

    def standing_first(self) -> "EnrolmentQuerySet":
        """Of the enrolments of one person, first the one that has a standing: that of the record in force, else the oldest."""
        return self.order_by(F("person__merged_into").asc(nulls_first=True), "pk")


class Enrolment(models.Model):
    """One person in one programme (semantics 34), judged by the version it started under (semantics 36)."""

    personal: ClassVar = frozenset({"left_reason"})
    retention: ClassVar = "with the person's record"
    whose: ClassVar = ("person",)

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(Version, models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments")
    since = models.DateField()
    left_on = models.DateField(null=True)  # from this date not in the denominator; the record stays
    left_reason = models.CharField(max_length=200, default="")
    host = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # host school of office staff

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("programme", "person"), name="enrolment_once"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("since")), name="enrolment_left_after_start"
            ),
        )
        indexes = (models.Index(fields=("person",), name="enrolment_of_person"),)


class ExemptionQuerySet(WithinQuerySet["Exemption"]):
    """Exemptions are reached as the person of their enrolment is."""

    person_path = "enrolment__person"
    unit_path = "enrolment__host"

    def in_force(self, on: date) -> "ExemptionQuerySet":
        """Granted, not ended, and holding on a date."""
        return self.filter(granted_at__isnull=False, ended_at__isnull=True, during__contains=on)


class Exemption(models.Model):
    """A demand is taken from one person for some dates, with a reason and a second person (semantics 32)."""

    personal: ClassVar = frozenset({"reason", "end_reason"})
    retention: ClassVar = "with the enrolment"
    whose: ClassVar = ("enrolment__person",)

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="exemptions")
    demand = models.CharField(max_length=40)  # a demand's code, or '*' for the whole programme
    during = DateRangeField()
    reason = models.CharField(max_length=400)
    asked_by = models.BigIntegerField()
    asked_for = models.BigIntegerField(null=True)  # on whose behalf: they cannot grant it either
    granted_by = models.BigIntegerField(null=True)
    granted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=400, default="")

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(asked_by=F("granted_by")), name="exemption_needs_a_second_person"),
        )


class Gate(models.Model):
    """A part of the programme is open for an enrolment since a day; written by `progress` through an effect."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived"

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="gates")
    gate = models.CharField(max_length=40)
    opened_on = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("enrolment", "gate"), name="gate_once"),)


class Touched(models.Model):
    """Something that may change this enrolment's numbers happened. Append-only; drained by the settle loop."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "deleted once drained"

    enrolment = models.BigIntegerField()
    lane = models.SmallIntegerField(default=0)  # 0 a person's own act, 1 bulk
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("lane", "id"), name="touched_in_turn"),)


class Refinement(models.Model):
    """Which base a programme's version was folded from: shown as 'inherited from' beside each line."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    version = models.ForeignKey(Version, models.CASCADE, related_name="bases")
    base = models.ForeignKey(Version, models.PROTECT, null=True, related_name="refined_by")
    base_code = models.CharField(max_length=40)
    lines = ArrayField(models.CharField(max_length=120), default=list)  # document paths that come from the base
