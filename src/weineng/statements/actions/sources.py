"""A source opens with the first call of its key."""

from django.db import transaction

from weineng.accounts.models import ApiKey
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.statements.models import Source


@transaction.atomic
def open_source(*, by: Actor) -> Source:
    """The source of the platform that calls, made with its first call. Refuses `not-found` to everybody but a platform."""
    if len(by.sources) != 1:
        raise NotFound("statements.source")
    (code,) = by.sources
    if found := Source.objects.filter(code=code, sandbox=False).first():
        return found
    unit = ApiKey.objects.filter(prefix=by.machine).values_list("unit", flat=True).first()
    source, made = Source.objects.get_or_create(
        code=code, sandbox=False, defaults={"unit_id": unit, "opened_at": now()}
    )
    if made:
        record(by=by, verb="statements.open_source", thing=source, unit=unit, facts={"provider": code})
    return source
