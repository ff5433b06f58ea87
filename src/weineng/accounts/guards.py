"""What is held here that keeps somebody from being erased."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.accounts.queries import holders_among
from weineng.kernel.refusals import Refused


def refuse_holders(people: Collection[int]) -> None:
    """Refuse `still-holds-role` where one of these people holds or was lent a role, now or later: nobody is erased in office."""
    if holders_among(people):
        raise Refused("still-holds-role", _("This person holds a role, or was lent one. End it first."))
