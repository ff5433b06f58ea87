"""Seal what was committed, lay the head down outside."""

import json
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.chain import link
from weineng.audit.effects import record
from weineng.audit.models import Anchor, Line, Seal, Unsealed
from weineng.audit.queries import chained_form, head
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused

SEALER_LOCK = 7_215_001  # advisory lock: one sealer at a time
BATCH = 5_000


@transaction.atomic
def seal_lines(*, by: Actor) -> int:
    """Append every committed, unsealed line to the hash chain; returns how many. A second sealer finds nothing to do.

    Refuses `platform-only`: the sealer is a loop of the platform.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    waiting = list(Unsealed.objects.order_by("line").values_list("line", flat=True)[:BATCH])
    if not waiting:
        return 0
    lines = Line.objects.filter(pk__in=waiting).order_by("pk")
    end = head()
    position, digest, seals = end.position, end.digest, []
    for line in lines:
        position, digest = position + 1, link(digest, chained_form(line))
        seals.append(Seal(position=position, line=line.pk, digest=digest))
    Seal.objects.bulk_create(seals)
    Unsealed.objects.filter(line__in=waiting).delete()
    return len(seals)


@transaction.atomic
def anchor_head(*, by: Actor, occasion: str = "daily") -> Anchor | None:
    """Lay the chain's head down outside: a line appended to the file the office named (WEINENG_ANCHORS), and a row here.

    Returns None where the head has not moved since the last anchor. Refuses `anchor-unwritable`.
    """
    end = head()
    last = Anchor.objects.order_by("-pk").first()
    if end.position == 0 or (last is not None and last.position == end.position):
        return None
    place = Path(settings.ANCHORS)
    at = now()
    entry = {
        "position": end.position,
        "digest": end.digest,
        "at": at.isoformat(timespec="microseconds"),
    }
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry | {"occasion": occasion}) + "\n")
    except OSError as error:
        raise Refused(
            "anchor-unwritable",
            _("The anchor could not be written: %(error)s"),
            error=str(error.strerror),
        ) from error
    anchor = Anchor.objects.create(
        position=end.position,
        digest=end.digest,
        at=at,
        place=str(place.name),
        occasion=occasion,
    )
    record(by=by, verb="audit.anchor", thing=anchor, facts={"position": end.position})
    return anchor
