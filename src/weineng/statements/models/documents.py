"""Documents that sources keep about agents and activities: bytes that nobody here reads."""

from typing import ClassVar

from django.db import models

from weineng.organisations.reach import WithinQuerySet
from weineng.statements.models.sources import Agent, Source


class DocumentQuerySet(WithinQuerySet["Document"]):
    """Documents in the words of the field."""

    source_path = "source__code"


class Document(models.Model):
    """A state, or a profile of an agent or an activity, as its source last sent it."""

    personal: ClassVar = frozenset({"contents", "name"})
    retention: ClassVar = "until its source deletes it; deleted with the person"
    whose: ClassVar = ("agent__person",)

    place = models.UUIDField(primary_key=True)  # rules.documents.place_of
    source = models.ForeignKey(Source, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(max_length=8)  # rules.documents.Kind
    # No constraint: the agent is written in the same transaction, and never deleted.
    agent = models.ForeignKey(Agent, models.DO_NOTHING, null=True, related_name="documents", db_constraint=False)
    activity = models.BigIntegerField(null=True)  # rules.keys, as the agent's
    registration = models.UUIDField(null=True)
    name = models.TextField()  # the id that the source gave it
    media_type = models.CharField(max_length=255)
    contents = models.BinaryField()
    changed_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = (
            # Which are there of this agent in this activity, and since when?
            models.Index(fields=("source", "kind", "agent", "activity", "changed_at"), name="document_of_context"),
        )
