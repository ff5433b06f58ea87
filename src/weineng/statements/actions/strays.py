"""Files that came with a call of which nothing was written in the end, since the server was killed in the middle of it."""

from datetime import timedelta

from django.db import transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.organisations.reach import require_platform
from weineng.statements.attachments import drop
from weineng.statements.models import Stray

AN_HOUR = timedelta(hours=1)  # longer than any call
AT_ONCE = 200


@transaction.atomic
def drop_strays(*, by: Actor) -> int:
    """Let go of files that came an hour ago or longer and belong to no statement. Returns how many. Refuses `platform-only`."""
    require_platform(by)
    left = Stray.objects.filter(at__lt=now() - AN_HOUR).order_by("at", "pk").values_list("digest", flat=True)[:AT_ONCE]
    digests = {*left}
    drop(digests)
    if digests:
        record(by=by, verb="statements.drop_files", facts={"files": len(digests)})
    return len(digests)
