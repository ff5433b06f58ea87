"""Messages: everybody is told once what concerns them: on the bell, in a mail digest where mail is configured."""

from collections.abc import Collection
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL


class MessageQuerySet(models.QuerySet["Message"]):
    """Words for messages."""

    def of(self, person: int) -> Self:
        """What was told to a person under any record of theirs: messages name whom they named, merges are followed."""
        sql = "select id from organisations_person where coalesce(merged_into_id, id) = %s"  # people stand above: no import
        return self.filter(person__in=RawSQL(sql, (person,)))  # noqa: S611 (a constant; the id is a parameter)

    def to_readers(self, people: Collection[int]) -> Self:
        """What was told to any of these people in force under any record of theirs, with each one's `reader`."""
        behind = "select id from organisations_person where coalesce(merged_into_id, id) = any(%s)"
        reader = "(select coalesce(merged_into_id, id) from organisations_person p where p.id = notices_message.person)"
        found = self.filter(person__in=RawSQL(behind, (list(people),)))  # noqa: S611 (a constant; the ids are a parameter)
        return found.annotate(reader=RawSQL(reader, (), output_field=models.BigIntegerField()))  # noqa: S611 (a constant)


class Message(models.Model):
    """One event told to one person. The text is made from `event` and `params` in the reader's language."""

    personal: ClassVar = frozenset({"params"})
    retention: ClassVar = "two years; deleted when the person is erased"
    whose: ClassVar = ("person",)

    person = models.BigIntegerField()
    event = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=200, default="")
    dedupe = models.CharField(max_length=80)  # the thing it is about: one person is told once of one event of one thing
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    reader: int  # the person in force, where it was asked for (`to_readers`)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "event", "dedupe"), name="message_told_once"),)
        indexes = (
            models.Index(fields=("person", "-at"), name="message_of_person"),
            models.Index(
                fields=("person",), condition=Q(read_at__isnull=True), name="message_unread"
            ),  # the bell's number
        )

    @property
    def thing(self) -> str:
        """Of a message that was told again as something went on: the thing, without the time it was told."""
        return self.dedupe.rpartition(":")[0]
