"""Inner verbs of the store: hand statements to the modules above, once, in the order in which they were stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef

from weineng.accounts.rules import SANDBOX, source_code
from weineng.audit.models import Line
from weineng.kernel.sets import write_rows
from weineng.kernel.turns import take_turn
from weineng.statements.attachments import drop
from weineng.statements.models import Activity, Agent, Attachment, Document, Pending, Relation, Source, Statement
from weineng.statements.rules.keys import key_of
from weineng.statements.rules.shapes import moment


@dataclass(frozen=True)
class Said:
    """A statement as the modules above read it. `code` is its platform's; `sid` its id, in small letters; `voids` the id of the
    statement that it voids, or ''; `voided`: another one voids it. `at` is its timestamp."""

    code: str
    sid: str
    body: dict[str, Any]
    at: datetime
    voids: str
    voided: bool


def take_pending(*, codes: Collection[str], most: int) -> list[Said]:
    """The statements of these platforms that nobody has read yet, oldest first, at most so many; they count as read when the
    transaction ends. What was erased is read and left out."""
    rows = Pending.objects.filter(statement__source__code__in=codes).order_by("pk")
    found = list(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:most])
    voiding = Statement.objects.filter(source=OuterRef("source"), target=OuterRef("sid"), voids=True)
    said = Statement.objects.filter(pk__in=found).exclude(body="")
    said = said.annotate(is_void=Exists(voiding)).order_by("pk")
    columns = ("source__code", "sid", "body", "target", "voids", "is_void")
    taken = [_said(*row) for row in said.values_list(*columns)]
    Pending.objects.filter(pk__in=found).delete()
    return taken


def _said(code: str, sid: UUID, text: str, target: UUID | None, voids: bool, voided: bool) -> Said:  # noqa: FBT001 (columns)
    body = orjson.loads(text)
    at = moment(body["timestamp"], "timestamp")
    return Said(code, str(sid), body, at, str(target) if voids else "", voided)


def read_again(*, cause: Line, code: str, verbs: Sequence[str]) -> int:  # noqa: ARG001 (its line)
    """Hand what a platform said with these verbs, in its sandbox too, to the modules above once more; returns how many statements."""
    sources = Source.objects.filter(code__in=[source_code(code, sandbox=sandbox) for sandbox in (False, True)])
    keys = [key_of(source.pk, "verb", verb) for source in sources.order_by("pk") for verb in verbs]
    if not keys:
        return 0
    said = Statement.objects.filter(source__in=sources, verb__in=keys).exclude(body="").order_by().values_list("pk")
    return write_rows(Pending, said, columns=("statement_id",), unique=("statement_id",))


def know_agents(*, cause: Line, person: int, agents: Collection[int]) -> None:  # noqa: ARG001 (its line)
    """These agents (keys) are this person, who is being erased: what they said goes with them."""
    Agent.objects.filter(key__in=agents).update(person=person)


def empty_source(*, cause: Line, code: str) -> int:  # noqa: ARG001 (its line)
    """Let go of everything that was said and kept in a sandbox; returns how many statements. Of nobody else's: what was said in
    earnest stays, whatever `code` says."""
    take_turn(f"sandbox {code}")
    source = Source.objects.filter(code=code, code__endswith=SANDBOX).first()
    if source is None:
        return 0
    said = Statement.objects.filter(source=source)
    files = list(Attachment.objects.filter(statement__in=said.values("pk")).order_by().values_list("digest", flat=True))
    for model in (Pending, Relation, Attachment):
        model.objects.filter(statement__in=said.values("pk")).delete()
    count: int = said._raw_delete(said.db)
    Document.objects.filter(source=source).delete()
    for other in (Agent, Activity):
        other.objects.filter(source=source).delete()
    source.delete()  # its next call opens another one: what a process remembers to have written is of this one
    transaction.on_commit(lambda: drop(files))
    return count
