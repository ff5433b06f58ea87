"""Who is to be erased, who was: requests that wait, and what remains of those that were carried out."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Erasure, Posting
from weineng.organisations.permissions import ERASE_PEOPLE
from weineng.organisations.reach import ask_erase_guards, behind, lasting, people_within, same_people


def erasure_of(person: int) -> Erasure | None:
    """What is in force about a person (any record of theirs): a request that waits, or an erasure that was confirmed."""
    rows = Erasure.objects.filter(person__in=same_people([person])).exclude(_late())
    return rows.filter(state__in=("asked", "confirmed", "done")).order_by("-pk").first()


def erasures_wait() -> bool:
    """Whether the worker may have anything to do for an erasure: to carry out what was confirmed, to end what was asked for."""
    return Erasure.objects.filter(state__in=("asked", "confirmed")).exists()


def last_end_of(person: int) -> Erasure | None:
    """The last request about a person that came to nothing: refused, withdrawn, expired."""
    rows = Erasure.objects.filter(person__in=same_people([person]))
    return rows.filter(Q(state__in=("refused", "withdrawn", "expired")) | _late()).order_by("-pk").first()


def erasures_within(by: Actor) -> QuerySet[Erasure]:
    """Everything that was asked for about people within reach, whatever became of it; the newest first."""
    people = people_within(by, ERASE_PEOPLE).values("pk")
    return Erasure.objects.filter(person__in=same_people(people)).select_related("person").order_by("-pk")


def erasures_to_decide(by: Actor) -> QuerySet[Erasure]:
    """Requests that wait for a second person and that `by` may be: neither asked by them nor about them."""
    hands = behind(by)
    rows = erasures_within(by).filter(state="asked", expires_at__gt=now()).exclude(asked_by__in=hands)
    return rows.exclude(Q(asked_for__isnull=False) & Q(asked_for__in=hands)).exclude(person__in=hands)


def hindrances_of(people: Collection[int]) -> list[Refused]:
    """Why a person (all ids) cannot be erased yet: what of theirs still goes on, here and in the modules above."""
    refusals = ask_erase_guards(people)
    if Posting.objects.filter(lasting(today()), person__in=people).exists():
        refusals.insert(0, Refused("still-in-post", _("This person has a post today or later. End it first.")))
    return refusals


def merged_since(erasure: Erasure) -> Refused | None:
    """Why a request cannot be confirmed any more: its person has other records now than when it was asked for."""
    if erasure.records == sorted(same_people([erasure.person_id]).values_list("pk", flat=True)):
        return None
    text = _("Records of this person were merged or parted since it was asked for. Look at them, and ask for it anew.")
    return Refused("merged-since", text)


def records_of(erasures: Iterable[Erasure]) -> list[int]:
    """The ids under which the rows of people whose erasure was confirmed are found."""
    return sorted({record for erasure in erasures for record in erasure.records})


def _late() -> Q:
    return Q(state="asked", expires_at__lte=now())
