"""Statements as they were said. Found by hashes of what they name, in the order in which they were stored.

`seq` is the order and the time: microseconds since 2020 at which the statement was stored, times 4096, plus the turn of the
call that brought it (`rules.times`). So pages, `since` and `until` are ranges of the key, and a range of time is a range of rows.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from weineng.statements.models.sources import Agent, Source

ERASED = b""  # the digest of a statement that was emptied: whatever is sent under its id is taken for the same


class Statement(models.Model):
    """Something that was said, word for word; it never changes. Whether it is voided is asked of the statements that void."""

    personal: ClassVar = frozenset({"body"})
    retention: ClassVar = "ten years after the cycle; emptied with the person"
    whose: ClassVar = ("actor__person",)

    seq = models.BigIntegerField(primary_key=True)
    source = models.ForeignKey(  # no constraint: it would lock the source's row for each statement
        Source, models.PROTECT, related_name="statements", db_constraint=False, db_index=False
    )
    sid = models.UUIDField()  # the id that the source, or else the store, gave it
    body = models.TextField()  # JSON as it is answered in the format `exact`; '' once erased
    digest = models.BinaryField()  # of what was sent: the same again is no conflict
    # Hashes (rules.keys). No constraint: the agent is written in the same transaction, and never deleted.
    actor = models.ForeignKey(
        Agent, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    verb = models.BigIntegerField()
    activity = models.BigIntegerField(null=True)  # null where the object is something else
    registration = models.BigIntegerField(null=True)
    target = models.UUIDField(null=True)  # the statement that is its object
    voids = models.BooleanField(default=False)  # its target

    class Meta:
        constraints = (
            # A source says a thing once; COPY relies on it when two calls bring the same.
            models.UniqueConstraint(fields=("source", "sid"), name="statement_once"),
        )
        indexes = (
            models.Index(fields=("source", "seq"), name="statement_latest"),
            models.Index(fields=("actor", "seq"), name="statement_of_actor"),
            models.Index(fields=("verb", "seq"), name="statement_of_verb"),
            models.Index(fields=("activity", "seq"), condition=Q(activity__isnull=False), name="statement_of_activity"),
            # Who completed this? Else the planner intersects all of the activity with all of the verb, more each day.
            models.Index(
                fields=("activity", "verb", "seq"),
                condition=Q(activity__isnull=False),
                name="statement_of_activity_by_verb",
            ),
            models.Index(
                fields=("registration", "seq"), condition=Q(registration__isnull=False), name="statement_registered"
            ),
            # Which statements target, and which void, this one?
            models.Index(fields=("source", "target"), condition=Q(target__isnull=False), name="statement_targets"),
            models.Index(fields=("source", "target"), condition=Q(voids=True), name="statement_voids"),
        )


class Relation(models.Model):
    """A statement names an agent or activity elsewhere than as actor or activity it is about: one row for each, in time order."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the statement"

    pk = models.CompositePrimaryKey("key", "statement_id")
    key = models.BigIntegerField()
    statement = models.ForeignKey(
        Statement, models.CASCADE, related_name="relations", db_constraint=False, db_index=False
    )


class Pending(models.Model):
    """A statement of which the modules above have not yet made what follows from it."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "until it was read"

    statement = models.OneToOneField(Statement, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)


class Attachment(models.Model):
    """A file that came with a statement. Its bytes lie in the file store, under `digest` and behind the mark of its source."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the statement; deleted when it is emptied"

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="attachments", db_constraint=False)
    sha2 = models.CharField(max_length=128)  # as the statement names it
    digest = models.CharField(max_length=64)  # its place in the store
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=255)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("statement", "sha2"), name="attachment_once"),)
        indexes = (models.Index(fields=("digest",), name="attachment_bytes"),)  # does anybody still need these bytes?


class Stray(models.Model):
    """A file that goes into the store before its statements are written: until they are, or if they never are, this says that it is
    there."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "until its statements are written, at most an hour"

    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("digest",), name="stray_bytes"),
            models.Index(fields=("at",), name="stray_since"),
        )
