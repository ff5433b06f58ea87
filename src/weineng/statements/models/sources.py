"""Whose store it is, and what statements talk about: agents and activities, each known by the hash of its identifier."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from weineng.accounts.rules import SANDBOX
from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import WithinQuerySet


class SourceQuerySet(WithinQuerySet["Source"]):
    """Sources in the words of the field."""

    unit_path = "unit"
    source_path = "code"


class Source(models.Model):
    """One who writes into the store: a platform, or the sandbox of a platform. All that is in the store belongs to one source;
    another one neither sees nor blocks it."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever: statements name it; of a sandbox until it is emptied"

    code = models.CharField(max_length=48, unique=True)  # learning.Provider.code
    unit = models.ForeignKey(  # the office whose key first opened it; null for a sandbox, which no office reads
        Unit, models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(code__endswith=SANDBOX) | Q(unit__isnull=True), name="source_sandbox_has_no_office"
            ),
        )


class Agent(models.Model):
    """Somebody (or an identified group) whom a source names, by an identifier that belongs to nobody else."""

    personal: ClassVar = frozenset({"identifier", "names"})
    retention: ClassVar = "with the statements; emptied with the person"
    whose: ClassVar = ("person",)

    key = models.BigIntegerField(primary_key=True)  # rules.keys.agent_key
    source = models.ForeignKey(  # no constraint: it would lock the row of the source again and again
        Source, models.PROTECT, related_name="agents", db_constraint=False, db_index=False
    )
    identifier = models.TextField()  # as `rules.keys.identity` writes it
    names = ArrayField(models.TextField(), default=list)  # every name it came with, at most NAMES_KEPT
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # null until resolved


class Activity(models.Model):
    """Something that is done, as a source describes it: what came last wins, member by member."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the statements"

    key = models.BigIntegerField(primary_key=True)  # rules.keys.activity_key
    source = models.ForeignKey(Source, models.PROTECT, related_name="activities", db_constraint=False, db_index=False)
    iri = models.TextField()
    definition = models.TextField(default="")  # JSON; '' where nobody described it
