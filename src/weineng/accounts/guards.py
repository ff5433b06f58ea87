"""What is held here that keeps somebody from being erased."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Grant
from weineng.accounts.queries import holders_among
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused


def refuse_holders(people: Collection[int]) -> None:
    """Refuse `still-holds-role` where one of these people holds or was lent a role, now or later: nobody is erased in office."""
    if holders_among(people):
        raise Refused("still-holds-role", _("This person holds a role, or was lent one. End it first."))


def refuse_roles_there(deed: str, unit: int, other: int) -> None:  # noqa: ARG001 (every guard of units hears whose people went)
    """Refuse `roles-given-since` where a split would be taken back and somebody holds a role at the new unit."""
    if deed == "undo-split" and Grant.objects.filter(unit=other).exclude(ends_on__lte=today()).exists():
        raise Refused("roles-given-since", _("Somebody holds a role at the unit that was split off. End it first."))
