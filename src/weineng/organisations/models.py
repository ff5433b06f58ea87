"""Units, their dated tree, people, and where people stand in it.

Nothing here is ever overwritten: edges, names, flags and postings have dates, and a question always names its date.
Two dates matter (architecture, dated organisation): `during` is when something held, `known_at` when we learnt of it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

LEVELS = ("province", "city", "county", "zone", "school", "group")
AREAS = LEVELS[:4]  # what schools stand below
KINDS = (
    "area", "zone", "office", "kindergarten", "primary", "junior", "nine-year", "twelve-year", "complete-middle", "senior",
    "vocational", "special", "teaching-point", "group",
)  # fmt: skip
# Which kinds a unit of a level can be: an office or a school stands at the level of schools.
KINDS_OF = {
    "province": KINDS[:1], "city": KINDS[:1], "county": KINDS[:1], "zone": KINDS[1:2], "school": KINDS[2:-1], "group": KINDS[-1:],
}  # fmt: skip
ESTABLISHMENTS = ("established", "contract", "substitute", "seconded-in")
IN_POST_STATES = ("in-post", "long-leave", "seconded-out", "retired")
STAGES = ("preschool", "primary", "junior", "senior", "vocational", "special")


REORGANISATIONS = ("merge", "split")
ERASURE_STATES = ("asked", "withdrawn", "refused", "expired", "confirmed", "done")


def _one(column: str) -> Func:
    """A bigint as a one-point range: PostgreSQL's built-in GiST knows ranges, so no contrib extension is needed."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


class Unit(models.Model):
    """A province, city, county, zone, school or teaching group. Units without codes are normal."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: the skeleton of every figure"

    code = models.CharField(max_length=24, unique=True, null=True)  # ours or the office's; null for units without one
    official_code = models.CharField(max_length=24, null=True)  # 10-digit school code or area code; may be missing
    name = models.CharField(max_length=120)  # the present name; former ones are in UnitName
    level = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)
    flags = ArrayField(models.CharField(max_length=24), default=list)  # present flags; history in UnitFlag
    stages = ArrayField(models.CharField(max_length=16), default=list)
    place = models.IntegerField(default=0)  # staff order among siblings on lists and papers
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)  # first day on which it is no more

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="unit_level_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="unit_kind_known"),
            # Two units may share an official code only after one of them closed (codes survive mergers).
            models.UniqueConstraint(
                fields=("official_code",),
                condition=Q(closed_on__isnull=True, official_code__isnull=False),
                name="unit_official_code_once",
            ),
        )


class UnitName(models.Model):
    """A name a unit bore: spreadsheets keep using it for years."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="names")
    name = models.CharField(max_length=120)
    during = DateRangeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("unit", "name", "during"), name="unit_name_once"),)


class UnitFlag(models.Model):
    """A flag (urban, town, rural, poverty, minority, pilot, smart-education, assigns-host-school …) and when it held."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: rules ask for flags at a date"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="flag_history")
    flag = models.CharField(max_length=24)
    during = DateRangeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("unit", "flag", "during"), name="unit_flag_once"),)


class Edge(models.Model):
    """`child` stood under `parent` for a time. The `line` edges are a tree at every instant; other kinds are labels."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    child = models.ForeignKey(Unit, models.PROTECT, related_name="edges_up")
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="edges_down")
    kind = models.CharField(max_length=16, default="line")  # line, zone, central-school, location
    during = DateRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(child=F("parent")), name="edge_not_to_itself"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="edge_holds_some_day"),
            # One line parent at every instant: what makes the dated tree a tree.
            ExclusionConstraint(
                name="edge_one_line_parent",
                expressions=((_one("child_id"), RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)),
                condition=Q(kind="line"),
                deferrable=Deferrable.DEFERRED,
            ),
        )


class Closure(models.Model):
    """`unit` was somewhere below `ancestor` (depth 0: itself) for a time; rebuilt in the transaction of every move."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "derived from Edge"

    ancestor = models.ForeignKey(Unit, models.PROTECT, related_name="closure_down")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="closure_up")
    depth = models.SmallIntegerField()
    during = DateRangeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("ancestor", "unit", "during"), name="closure_once"),)
        indexes = (
            models.Index(fields=("ancestor", "unit"), name="closure_what_is_below"),  # which units are under this one?
            models.Index(fields=("unit", "ancestor"), name="closure_what_is_above"),  # breadcrumbs, who is responsible?
        )


class Nameless(str):
    """What is read where a name was erased: words in the reader's language, which are never written back."""

    __slots__ = ()


