"""The pulse of the worker: what each loop and step of it did last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from weineng.kernel.actors import Actor
from weineng.progress.actions._measuring import platform_only
from weineng.progress.models import Drained


@dataclass(frozen=True)
class Round:
    """One run of a loop or step: when it began, how long it took (milliseconds), how many things it did; `settled` says
    that it found nothing left to do; `error` is '' where it ran to its end."""

    loop: str
    began: datetime
    took_ms: int
    done: int = 0
    settled: bool = False
    error: str = ""


@transaction.atomic
def note_rounds(*, by: Actor, rounds: Sequence[Round]) -> None:
    """Write down how the worker's loops are doing, for the doctor and the health page. Refuses `platform-only`."""
    platform_only(by)
    for one in rounds:
        rows = Drained.objects.filter(pk=one.loop)
        if not rows.exists():
            Drained.objects.bulk_create([Drained(loop=one.loop)], ignore_conflicts=True)
        if one.error:
            rows.update(failures=F("failures") + 1, error=one.error[:200])
        elif one.settled:
            rows.update(ran_at=one.began, took_ms=one.took_ms, failures=0, error="", up_to=one.began)
        else:
            rows.update(ran_at=one.began, took_ms=one.took_ms, failures=0, error="", mark=F("mark") + one.done)
