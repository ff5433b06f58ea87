"""Whose statements somebody may read."""

from weineng.kernel.actors import Actor
from weineng.statements.models import Source
from weineng.statements.permissions import READ


def own_source(by: Actor) -> Source | None:
    """The source of the platform that calls, if it has written before."""
    return Source.objects.filter(code__in=by.sources).first()


def sources_read(by: Actor) -> list[int]:
    """Ids of the sources whose statements `by` may read."""
    return list(Source.objects.within(by, READ).order_by("pk").values_list("pk", flat=True))
