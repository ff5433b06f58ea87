"""What waits to be read by the modules above, and what was said lately."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from weineng.statements.models import Pending, Statement
from weineng.statements.rules.times import instant


def codes_pending(most: int) -> set[str]:
    """The platforms of the oldest statements that wait to be read, at most so many looked at."""
    rows = Pending.objects.order_by("pk").values_list("statement__source__code", flat=True)
    return set(rows[:most])


def number_said(code: str) -> int:
    """How many statements a platform said."""
    return Statement.objects.filter(source__code=code).count()


def said_last(code: str, most: int) -> Iterator[tuple[dict[str, Any], datetime]]:
    """The statements that a platform said last, newest first, each with the moment at which it was stored."""
    rows = Statement.objects.filter(source__code=code).exclude(body="").order_by("-seq")
    for seq, body in rows.values_list("seq", "body")[:most]:
        yield orjson.loads(body), instant(seq)
