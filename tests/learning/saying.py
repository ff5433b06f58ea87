"""Statements as a platform says them, put into the store."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from weineng.kernel.clock import now
from weineng.learning.models import Provider
from weineng.statements.models import Pending, Source, Statement
from weineng.statements.rules.keys import key_of
from weineng.statements.rules.times import first_at

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
HOME = "https://id.qingyun.example/teachers"
COURSE = "https://qingyun.example/courses/101"
_turns = count()


def sid_of(number: int) -> str:
    """The id of the statement with this number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def statement(number: int, account: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Somebody finished an online course of 90 minutes at `at`."""
    return {
        "id": sid_of(number), "actor": {"account": {"homePage": HOME, "name": account}, "name": f"人{account}"}, "verb": {"id": COMPLETED},
        "object": {"objectType": "Activity", "id": COURSE, "definition": {"name": {"zh-CN": "微课制作"}}},
        "result": {"completion": True, "duration": "PT1H30M"}, "timestamp": at.isoformat(),
    } | changes  # fmt: skip


def voiding(number: int, target: int, at: datetime) -> dict[str, Any]:
    """The statement with the number `target` was said wrongly."""
    thing = {"objectType": "StatementRef", "id": sid_of(target)}
    return {
        "id": sid_of(number), "actor": {"mbox": "mailto:desk@qingyun.example"}, "verb": {"id": VOIDED}, "object": thing,
        "timestamp": at.isoformat(),
    }  # fmt: skip


def say(*said: dict[str, Any], provider: str = "qingyun", sandbox: bool = False) -> None:
    """Store what a platform said, each statement once."""
    owner = Provider.objects.get(code=provider).owner_id
    source, _made = Source.objects.get_or_create(
        code=provider, sandbox=sandbox, defaults={"unit_id": owner, "opened_at": now()}
    )
    for body in said:
        if Statement.objects.filter(source=source, sid=body["id"]).exists():
            continue
        thing = body["object"]
        target = UUID(thing["id"]) if thing.get("objectType") == "StatementRef" else None
        row = Statement.objects.create(
            seq=first_at(now() + timedelta(microseconds=next(_turns))), source=source, sid=body["id"], body=orjson.dumps(body).decode(),
            digest=b"", verb=key_of(source.pk, "verb", body["verb"]["id"]), target=target, voids=body["verb"]["id"] == VOIDED,
        )  # fmt: skip
        Pending.objects.create(statement=row)
