"""Certificates: signed claims of which the PDF is only a view; anybody can check them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from weineng.organisations.models import Person, Unit
from weineng.organisations.reach import WithinQuerySet
from weineng.programmes.models import Enrolment, Programme


class SigningKey(models.Model):
    """A key under which certificates were signed; old ones stay so that old certificates verify."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    name = models.CharField(max_length=24, unique=True)
    public = models.BinaryField()  # Ed25519, 32 bytes
    private_cipher = models.BinaryField(null=True)  # encrypted under the installation's key; null once retired
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # One key signs: of two made at once, one stays.
            models.UniqueConstraint(
                fields=("retired_at",),
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="signing_key_one_in_use",
            ),
        )


class CertificateQuerySet(WithinQuerySet["Certificate"]):
    """Certificates in the words of the field."""

    person_path = "person"
    unit_path = "school"
    date_path = "issued_on"


class Certificate(models.Model):
    """One certificate. Its signed fields never change; a wrong one is revoked, and replaced by another."""

    personal: ClassVar = frozenset({"claim", "revoke_reason"})
    retention: ClassVar = "for ever: it proves itself; the claim is signed again without the name of somebody erased"
    whose: ClassVar = ("person",)

    number = models.CharField(max_length=48, unique=True)  # printed; readable, but not to be counted through
    code = models.CharField(max_length=16, unique=True)  # in the QR address; not guessable
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="certificates")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    rule = models.CharField(max_length=40)  # code of the certificate in the programme's document
    kind = models.CharField(max_length=16)  # programme, point
    point = models.CharField(max_length=24, default="")
    level = models.CharField(max_length=12)
    claim = models.JSONField()  # every signed field, as shown
    signature = models.CharField(max_length=128)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="certificates")
    school = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # printed with this school
    issued_at = models.DateTimeField()
    issued_on = models.DateField()  # civil date of the programme
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=40, default="")  # a key of rules.REASONS
    revoke_reason = models.CharField(max_length=400, default="")  # in the office's own words; not for the public page
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = (
            # One certificate in force for one thing.
            models.UniqueConstraint(
                fields=("enrolment", "rule", "point"),
                condition=Q(revoked_at__isnull=True),
                name="certificate_one_in_force",
            ),
        )
        indexes = (
            models.Index(fields=("school", "programme"), name="certificate_of_school"),  # print all of a school
            models.Index(
                fields=("person", "programme"), name="certificate_of_person"
            ),  # mine; what came before this one
        )


class Guesses(models.Model):
    """How many numbers that do not exist an address asked for within an hour, so that nobody tries them all out."""

    personal: ClassVar = frozenset({"asker"})  # of a network, not of a person: nobody's to erase
    retention: ClassVar = "deleted when the hour is over, with the next guess of anybody"

    asker = models.CharField(max_length=64)  # keyed hash of the address: it says who is the same, not who it is
    hour = models.DateTimeField()
    count = models.IntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("asker", "hour"), name="guesses_once_an_hour"),)
