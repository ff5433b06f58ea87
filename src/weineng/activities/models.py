"""School-based research: sessions, who signed in, minutes, products."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast

from weineng.kernel.actors import Actor, Permission, Reach
from weineng.kernel.clock import CIVIL, today
from weineng.organisations.models import Person, Posting, Unit
from weineng.organisations.reach import WithinQuerySet, same_people

STATES = ("planned", "open", "closed", "void")


MOVES = {  # state -> states it may go to
    "planned": ("open", "closed", "void"),
    "open": ("closed", "void"),
    "closed": ("open", "void"),
    "void": ("closed",),
}
KINDS = ("school-research", "face-to-face")
LONGEST = 600  # minutes that a member can earn in one session: ten hours
LONGEST_SPAN = timedelta(hours=24)  # from its beginning to its end; what lasts for days is a session each day
FORMS = ("lesson-study", "case-discussion", "recording-analysis", "training")


class SessionQuerySet(WithinQuerySet["Session"]):
    """Sessions in the words of the field."""

    unit_path = "unit"
    date_path = "held_on"

    def reach(self, by: Actor, permission: Permission, *, changing: bool = False) -> Q:
        """Also, for oneself: the sessions of one's own group and school, and those one took part in."""
        reached = super().reach(by, permission, changing=changing)
        if by.person is not None and permission.code in by.own and Reach.OWN in permission.reaches:
            mine = Posting.objects.filter(person=by.person, during__contains=today())
            reached |= Q(unit__in=mine.values("unit")) | Q(unit__in=mine.values("school"))
            reached |= Q(pk__in=SignIn.objects.filter(person__in=same_people([by.person])).values("session"))
        return reached


class Session(models.Model):
    """One meeting of a group or school; its signed-in members earn its minutes once it is closed with minutes and a product."""

    personal: ClassVar = frozenset({"minutes_text"})
    retention: ClassVar = "ten years"
    whose: ClassVar = ("host",)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sessions")
    programme = models.CharField(max_length=40)  # its code; the programme stands above this module
    kind = models.CharField(max_length=24)  # school-research, face-to-face
    form = models.CharField(max_length=24)  # lesson-study, case-discussion, recording-analysis, training
    title = models.CharField(max_length=160)
    points = ArrayField(models.CharField(max_length=24), default=list)  # the capability points it is about
    place_name = models.CharField(max_length=120, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_on = models.GeneratedField(  # civil date of the end (semantics 2): whose office it was held under
        expression=Cast(Func(Value(str(CIVIL)), F("ends_at"), function="timezone"), models.DateField()),
        output_field=models.DateField(),
        db_persist=True,
    )
    duration = models.IntegerField()  # whole minutes that a member earns
    plan_revision = models.IntegerField(default=0)  # grows each time what is planned is changed
    host = models.ForeignKey(Person, models.PROTECT, related_name="+")
    code = models.CharField(max_length=8, default="")  # the sign-in word shown on the wall while the session is open
    state = models.CharField(max_length=8, default="planned")
    minutes_text = models.TextField(default="")
    minutes_revision = models.IntegerField(default=0)  # grows each time the minutes are saved
    closed_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=400, default="")
    changed_at = models.DateTimeField()  # the settle loop takes what changed since it last looked

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(duration__gt=0, duration__lte=LONGEST), name="session_has_minutes"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="session_state_known"),
        )
        indexes = (
            models.Index(fields=("unit", "starts_at"), name="session_of_unit"),
            models.Index(fields=("changed_at",), name="session_changed"),
        )


class SignIn(models.Model):
    """A member was there: by the word on the wall, or entered by the host."""

    personal: ClassVar = frozenset({"struck_reason"})
    retention: ClassVar = "with the session"
    whose: ClassVar = ("person",)

    session = models.ForeignKey(Session, models.CASCADE, related_name="sign_ins")
    person = models.ForeignKey(Person, models.PROTECT, related_name="sign_ins")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)  # code, host
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("session", "person"), name="sign_in_once"),)


class WrongWords(models.Model):
    """How many wrong words somebody typed to sign in to a session since it was opened, so that nobody tries them all out."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "until the session is opened or closed"

    session = models.ForeignKey(Session, models.CASCADE, related_name="wrong_words")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    count = models.SmallIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("session", "person"), name="wrong_words_once"),)


class Product(models.Model):
    """What the session produced: a file (files.Use with holder activities.product) or a text."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the session"

    session = models.ForeignKey(Session, models.CASCADE, related_name="products")
    title = models.CharField(max_length=160)
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
