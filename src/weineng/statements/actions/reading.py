"""What is noted of reading."""

from collections.abc import Sequence

from django.db import transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.statements.permissions import READ


@transaction.atomic
def note_reading(*, by: Actor, what: str, given: Sequence[str]) -> None:
    """Leave a line where a key reads what all platforms of an office wrote: which resource, and the names of the parameters
    that were given (never their values). Refuses `not-found` to a key that reads only its own."""
    units = by.units(READ)
    if not units:
        raise NotFound("statements.source")
    record(by=by, verb="statements.read_all", unit=min(units), facts={"what": what, "given": sorted(given)})
