"""Certificates: signed claims of which the PDF is only a view; anybody can check them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from weineng.organisations.models import Person, Unit
from weineng.programmes.models import Enrolment, Programme


class SigningKey(models.Model):
    """A public key under which certificates were signed; old ones stay so that old certificates verify."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    name = models.CharField(max_length=24, unique=True)
    public = models.BinaryField()
    private_cipher = models.BinaryField(null=True)  # encrypted under the installation's key
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class Certificate(models.Model):
    """One certificate. Its signed fields never change; a wrong one is revoked, and replaced by another."""

    personal: ClassVar = frozenset({"claim"})
    retention: ClassVar = "for ever: it proves itself"

    number = models.CharField(max_length=32, unique=True)  # printed; readable
    code = models.CharField(max_length=16, unique=True)  # in the QR address; not guessable
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="certificates")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=16)  # programme, point
    point = models.CharField(max_length=24, default="")
    level = models.CharField(max_length=12)
    claim = models.JSONField()  # every signed field, as shown
    signature = models.CharField(max_length=128)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="certificates")
    school = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # printed with this school
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(
        max_length=40, default=""
    )  # code: result-overturned, hours-voided, person-merged, wrong-name …
    revoke_reason = models.CharField(max_length=400, default="")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = (
            # One certificate in force for one thing.
            models.UniqueConstraint(
                fields=("enrolment", "kind", "point"),
                condition=Q(revoked_at__isnull=True),
                name="certificate_one_in_force",
            ),
        )
        indexes = (models.Index(fields=("school", "programme"), name="certificate_of_school"),)
