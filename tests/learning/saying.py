"""Statements as a platform says them."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from weineng.accounts.roles import SOURCE
from weineng.accounts.rules import source_code
from weineng.kernel.actors import Actor
from weineng.statements.actions import accept_statements
from weineng.statements.describing import lately

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
HOME = "https://id.qingyun.example/teachers"
COURSE = "https://qingyun.example/courses/101"


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


def say(*said: dict[str, Any], provider: str = "qingyun", new: bool = True, sandbox: bool = False) -> None:
    """What a platform says in a call for each statement (`new`: in version 2.0; `sandbox`: only tries out)."""
    code = source_code(provider, sandbox=sandbox)
    by = Actor(door="xapi", sources=frozenset({code}), source_permissions=SOURCE)
    lately.forget()  # what an earlier test said was rolled back
    for body in said:
        accept_statements(by=by, statements=[deepcopy(body)], new=new)
