"""The tracks of one programme side by side: leaders, training teams and teachers, each a programme of its own (`track_of`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, Subquery

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.reach import require_unit
from weineng.programmes.models import Programme, Version
from weineng.programmes.queries import document_of, programmes_within
from weineng.progress.permissions import VIEW
from weineng.progress.queries import Reached, reached_in


@dataclass(frozen=True)
class Track:
    """One of the programmes that belong together; `whole`: the one that the others are tracks of."""

    programme: int
    code: str
    title: Mapping[str, str]
    whole: bool
    reached: Reached


def tracks_at(by: Actor, programme: Programme, unit: int, on: date | None = None) -> tuple[Track, ...]:
    """The programme and its tracks, or the others of a track, with their figures of a unit on a day; the whole first, then by
    code. () where there is but one. Refuses `not-found`."""
    when = on or today()
    latest = Version.objects.filter(programme=OuterRef("pk")).order_by("-number")
    family = Programme.objects.filter(started_on__isnull=False).annotate(
        version=Subquery(latest.values("pk")[:1]), track_of=Subquery(latest.values("document__track_of")[:1])
    )
    own = family.filter(pk=programme.pk).values_list("track_of", flat=True).first()
    whole = own or programme.code
    rows = family.filter(Q(code=whole) | Q(track_of=whole), pk__in=programmes_within(by, VIEW).values("pk")).order_by(
        "code"
    )
    if len(rows) < 2:
        return ()
    require_unit(by, VIEW, unit, when)
    found = [
        Track(
            row.pk, row.code, row.title, row.code == whole,
            reached_in(document_of(row.version), row.pk, [unit], when).get(unit, Reached()),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda track: (not track.whole, track.code)))
