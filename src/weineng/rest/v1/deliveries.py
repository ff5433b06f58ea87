"""Training platforms deliver records: a body is understood whole or not at all, each record gets its own answer."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import ConfigDict, Field

from weineng.kernel.refusals import Refused
from weineng.learning.actions import accept_records
from weineng.learning.permissions import DELIVER
from weineng.learning.rules import LONGEST, RecordRow, RowResult
from weineng.programmes.rules import MODES
from weineng.rest.bodies import json_of, unread
from weineng.rest.operations import MOST, operation
from weineng.rest.v1 import providers
from weineng.rest.v1.providers import CODE, ROW_CODES, caller

router = providers.router  # one address, read and written
TEXTS = ("person_type", "person_number", "person_name", "mode", "course", "title", "supersedes", "voids", "reason")
NAME_LENGTH = 200
KNOWN = {"id", "starts_at", "ends_at", "minutes", "periods", "passed", *TEXTS}


class RecordIn(Schema):
    """One learning event. `supersedes` names the record it corrects, `voids` the one it voids."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(
        min_length=1,
        max_length=80,
        description=gettext_noop("Your own id of the record. The same again changes nothing."),
    )
    person_type: str = Field(
        "", max_length=48,
        description=gettext_noop("What “person_number” is: id-card or passport; other numbers as agreed with the office."),
    )  # fmt: skip
    person_number: str = Field(
        "", max_length=80, description=gettext_noop("Whose record it is. It is stored encrypted.")
    )
    person_name: str = Field(
        "",
        max_length=80,
        description=gettext_noop("The name as you know it; the office sees it while the person is unknown."),
    )
    mode: str = Field(
        "", description=gettext_noop("How they learned; the programme says what counts as what."),
        json_schema_extra={"enum": ["", *MODES]},
    )  # fmt: skip
    course: str = Field(
        "", max_length=120, description=gettext_noop("Your code of the course; the same course, the same code.")
    )
    title: str = Field("", max_length=200, description=gettext_noop("The name of the course, as the teacher knows it."))
    starts_at: datetime | None = Field(None, description=gettext_noop("With its offset."))
    ends_at: datetime | None = Field(
        None, description=gettext_noop("With its offset; the day on which it ends is the day of the event.")
    )
    minutes: int | None = Field(None, ge=0, le=LONGEST, description=gettext_noop("Whole minutes."))
    periods: Decimal | None = Field(
        None, ge=0, description=gettext_noop("Instead of minutes, where the office has agreed how long your period is.")
    )
    passed: bool = Field(
        False, description=gettext_noop("Whether the course was passed with it; both books count these.")
    )
    supersedes: str = Field(
        "",
        max_length=80,
        description=gettext_noop("The id of the record that this one corrects; its own id if it is sent again."),
    )
    voids: str = Field(
        "",
        max_length=80,
        description=gettext_noop("The id of the record that this one voids; then only “id” and “reason” are read."),
    )
    reason: str = Field("", description=gettext_noop("Why it is corrected or voided."))


class RecordsIn(Schema):
    """1 to 1,000 records; with `dry_run` everything is judged and nothing stored."""

    model_config = ConfigDict(extra="forbid")

    records: list[RecordIn] = Field(min_length=1, max_length=MOST, description=gettext_noop("1 to 1,000 records."))
    dry_run: bool = Field(False, description=gettext_noop("Judge everything and store nothing."))
    name: str = Field(
        "", max_length=NAME_LENGTH, description=gettext_noop("Your name of this delivery; the office sees it.")
    )


class RowOut(Schema):
    """What became of one record, in the order in which they were sent."""

    id: str = Field(description=gettext_noop("Your id of the record."))
    status: str = Field(
        description=gettext_noop(
            "created; unchanged: known already; conflict or refused: nothing was stored, “code” says why."
        ),
        json_schema_extra={"enum": ["created", "unchanged", "conflict", "refused"]},
    )
    code: str = Field(
        "", description=gettext_noop("Why not; empty otherwise."), json_schema_extra={"enum": ["", *ROW_CODES]}
    )
    message: str = Field("", description=gettext_noop("The same as a sentence, in the language of Accept-Language."))
    params: dict[str, Any] = Field(
        {}, description=gettext_noop("The values in the sentence; “field” is the field at fault.")
    )
    person_found: bool = Field(
        False,
        description=gettext_noop(
            "Whether we know the person. If not, the record waits and counts once they are entered."
        ),
    )
    name_differs: bool = Field(
        False, description=gettext_noop("Whether the roster has another name with this number. Check the number.")
    )


