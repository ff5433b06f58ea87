"""The hours lane: records as their sources said them, append-only, each traceable to where it came from."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from weineng.activities.models import Session
from weineng.organisations.models import Merge, Person, Unit
from weineng.organisations.reach import WithinQuerySet

ERASED = ""  # the content of a record whose person was erased: it compares with nothing


class Provider(models.Model):
    """A training platform or office that delivers records. `activities` is ours: the attendance of our own sessions. The
    sandbox of platform n is platform -n: nobody's, so that no office meets it, and its records are of nobody (docs/adr/0091)."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: records name it"

    code = models.CharField(max_length=48, unique=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="providers")  # who admitted it
    period_minutes = models.SmallIntegerField(
        default=0
    )  # how long its period (hour of learning) is; 0: it must send minutes
    active = models.BooleanField(default=True)
    days_ahead = models.IntegerField(default=0, db_default=0)  # of a sandbox: its server's date, from today
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(pk__gt=0, days_ahead=0) | Q(pk__lt=0, owner__isnull=True), name="provider_sandbox_of_nobody"
            ),
        )

    @property
    def sandbox(self) -> bool:
        """Whether it is the sandbox of a platform."""
        return self.pk < 0


class RecordQuerySet(WithinQuerySet["Record"]):
    """Records in the words of the field."""

    person_path = "person"
    unit_path = "unit"
    date_path = "event_on"
    source_path = "provider__code"

    def in_force(self) -> Self:
        """What a source still stands by: not voided, not superseded, and not itself a void."""
        return self.filter(void_of__isnull=True, voided_by__isnull=True, superseded_by__isnull=True)


class Record(models.Model):
    """What a source said: so many minutes of this course by this person, then. Corrections and voids are new records that
    point to the old; nothing is overwritten."""

    personal: ClassVar = frozenset({"person_type", "person_cipher", "person_digest", "person_name", "reason"})
    retention: ClassVar = "ten years after the cycle; person references erased with the person"
    whose: ClassVar = ("person",)

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="records")
    source_id = models.CharField(max_length=80)  # the source's own id of the record
    revision = models.SmallIntegerField(default=1)  # a source may correct a record under the same id
    content = models.CharField(max_length=64)  # hash of what was sent: same id + same content is unchanged
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="records")  # null until resolved
    invented = models.BigIntegerField(null=True)  # in a sandbox: whom of the invented people it is about
    person_type = models.CharField(
        max_length=48
    )  # how the source names the person: id-card, staff-number@…, platform:…
    person_cipher = models.BinaryField(null=True)
    person_digest = models.CharField(max_length=64, default="")
    person_name = models.CharField(max_length=80, default="")
    mode = models.CharField(
        max_length=24
    )  # online, face-to-face, school-research, offline …: what the document's kinds match on
    course = models.CharField(max_length=120)  # the source's course code
    canonical = models.CharField(max_length=180)  # provider-free course key; the same course under two names has one
    title = models.CharField(max_length=200, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    event_on = models.DateField()  # civil date of the end (semantics 2)
    minutes = models.IntegerField()
    passed = models.BooleanField(default=False, db_default=False)  # the source says that the course was passed
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # leaf at the event date, as then known
    arrived_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    void_of = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="voided_by"
    )  # this record only voids another
    with_sheet = models.BooleanField(
        default=False
    )  # it voids because the sheet was taken back: the other may come again
    reason = models.CharField(max_length=400, default="")
    batch = models.ForeignKey("Batch", models.PROTECT, null=True, related_name="records")

    objects = RecordQuerySet.as_manager()

    state: str  # annotated by queries.delivered: in-force, corrected, voided, void

    class Meta:
        constraints = (
            # A source's id names one record and its revisions: sending anything twice adds nothing.
            models.UniqueConstraint(fields=("provider", "source_id", "revision"), name="record_id_once"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="record_ends_after_start"),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="record_minutes_not_negative"),
            # What came into a sandbox is about nobody, and happened nowhere: so it is neither counted, told nor shown.
            models.CheckConstraint(
                condition=Q(provider__gt=0, invented__isnull=True)
                | Q(provider__lt=0, person__isnull=True, unit__isnull=True),
                name="record_in_sandbox_of_nobody",
            ),
        )
        indexes = (
            models.Index(fields=("person", "event_on"), name="record_of_person"),  # counting one person, and a set
            models.Index(
                fields=("person_type", "person_digest"), condition=Q(person__isnull=True), name="record_unresolved"
            ),
            models.Index(fields=("provider", "arrived_at"), name="record_of_provider"),
        )

    @property
    def known(self) -> bool:
        """Whether it is known whose it is."""
        return self.person_id is not None or self.invented is not None


class HoursSheet(models.Model):
    """A sheet of hours that somebody brought in: what it brought can be taken back as a whole."""

    personal: ClassVar = frozenset({"name"})
    retention: ClassVar = "with its records"
    whose: ClassVar = ("by",)

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="sheets")
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
        indexes = (models.Index(fields=("provider", "at"), name="hours_sheet_of_provider"),)


