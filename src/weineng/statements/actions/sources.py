"""A source opens with the first call of its key."""

from django.db import transaction

from weineng.accounts.models import ApiKey
from weineng.accounts.rules import SANDBOX
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.kernel.turns import take_turn
from weineng.statements.models import Source


@transaction.atomic
def open_source(*, by: Actor) -> Source:
    """The source of the platform that calls (or of its sandbox), made with its first call.

    Refuses `not-found` to everybody but a platform.
    """
    if len(by.sources) != 1:
        raise NotFound("statements.source")
    (code,) = by.sources
    if code.endswith(SANDBOX):
        take_turn(f"sandbox {code}", shared=True)  # nobody empties it while something goes in
    if found := Source.objects.filter(code=code).first():
        return found
    mine = ApiKey.objects.filter(prefix=by.machine).values_list("unit", flat=True)
    unit = None if code.endswith(SANDBOX) else mine.first()
    source, made = Source.objects.get_or_create(code=code, defaults={"unit_id": unit, "opened_at": now()})
    if made:
        record(by=by, verb="statements.open_source", thing=source, unit=unit, facts={"provider": code})
    return source
