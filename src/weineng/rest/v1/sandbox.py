"""A training platform tries out its programs in its sandbox."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import ConfigDict, Field

from weineng.kernel.actors import Actor
from weineng.learning.actions import empty_sandbox, set_server_date
from weineng.learning.permissions import DELIVER, VIEW
from weineng.learning.queries import sandbox_read, today_there
from weineng.learning.rules import INVENTED, invented_mail, invented_number
from weineng.rest.bodies import json_of, unread
from weineng.rest.operations import operation
from weineng.rest.v1 import reckoning
from weineng.rest.v1.providers import CODE, caller

router = reckoning.router  # one address, read and written


class InventedOut(Schema):
    """Somebody invented: found, where a record or a statement in the sandbox names them."""

    number: str = Field(
        description=gettext_noop(
            "Their number, whatever “person_type” is, and the name of their account in a statement."
        )
    )
    mail: str = Field(description=gettext_noop("Their mail; in a statement also as its hash."))
    name: str = Field(description=gettext_noop("Their name; send another one to see “name_differs”."))


class SandboxOut(Schema):
    """Your sandbox."""

    today: date = Field(description=gettext_noop("The date of its server."))
    records: int = Field(description=gettext_noop("How many records lie in it, with corrections and voids."))
    statements: int = Field(description=gettext_noop("How many statements (xAPI) lie in it."))
    people: list[InventedOut] = Field(
        description=gettext_noop("Whom it knows. It knows nobody else, and never a real person.")
    )


class ServerDateIn(Schema):
    """The date that the sandbox's server is to have."""

    model_config = ConfigDict(extra="forbid")

    today: date | None = Field(description=gettext_noop("From 2000 to 2099; null: today's date again."))


@operation(
    router, "GET", "/{provider}/sandbox", permission=VIEW, scope="records.read", answers=SandboxOut,
    says=gettext_noop("What is in your sandbox, and whom does it know?"),
    more=gettext_noop(
        "With a key of your sandbox every call, to the record store too, is answered as in earnest, by the rules that the office agreed "
        "with you. Nothing of it counts and nobody is told. The office that admitted you sees how much lies in it, and what is wrong and "
        "why: by your own ids, never by the numbers or names that you tried."
    ),
    refuses=("sandbox-only",),
)  # fmt: skip
def read_sandbox(request: HttpRequest, provider: str = CODE) -> dict[str, Any]:
    """What is in the sandbox."""
    return _sandbox(*caller(request, provider))


@operation(
    router, "POST", "/{provider}/sandbox", permission=DELIVER, scope="records.write", answers=SandboxOut, body=ServerDateIn,
    says=gettext_noop("Set the date of your sandbox's server."),
    more=gettext_noop(
        "It goes on from there day by day. What you send is judged and dated by it; statements keep the time at which they were stored."
    ),
    refuses=(
        "body-not-json", "body-too-big", "length-missing", "field-unknown", "field-unreadable", "date-out-of-range", "sandbox-only",
        "provider-busy",
    ),
)  # fmt: skip
def set_date(request: HttpRequest, provider: str = CODE) -> dict[str, Any]:
    """The date of the sandbox's server."""
    by, provider = caller(request, provider)
    set_server_date(by=by, provider=provider, on=_date(json_of(request)))
    return _sandbox(by, provider)


@operation(
    router, "DELETE", "/{provider}/sandbox", permission=DELIVER, scope="records.write", answers=SandboxOut,
    says=gettext_noop("Empty your sandbox."),
    more=gettext_noop("Records, deliveries, what was refused, your books, statements and documents go; keys and the server's date stay."),
    refuses=("sandbox-only", "provider-busy"),
)  # fmt: skip
def clear_sandbox(request: HttpRequest, provider: str = CODE) -> dict[str, Any]:
    """Everything in the sandbox goes."""
    by, provider = caller(request, provider)
    empty_sandbox(by=by, provider=provider)
    return _sandbox(by, provider)


def _sandbox(by: Actor, provider: str) -> dict[str, Any]:
    records, statements = sandbox_read(by, provider)
    people = [
        {"number": invented_number(number), "mail": invented_mail(number), "name": name}
        for number, name in INVENTED.items()
    ]
    return {"today": today_there(provider), "records": records, "statements": statements, "people": people}


def _date(body: Any) -> date | None:
    """The date in a body, understood whole or not at all."""
    if not isinstance(body, dict) or "today" not in body:
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "today")
    if unknown := sorted(body.keys() - {"today"}):
        raise unread("field-unknown", _("There is no field “%(field)s”."), unknown[0][:40])
    try:
        return None if body["today"] is None else date.fromisoformat(body["today"])
    except (TypeError, ValueError) as error:
        raise unread("field-unreadable", _("“%(field)s” cannot be read."), "today") from error
