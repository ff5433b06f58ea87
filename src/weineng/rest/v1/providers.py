"""Training platforms deliver records, and read back what is known of them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.actions import accept_records
from weineng.learning.permissions import DELIVER, VIEW
from weineng.learning.queries import delivered
from weineng.learning.rules import RecordRow, RowResult
from weineng.rest.api import Error, actor_of

router = Router(tags=["providers"])
TEXTS = ("person_type", "person_number", "person_name", "mode", "course", "title", "supersedes", "voids", "reason")
KNOWN = {"id", "starts_at", "ends_at", "minutes", "periods", *TEXTS}
MOST = 1_000


class RecordIn(Schema):
    """One learning event. `supersedes` names the record it corrects, `voids` the one it withdraws."""

    id: str = Field(max_length=80, description="your id of the record; sending it again changes nothing")
    person_type: str = Field("", description="id-card, passport, register-code, mail or platform:<your code>")
    person_number: str = ""
    person_name: str = ""
    mode: str = Field(
        "", description="online, face-to-face, school-research, workshop, community, self-study, shadowing"
    )
    course: str = ""
    title: str = ""
    starts_at: datetime | None = Field(None, description="with offset")
    ends_at: datetime | None = Field(None, description="with offset; its civil date is the event's date")
    minutes: int | None = Field(None, ge=0)
    periods: Decimal | None = Field(None, description="instead of minutes, where the length of your period is agreed")
    supersedes: str = ""
    voids: str = ""
    reason: str = ""


class RecordsIn(Schema):
    """1 to 1,000 records; with `dry_run` everything is judged and nothing stored."""

    records: list[RecordIn] = Field(min_length=1, max_length=MOST)
    dry_run: bool = False
    name: str = Field("", description="your name of this delivery")


class RowOut(Schema):
    """What became of one record, in the order in which they were sent."""

    id: str
    status: str = Field(description="created, unchanged, conflict or refused")
    code: str = ""
    message: str = ""
    params: dict[str, Any] = {}
    person_found: bool = False


class RecordsOut(Schema):
    """The answer to a delivery."""

    dry_run: bool
    created: int
    unchanged: int
    conflict: int
    refused: int
    results: list[RowOut]


class RecordOut(Schema):
    """A record as it is known here."""

    id: str
    revision: int
    state: str = Field(description="in-force, corrected, voided or void")
    person_found: bool
    mode: str
    course: str
    title: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    arrived_at: datetime


class PageOut(Schema):
    """A page of records, oldest arrival first; `next` is the cursor of the next page, empty on the last."""

    records: list[RecordOut]
    next: str


@router.post(
    "/{provider}/records",
    response={200: RecordsOut, 401: Error, 404: Error, 413: Error, 422: Error},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": RecordsIn.model_json_schema()}}}
    },
)
def deliver(request: HttpRequest, provider: str) -> dict[str, Any]:
    """Deliver 1 to 1,000 records. Each gets its own answer; a refused one does not hold up the others."""
    body = _body(request)
    rows = [_read_row(row) for row in body["records"]]
    good = [row for row in rows if isinstance(row, RecordRow)]
    dry_run = body.get("dry_run") is True
    judged: Sequence[RowResult] = ()
    if good:
        judged = accept_records(
            by=actor_of(request), provider=provider, rows=good, dry_run=dry_run, name=str(body.get("name", ""))
        )
    elif provider not in actor_of(request).sources:
        raise NotFound("learning.provider")
    answers = iter(judged)
    results = [next(answers) if isinstance(row, RecordRow) else row for row in rows]
    counts = {s: sum(r.status == s for r in results) for s in ("created", "unchanged", "conflict", "refused")}
    return {"dry_run": dry_run, **counts, "results": [_row_out(result) for result in results]}


@router.get("/{provider}/records", response={200: PageOut, 401: Error, 404: Error, 422: Error})
def read_back(request: HttpRequest, provider: str, cursor: str = "", limit: int = 200) -> dict[str, Any]:
    """What you delivered, as it is known here, by order of arrival."""
    if not 1 <= limit <= MOST:
        raise Refused("limit-out-of-range", _("A page has 1 to %(most)s records."), most=MOST)
    if cursor and not cursor.isdecimal():
        raise Refused("cursor-unknown", _("This cursor is not one of ours."))
    rows = list(delivered(actor_of(request), provider, after=int(cursor or 0))[: limit + 1])
    records = [
        {
            "id": row.source_id, "revision": row.revision, "state": row.state, "person_found": row.person_id is not None,
            "mode": row.mode, "course": row.course, "title": row.title, "starts_at": row.starts_at, "ends_at": row.ends_at,
            "minutes": row.minutes, "arrived_at": row.arrived_at,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return {"records": records, "next": str(rows[limit - 1].pk) if len(rows) > limit else ""}


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refused("body-not-json", _("The body is not JSON: %(error)s"), error=str(error)) from error
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise Refused("records-missing", _("The body needs a list `records`."))
    if not 1 <= len(body["records"]) <= MOST:
        raise Refused("records-out-of-range", _("Send 1 to %(most)s records a call."), most=MOST)
    return body


def _read_row(row: Any) -> RecordRow | RowResult:
    """A row in the action's form, or its refusal for a field of the wrong type."""
    if not isinstance(row, dict):
        return _bad("", "row-not-object", _("The record is not an object."), "")
    name = str(row["id"]) if isinstance(row.get("id"), str) else ""
    if unknown := sorted(set(row) - KNOWN):
        return _bad(name, "field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    values: dict[str, Any] = {"source_id": name}
    for text in TEXTS:
        if not isinstance(row.get(text, ""), str):
            return _bad(name, "field-not-text", _("“%(field)s” must be text."), text)
        values[text] = row.get(text, "")
    for field, read in (("starts_at", _instant), ("ends_at", _instant), ("minutes", _whole), ("periods", _decimal)):
        try:
            values[field] = read(row.get(field))
        except (ValueError, TypeError, InvalidOperation):
            return _bad(name, "field-unreadable", _("“%(field)s” cannot be read."), field)
    if "\0" in "".join(value for value in values.values() if isinstance(value, str)):
        return _bad(name.replace("\0", ""), "field-unreadable", _("“%(field)s” cannot be read."), "text")
    return RecordRow(**values)


def _bad(name: str, code: str, message: str, field: str) -> RowResult:
    return RowResult(name, "refused", code, {"field": field}, message % {"field": field} if field else message)


def _instant(value: Any) -> datetime | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return datetime.fromisoformat(value) if value is not None else None


def _whole(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError
    return value


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
        "params": result.params, "person_found": result.person_found,
    }  # fmt: skip


deliver.permission, read_back.permission = DELIVER, VIEW  # type: ignore[attr-defined]  # read by the test that walks all addresses
