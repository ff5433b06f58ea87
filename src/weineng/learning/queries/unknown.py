"""Records of people whom nobody knows yet, as the offices that admitted their platforms see them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.learning.models import Naming, Record, RecordQuerySet
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.organisations.queries import STAFF_NUMBER
from weineng.organisations.reach import units_within
from weineng.organisations.rules import digests_of, mask


def records_of_providers(by: Actor) -> RecordQuerySet:
    """The records of the platforms admitted in one's part of the tree."""
    rows = Record.objects.filter(provider__owner__in=units_within(by, MANAGE_PROVIDERS))
    return rows.select_related("provider").order_by("pk")


def unknown_within(by: Actor) -> RecordQuerySet:
    """Those among them that stand and of which nobody knows the person."""
    return records_of_providers(by).in_force().filter(person__isnull=True).exclude(person_digest="")


def unknown_people(by: Actor, provider: int) -> "QuerySet[Record, Mapping[str, Any]]":
    """The people of a platform whom nobody knows, those with most records first: `person_type`, `person_digest`, `record` (one of
    theirs), `name` (as the platform knows it), `records`, `minutes`, `first_on`, `last_on`."""
    rows = unknown_within(by).filter(provider=provider).order_by().values("person_type", "person_digest")
    sums = rows.annotate(
        record=Min("pk"), name=Max("person_name"), records=Count("pk"), minutes=Sum("minutes"), first_on=Min("event_on"),
        last_on=Max("event_on"),
    )  # fmt: skip
    return sums.order_by("-records", "record")


def namings_within(by: Actor) -> QuerySet[Naming]:
    """What offices said about whom the platforms of one's part of the tree mean; what has ended too."""
    rows = Naming.objects.filter(provider__owner__in=units_within(by, MANAGE_PROVIDERS))
    return rows.select_related("provider").order_by("pk")


def naming_of(by: Actor, record: Record) -> Naming | None:
    """Who said whose a record is, if an office did and one reaches it."""
    rows = namings_within(by).filter(person_type=record.person_type, person_digest=record.person_digest)
    return rows.exclude(person_digest="").filter(ended_at__isnull=True).first()


def masked_number(record: Record) -> str:
    """The number by which a platform names the person of a record, as pages may show it."""
    return mask(decrypt(record.person_cipher or b"").decode()) if record.person_cipher else ""


def named_alike(record: Record) -> QuerySet[Record]:
    """Every record, of whichever platform (of no sandbox), that names its person by the same number."""
    digests = digests_of(record.person_type, decrypt(record.person_cipher or b"").decode())
    return Record.objects.filter(provider__gt=0, person_type=record.person_type, person_digest__in=digests)


def nameable(person_type: str) -> bool:
    """Whether numbers of this type are a person's own, so that it can be said whose one is."""
    return not person_type.startswith(STAFF_NUMBER)
