"""Let go of changes that every module has followed (a step of the settle loop)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Change


@transaction.atomic
def forget_changes(*, by: Actor, readers: Sequence[str]) -> int:
    """Delete the changes that all of these modules have read; returns how many. Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    return Change.objects.filter(read_by__contains=list(readers)).delete()[0]