class RecordsOut(Schema):
    """The answer to a delivery."""

    dry_run: bool = Field(description=gettext_noop("As it was sent."))
    created: int = Field(description=gettext_noop("How many records are new."))
    unchanged: int = Field(description=gettext_noop("How many were known already, word for word."))
    conflict: int = Field(description=gettext_noop("How many ids were known with other content."))
    refused: int = Field(description=gettext_noop("How many could not be stored."))
    results: list[RowOut] = Field(
        description=gettext_noop("One for each record, in the order in which they were sent.")
    )


@operation(
    router, "POST", "/{provider}/records", permission=DELIVER, scope="records.write", answers=RecordsOut, body=RecordsIn,
    says=gettext_noop("Deliver, correct and void records of learning."),
    more=gettext_noop(
        "1 to 1,000 records a call. Each gets its own answer, in the order in which they were sent; a refused one does not hold up "
        "the others. The same id with the same content changes nothing, so a call whose answer got lost can be sent again. The "
        "same id with other content is a conflict unless “supersedes” names it."
    ),
    refuses=(
        "body-not-json", "body-too-big", "length-missing", "records-missing", "records-out-of-range", "field-unknown",
        "field-unreadable", "provider-suspended", "provider-busy",
    ),
    rows_refuse=ROW_CODES,
)  # fmt: skip
def deliver(request: HttpRequest, provider: str = CODE) -> dict[str, Any]:
    """Deliver 1 to 1,000 records. Each gets its own answer; a refused one does not hold up the others."""
    body = _body(request)
    dry_run = body["dry_run"]
    by, provider = caller(request, provider)
    results = accept_records(
        by=by, provider=provider, rows=[_read_row(row) for row in body["records"]], dry_run=dry_run,
        name=body["name"],
    )  # fmt: skip
    counts = {s: sum(r.status == s for r in results) for s in ("created", "unchanged", "conflict", "refused")}
    return {"dry_run": dry_run, **counts, "results": [_row_out(result) for result in results]}


def _body(request: HttpRequest) -> dict[str, Any]:
    """The body, whole or not at all: what is not understood is never ignored (a misspelt `dry_run` would store)."""
    body = json_of(request)
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise Refused("records-missing", _("The body needs a list `records`."))
    if not 1 <= len(body["records"]) <= MOST:
        raise Refused("records-out-of-range", _("Send 1 to %(most)s records a call."), most=MOST)
    if unknown := sorted(body.keys() - {"records", "dry_run", "name"}):
        raise unread("field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    body = {"dry_run": False, "name": ""} | body
    name = body["name"]
    if not isinstance(body["dry_run"], bool):
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "dry_run")
    if not isinstance(name, str) or len(name) > NAME_LENGTH or "\0" in name:
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "name")
    return body


def _read_row(row: Any) -> RecordRow | RowResult:
    """A row in the action's form, or its refusal for a field of the wrong type."""
    if not isinstance(row, dict):
        return _bad("", "row-not-object", _("The record is not an object."))
    name = row["id"] if isinstance(row.get("id"), str) else ""
    if unknown := sorted(set(row) - KNOWN):
        return _bad(name, "field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    values: dict[str, Any] = {"source_id": name}
    for text in ("id", *TEXTS):
        said = row.get(text, "")
        if not isinstance(said, str):
            return _bad(name, "field-not-text", _("“%(field)s” must be text."), text)
        if "\0" in said:
            return _bad(name.replace("\0", ""), "field-unreadable", _("“%(field)s” cannot be read."), text)
        values |= {text: said} if text != "id" else {}
    for field, read in (
        ("starts_at", _instant),
        ("ends_at", _instant),
        ("minutes", _whole),
        ("periods", _decimal),
        ("passed", _flag),
    ):
        try:
            values[field] = read(row.get(field))
        except (ValueError, TypeError, InvalidOperation):
            return _bad(name, "field-unreadable", _("“%(field)s” cannot be read."), field)
    return RecordRow(**values)


def _bad(name: str, code: str, message: str, field: str = "") -> RowResult:
    params: dict[str, object] = {"field": field} if field else {}
    return RowResult(name, "refused", code, params, message % params if params else message)


def _instant(value: Any) -> datetime | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return datetime.fromisoformat(value) if value is not None else None


def _whole(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise TypeError
    return value is True


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value)) if value is not None else None
    if number is not None and (not number.is_finite() or abs(number) > 10_000):
        raise ValueError
    return number


def _row_out(result: RowResult) -> dict[str, Any]:
    return {
        "id": result.source_id, "status": result.status, "code": result.code, "message": str(result.message),
        "params": result.params, "person_found": result.person_found, "name_differs": result.name_differs,
    }  # fmt: skip
