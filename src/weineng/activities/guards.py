"""What goes on here that keeps somebody from being erased."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from weineng.activities.models import Session
from weineng.kernel.refusals import Refused


def refuse_hosts(people: Collection[int]) -> None:
    """Refuse `session-not-closed` while one of these people is the host of a session that is planned or open."""
    if Session.objects.filter(host__in=people, state__in=("planned", "open")).exists():
        raise Refused("session-not-closed", _("This person is the host of a session that is not closed."))
