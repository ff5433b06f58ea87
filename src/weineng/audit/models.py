"""The append-only log of everything anybody did: lines, their seals in a hash chain, anchors outside, personal keys."""

from typing import ClassVar

from django.db import models

REASON = "reason"  # its name among a line's personal values


class Line(models.Model):
    """One act: who, for whom, by which grant, through which door, what, to what, why. No foreign keys: the log never
    interferes with what it tells of."""

    personal: ClassVar = frozenset({"personal_cipher"})
    retention: ClassVar = "ten years; personal values become unreadable when the person's key is destroyed"
    whose: ClassVar = ("subject",)

    at = models.DateTimeField()
    person = models.BigIntegerField(null=True)  # who acted; null: the platform itself
    on_behalf_of = models.BigIntegerField(null=True)
    grant = models.BigIntegerField(null=True)  # the accounts.Grant that allowed it
    door = models.CharField(max_length=16)  # web, rest, feeds, ops, or the name of a loop
    verb = models.CharField(max_length=48)  # module.verb
    thing_type = models.CharField(max_length=48)  # app_label.model
    thing = models.BigIntegerField(null=True)
    subject = models.BigIntegerField(null=True)  # the person concerned
    unit = models.BigIntegerField(null=True)  # the unit concerned
    facts = models.JSONField(default=dict)  # before/after and parameters without personal values
    personal_cipher = models.BinaryField(null=True)  # personal values, encrypted under the subject's key
    personal_digest = models.CharField(max_length=64, default="")  # their salted hash, which goes into the chain
    reason = models.CharField(
        max_length=400, default=""
    )  # only where nobody is concerned; else among the personal values

    class Meta:
        indexes = (
            models.Index(fields=("thing_type", "thing", "id"), name="line_of_thing"),  # who changed this?
            models.Index(fields=("subject", "id"), name="line_of_subject"),  # what happened to this person?
            models.Index(fields=("person", "id"), name="line_of_person"),  # what did this person do?
            models.Index(  # what happened to this unit?
                fields=("unit", "id"), condition=models.Q(unit__isnull=False), name="line_of_unit"
            ),
        )


class Unsealed(models.Model):
    """A line that waits for its seal; written with the line, deleted by the sealer, so that late commits are never missed."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "deleted once sealed"

    line = models.BigIntegerField(primary_key=True)


class Seal(models.Model):
    """A line's place in the hash chain, given by the sealer within two seconds of the commit."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "with the line"

    position = models.BigIntegerField(primary_key=True)
    line = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)


class Anchor(models.Model):
    """The head of the chain as it was laid down outside (a file or mailbox the office names)."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    position = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    place = models.CharField(max_length=200)
    occasion = models.CharField(max_length=48, default="daily")


class PersonKey(models.Model):
    """The key under which a person's values in the log are encrypted; destroying it erases them, the chain stays whole."""

    personal: ClassVar = frozenset({"key_cipher"})
    retention: ClassVar = "destroyed when the person is erased"
    whose: ClassVar = ("person",)

    person = models.BigIntegerField(primary_key=True)
    key_cipher = models.BinaryField(null=True)  # encrypted under the installation's key; null once destroyed
    destroyed_at = models.DateTimeField(null=True)