class NameField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A person's name. Where it was erased the table holds nothing, and whoever reads it gets a placeholder, so that no list
    has to think of it."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:  # noqa: ARG002 (Django's)
        """The name; of somebody erased the placeholder."""
        return Nameless(gettext("Erased person")) if value == "" else value

    def get_prep_value(self, value: object) -> object:
        """The name as it is stored."""
        return super().get_prep_value("" if isinstance(value, Nameless) else value)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """For the database it is a text like others."""
        name, _path, args, given = super().deconstruct()
        return name, "django.db.models.CharField", args, given


class Person(models.Model):
    """One human being, whatever they are called and wherever they work; two records of one person can be merged."""

    personal: ClassVar = frozenset(
        {"name", "name_index", "name_order", "gender", "birth_date", "phone", "mail", "mail_digest"}
    )
    retention: ClassVar = (
        "ten years after the last posting ended; then name, phone, mail erased, key and figures remain"
    )
    whose: ClassVar = ("pk",)

    name = NameField(max_length=80)  # '' once erased: read as a placeholder
    name_order = models.CharField(max_length=160, default="")  # pinyin, since collation C cannot order Chinese
    name_index = ArrayField(models.CharField(max_length=16), default=list)  # uni- and bigrams and pinyin initials
    gender = models.CharField(max_length=1, default="")  # m, f or unknown
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=20, default="")
    mail = models.CharField(max_length=120, default="")
    mail_digest = models.CharField(
        max_length=64, default=""
    )  # rules.mail_digest: platforms name people by the hash of it
    licence = models.BooleanField(null=True)  # teaching licence: yes, no, not told
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_from")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)  # nothing of them is known any more; the Erasure says why

    class Meta:
        constraints = (
            # A record that answers with itself would be out of everybody's reach.
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_itself"),
        )
        indexes = (
            GinIndex(fields=("name_index",), name="person_by_name"),  # search as one types
            models.Index(fields=("name_order", "id"), name="person_in_order"),  # lists in the order of names
            # Who is meant by a row that still names a merged record?
            models.Index(Coalesce("merged_into", "id"), name="person_current"),
            # Whom does a platform mean by a mail, or by its hash?
            models.Index(fields=("mail_digest",), condition=~Q(mail_digest=""), name="person_by_mail"),
        )


class ExternalIdentifier(models.Model):
    """A number by which others know a person: encrypted, found again by a keyed hash. None is required."""

    personal: ClassVar = frozenset({"cipher", "digest"})
    retention: ClassVar = "until the person is erased; then the row is deleted"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="identifiers")
    type = models.CharField(
        max_length=48
    )  # id-card, passport, register-code, staff-number@<unit>, mail, platform:<code>
    cipher = models.BinaryField()
    digest = models.CharField(max_length=64)
    key_version = models.SmallIntegerField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # first day on which it no longer names this person

    class Meta:
        constraints = (
            # One number, one person (while valid): the match of every import rests on it.
            models.UniqueConstraint(
                fields=("type", "digest"), condition=Q(valid_to__isnull=True), name="identifier_names_one_person"
            ),
        )
        indexes = (models.Index(fields=("person",), name="identifier_of_person"),)


class Posting(models.Model):
    """A person's post at a unit for a time. One of those that hold at a date is the home posting (semantics 29)."""

    personal: ClassVar = frozenset({"staff_number"})
    retention: ClassVar = "with the person"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="postings")
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="postings"
    )  # a group, or a school for those without one
    school = models.ForeignKey(Unit, models.PROTECT, related_name="school_postings")  # the school (or office) of `unit`
    during = DateRangeField()
    home = models.BooleanField(default=True)
    establishment = models.CharField(max_length=16, default="")
    in_post = models.CharField(max_length=16, default="in-post")
    stage = models.CharField(max_length=16, default="")
    subject = models.CharField(max_length=24, default="")
    post = models.CharField(max_length=40, default="")
    staff_number = models.CharField(max_length=24, default="")
    entered_on = models.DateField(null=True)  # when the person joined the school, as the roster says
    known_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(during__isempty=False), name="posting_holds_some_day"),
            models.CheckConstraint(
                condition=Q(establishment__in=("", *ESTABLISHMENTS)), name="posting_establishment_known"
            ),
            models.CheckConstraint(condition=Q(in_post__in=IN_POST_STATES), name="posting_in_post_known"),
            # At every instant at most one home posting: each person is counted once.
            ExclusionConstraint(
                name="posting_one_home",
                expressions=((_one("person_id"), RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)),
                condition=Q(home=True),
                deferrable=Deferrable.DEFERRED,
            ),
        )
        indexes = (
            models.Index(fields=("unit", "person"), name="posting_by_unit"),  # who is in this group?
            models.Index(fields=("school", "person"), name="posting_by_school"),
            models.Index(fields=("person",), name="posting_of_person"),
            GistIndex(fields=("during",), name="posting_when"),  # whose posting begins or ends on this day?
        )


