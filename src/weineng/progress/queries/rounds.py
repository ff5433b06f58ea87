"""How far behind the counting is: what the doctor and the health page say."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from weineng.programmes.models import Touched
from weineng.progress.models import Drained


@dataclass(frozen=True)
class Waiting:
    """How many things wait and since when the oldest does."""

    count: int
    since: datetime | None


def rounds() -> dict[str, Drained]:
    """The last run of every loop and step of the worker, by name; empty where none ever ran."""
    return {row.loop: row for row in Drained.objects.order_by("loop")}


def waiting_for_recount() -> Waiting:
    """The touches that no recount has taken yet."""
    found = Touched.objects.aggregate(count=Count("pk"), since=Min("at"))
    return Waiting(found["count"], found["since"])