class Batch(models.Model):
    """One delivery: a call, or up to 1,000 rows of a sheet."""

    personal: ClassVar = frozenset({"name"})
    retention: ClassVar = "with its records"
    whose: ClassVar = ("sheet__by",)

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="batches")
    door = models.CharField(max_length=12)
    name = models.CharField(max_length=200, default="")
    rows = models.IntegerField()
    created = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)  # those in conflict too
    at = models.DateTimeField()
    sheet = models.ForeignKey(HoursSheet, models.PROTECT, null=True, related_name="batches")

    conflict: int  # annotated by queries.deliveries_of


class RefusedRow(models.Model):
    """A row of a delivery that was not stored, and why: what its sender has yet to mend."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with its delivery"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="refused_rows")
    place = models.SmallIntegerField()  # in the delivery, from 1
    source_id = models.CharField(max_length=80)  # as sent, cut where it was too long; '' where there was none
    status = models.CharField(max_length=8)  # refused, conflict
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)

    settled: bool  # annotated by queries: a later delivery brought a record under this id

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "place"), name="refused_row_once"),)


class RecordChange(models.Model):
    """What changed here about the records of a platform without its doing, as it is told: by ids of its own records, never by
    a number, so that nothing is told that it did not send."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the records"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="changes", db_index=False)
    what = models.CharField(max_length=16)  # rules.CHANGES
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")  # of a person: one of theirs
    other = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+")  # one of the same person
    merge = models.ForeignKey(Merge, models.PROTECT, null=True, related_name="+")  # by which they are the same
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(what__in=["same-person", "not-same-person"], other__isnull=False, merge__isnull=False)
                | (Q(other__isnull=True, merge__isnull=True) & ~Q(what__in=["same-person", "not-same-person"])),
                name="record_change_of_two",
            ),
        )
        indexes = (models.Index(fields=("provider", "id"), name="record_change_in_turn"),)


class Reckoning(models.Model):
    """What a platform has in its own books of the events of one day, as it said last."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the records"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="reckonings")
    on = models.DateField()
    records = models.IntegerField()
    minutes = models.BigIntegerField()
    people = models.IntegerField()
    passes = models.IntegerField(null=True)  # null: the platform says nothing of them
    said_at = models.DateTimeField()

    class Meta:
        constraints = (
            # A day has one sum: what is said of it again takes its place.
            models.UniqueConstraint(fields=("provider", "on"), name="reckoning_of_day"),
        )

    @property
    def numbers(self) -> tuple[int, int, int, int | None]:
        """Records, minutes, people, passes."""
        return self.records, self.minutes, self.people, self.passes


class StatementRule(models.Model):
    """Which statements of a platform are learning events, as an office agreed it with the platform (`rules.AgreedRule`). It is
    ended and made anew, never changed: what records followed from stays readable."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: records follow from it"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="statement_rules")
    verbs = ArrayField(models.CharField(max_length=500))
    activity = models.CharField(max_length=500, default="")
    below = models.BooleanField(default=False)
    needs = models.CharField(max_length=12, default="")  # rules.NEEDS
    least_score = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    minutes_by = models.CharField(max_length=12)  # rules.MINUTES_BY
    minutes = models.IntegerField(null=True)  # declared length, or the most that one statement brings
    mode = models.CharField(max_length=24)
    course = models.CharField(max_length=120, default="")
    by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(minutes_by="duration") | Q(minutes__isnull=False), name="statement_rule_has_length"
            ),
        )
        indexes = (
            models.Index(fields=("provider",), condition=Q(ended_at__isnull=True), name="statement_rule_in_force"),
        )


class AccountHome(models.Model):
    """Whose accounts those of a home page are: which type of number their names are, as agreed with the platform."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: records follow from it"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="account_homes")
    home_page = models.CharField(max_length=300)
    person_type = models.CharField(max_length=48)  # as ExternalIdentifier.type
    by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # One home page, one meaning: else the same account would be two people.
            models.UniqueConstraint(
                fields=("provider", "home_page"), condition=Q(ended_at__isnull=True), name="account_home_once"
            ),
        )


class Naming(models.Model):
    """An office said whom a platform means by a number that nobody had; ending it makes the records under it nobody's again."""

    personal: ClassVar = frozenset({"person_digest", "reason"})
    retention: ClassVar = "with the records"
    whose: ClassVar = ("person",)

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="namings")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    person_type = models.CharField(max_length=48)
    person_digest = models.CharField(max_length=64)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")  # why it was ended

    class Meta:
        constraints = (
            # A number names one person; a record's page finds by it who said so.
            models.UniqueConstraint(
                fields=("person_type", "person_digest"),
                condition=Q(ended_at__isnull=True) & ~Q(person_digest=""),
                name="naming_one_in_force",
            ),
        )


class Decision(models.Model):
    """An office decided that an overlap does not count (semantics 7); ending the decision counts it again."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "with the record"
    whose: ClassVar = ("record__person",)

    record = models.ForeignKey(Record, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=24)  # overlap-rejected
    reason = models.CharField(max_length=400)
    by = models.BigIntegerField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record",), condition=Q(ended_at__isnull=True), name="decision_one_in_force"
            ),
        )


class Taken(models.Model):
    """A session of ours whose attendance was turned into records, as it was then; taken again when it changes."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the session"

    session = models.OneToOneField(Session, models.PROTECT, related_name="taken")
    as_of = models.DateTimeField()  # the session's changed_at when it was taken