class Merge(models.Model):
    """Two records turned out to be one person. Holds what moved, so that it can be undone."""

    personal: ClassVar = frozenset({"moved", "reason"})
    retention: ClassVar = "with the person"
    whose: ClassVar = ("kept", "gone")

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges_kept")
    gone = models.ForeignKey(Person, models.PROTECT, related_name="merges_gone")
    moved = models.JSONField(default=dict)  # table -> ids that were re-pointed, rows as they were before
    at = models.DateTimeField()
    reason = models.CharField(max_length=400)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
            models.UniqueConstraint(fields=("gone",), condition=Q(undone_at__isnull=True), name="merge_gone_once"),
        )


class Roster(models.Model):
    """A roster that went in: what it wrote, so that it can be taken back while nothing rests on it."""

    personal: ClassVar = frozenset({"wrote", "name"})
    retention: ClassVar = (
        "with the people it brought in: erasing one takes their rows out of what it wrote; the counts stay"
    )
    whose: ClassVar = ("by",)  # the name of the file; what it wrote is of many

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rosters")
    name = models.CharField(max_length=200, default="")  # of the file
    as_of = models.DateField()
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    new = models.IntegerField()
    changed = models.IntegerField()
    same = models.IntegerField()
    wrote = models.JSONField(default=dict)  # table -> ids that were made, rows as they were before
    undone_at = models.DateTimeField(null=True)


class Reorganisation(models.Model):
    """From a day on people and groups of `unit` belong to `other`: all of them, and `unit` is no more (a merge), or some of them,
    and `other` is new (a split). Holds what was before and after, so that it can be taken back."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: why people are counted where they are"

    kind = models.CharField(max_length=8)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    other = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    on = models.DateField()  # the first day on which it holds
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=400)
    people = models.IntegerField()  # whose posts went along
    wrote = models.JSONField(default=dict)  # posts (without staff numbers) and edges as they were and as they became
    followed = models.JSONField(default=dict)  # module → what it did because of it
    undone_at = models.DateTimeField(null=True)
    taken_back = ArrayField(models.CharField(max_length=24), default=list)  # modules that took back what they did

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=REORGANISATIONS), name="reorganisation_kind_known"),
            models.CheckConstraint(condition=~Q(unit=F("other")), name="reorganisation_of_two"),
        )


class Change(models.Model):
    """Something about a unit or person changed for some dates: modules above read it and derive anew what rests on it."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "deleted once everybody has read it"

    unit = models.ForeignKey(Unit, models.CASCADE, null=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    during = DateRangeField(null=True)
    at = models.DateTimeField()
    read_by = ArrayField(models.CharField(max_length=24), default=list)  # modules that have followed it already


class TreeChange(models.Model):
    """Units that were known stand under others than before, on some days: sums that were kept by the tree are to be made anew."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "deleted once the sums have followed"

    at = models.DateTimeField()


class Erasure(models.Model):
    """Somebody is to be erased: asked for by one, confirmed by another. Modules read what was confirmed and erase what is theirs,
    each in a step of the worker; this row is what remains to say that it was done, when, why and by whom."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = (
        "for ever: the proof that it was done; its reason names a rule or a request, nothing of the person"
    )

    person = models.ForeignKey(Person, models.PROTECT, related_name="erasures")  # the record in force
    records = ArrayField(models.BigIntegerField(), default=list)  # it and all merged into it when it was asked for
    reason = models.CharField(max_length=400)
    asked_by = models.BigIntegerField()
    asked_for = models.BigIntegerField(null=True)  # on whose behalf: they cannot confirm it either
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="asked")
    decided_by = models.BigIntegerField(null=True)  # who confirmed or refused it
    decided_for = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)  # confirmed, refused, withdrawn, expired
    end_reason = models.CharField(max_length=400, default="")  # why it was refused
    erased_by = ArrayField(models.CharField(max_length=24), default=list)  # modules that have erased what was theirs
    done_at = models.DateTimeField(null=True)  # nothing is left

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ERASURE_STATES), name="erasure_state_known"),
            models.CheckConstraint(condition=~Q(asked_by=F("decided_by")), name="erasure_needs_a_second_person"),
            # One request at a time, and nobody is erased twice.
            models.UniqueConstraint(
                fields=("person",), condition=Q(state__in=("asked", "confirmed", "done")), name="erasure_one_in_force"
            ),
        )
        indexes = (
            # What waits: for a second person, for its end, for the modules? Hardly ever a row.
            models.Index(
                fields=("state", "id"), condition=Q(state__in=("asked", "confirmed")), name="erasure_under_way"
            ),
        )
