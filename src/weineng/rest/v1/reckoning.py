"""Training platforms say what is in their own books, and read what the programmes made of what they delivered."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import ConfigDict, Field

from weineng.learning.actions import state_books
from weineng.learning.permissions import DELIVER, VIEW
from weineng.learning.queries import today_there
from weineng.learning.rules import Books
from weineng.progress.queries import SourceLine, account_of_source
from weineng.rest.bodies import json_of, unread
from weineng.rest.operations import Day, day_of, operation
from weineng.rest.v1 import deliveries
from weineng.rest.v1.providers import CODE, MONTH, SINCE, UNTIL, caller

router = deliveries.router  # one address, read and written
NUMBERS = ("records", "minutes", "people")
PASSES = "passes"  # who has none in their books leaves it out


class StatedIn(Schema):
    """What you have in your books of the events of one day."""

    model_config = ConfigDict(extra="forbid")

    on: date = Field(description=gettext_noop("The day on which the events ended."))
    records: int = Field(ge=0, description=gettext_noop("Records in force: neither corrected nor voided."))
    minutes: int = Field(ge=0, description=gettext_noop("Their minutes."))
    people: int = Field(ge=0, description=gettext_noop("How many people they are about."))
    passes: int | None = Field(
        None,
        ge=0,
        description=gettext_noop("How many of them say that the course was passed; null: they are not compared."),
    )


class StatedDaysIn(Schema):
    """What you have in your books, day by day."""

    model_config = ConfigDict(extra="forbid")

    days: list[StatedIn] = Field(min_length=1, max_length=400, description=gettext_noop("1 to 400 days, each once."))


class StatedDaysOut(Schema):
    """What was kept of it."""

    changed: int = Field(description=gettext_noop("How many days are new, or other than you said before."))


class LineOut(Schema):
    """Minutes of one kind that count, or that do not for one reason."""

    kind: str = Field(
        description=gettext_noop("Code of the kind of learning in the programme; empty: it has none for them.")
    )
    title: str = Field(description=gettext_noop("What the kind is called, in the language asked for."))
    reason: str = Field(description=gettext_noop("Why they do not count; empty where they do."))
    text: str = Field(description=gettext_noop("The reason as a sentence, in the language asked for."))
    records: int = Field(description=gettext_noop("Of how many records."))
    people: int = Field(description=gettext_noop("Of how many people."))
    minutes: int = Field(description=gettext_noop("Whole minutes."))


class AccountOut(Schema):
    """What one programme made of your records."""

    programme: str = Field(description=gettext_noop("Code of the programme."))
    title: str = Field(description=gettext_noop("Its title, in the language asked for."))
    minutes: int = Field(description=gettext_noop("Minutes that count."))
    counted: list[LineOut] = Field(description=gettext_noop("What counts, by kind."))
    left_out: list[LineOut] = Field(description=gettext_noop("What does not count, by kind and reason."))


class AccountsOut(Schema):
    """What the programmes made of the events of these days."""

    since: date = Field(description=gettext_noop("The first day."))
    until: date = Field(description=gettext_noop("The last day."))
    programmes: list[AccountOut] = Field(description=gettext_noop("In the order of their codes."))


@operation(
    router, "POST", "/{provider}/reconciliation", permission=DELIVER, scope="records.write", answers=StatedDaysOut, body=StatedDaysIn,
    says=gettext_noop("Say what you have in your own books."),
    more=gettext_noop(
        "Of each day how many records, minutes, people and passes; what you said of a day before gives way. The office sees both books "
        "beside each other, and you where you ask whether they agree."
    ),
    refuses=(
        "body-not-json", "body-too-big", "length-missing", "field-unknown", "field-unreadable", "days-missing", "too-many-days",
        "day-twice", "day-out-of-range", "number-out-of-range",
    ),
)  # fmt: skip
def state(request: HttpRequest, provider: str = CODE) -> dict[str, Any]:
    """What you have in your own books, day by day."""
    by, provider = caller(request, provider)
    return {"changed": state_books(by=by, provider=provider, days=_days(json_of(request)))}


@operation(
    router, "GET", "/{provider}/counted", permission=VIEW, scope="records.read", answers=AccountsOut,
    says=gettext_noop("What counts of what you delivered?"),
    more=gettext_noop(
        "By programme: how many minutes count as which kind, and why the others do not. Records of people who are unknown, or in no "
        "programme, are in none of these sums."
    ),
    refuses=("parameter-unreadable", "days-out-of-range"),
)  # fmt: skip
def read_counted(request: HttpRequest, provider: str = CODE, since: Day = SINCE, until: Day = UNTIL) -> dict[str, Any]:
    """What the programmes made of the events of these days."""
    by, provider = caller(request, provider)
    last = day_of(until, "until", today_there(provider))
    first = day_of(since, "since", max(date.min + MONTH, last) - MONTH)
    accounts = account_of_source(by, provider, first, last)
    programmes = [
        {
            "programme": one.programme.code, "title": one.title, "minutes": one.minutes, "counted": [_line(line) for line in one.counted],
            "left_out": [_line(line) for line in one.left_out],
        }
        for one in accounts
    ]  # fmt: skip
    return {"since": first, "until": last, "programmes": programmes}


def _line(line: SourceLine) -> dict[str, Any]:
    return vars(line) if line.reason else vars(line) | {"text": ""}


def _days(body: Any) -> list[Books]:
    """The days of a body, whole or not at all."""
    if not isinstance(body, dict) or not isinstance(body.get("days"), list):
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "days")
    if unknown := sorted(body.keys() - {"days"}):
        raise unread("field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    return [_day(row) for row in body["days"]]


def _day(row: Any) -> Books:
    if not isinstance(row, dict):
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "days")
    if unknown := sorted(row.keys() - {"on", *NUMBERS, PASSES}):
        raise unread("field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    for name in NUMBERS:
        if isinstance(row.get(name), bool) or not isinstance(row.get(name), int):
            raise unread("field-unreadable", _("“%(field)s” cannot be read."), name)
    passes = row.get(PASSES)
    if passes is not None and (isinstance(passes, bool) or not isinstance(passes, int)):
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), PASSES)
    try:
        on = date.fromisoformat(str(row.get("on")))
    except ValueError as error:
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "on") from error
    return Books(on, row["records"], row["minutes"], row["people"], passes)
