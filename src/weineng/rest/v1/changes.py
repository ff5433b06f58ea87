"""Training platforms follow what changes here about their records."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Query, Schema
from pydantic import Field

from weineng.learning.permissions import VIEW
from weineng.learning.queries import changes_of
from weineng.learning.rules import CHANGES
from weineng.rest.operations import LIMIT, PAGED, operation
from weineng.rest.v1 import sandbox
from weineng.rest.v1.providers import CODE, caller

router = sandbox.router  # one address, read and written
READ_ON = Query(
    "",
    pattern="^[0-9]{0,18}$",
    description=gettext_noop("“next” of the last call, however long ago; empty: from the beginning."),
)


class ChangeOut(Schema):
    """One change. People are meant by your own records of them; no number is told."""

    at: datetime = Field(description=gettext_noop("When it changed."))
    what: str = Field(
        description=gettext_noop(
            "voided, restored, corrected: the record was, by an office or since something else was agreed. person-found, person-lost: the "
            "person of this record, and of all under the same number, is known now, or no longer. same-person, not-same-person: the "
            "numbers of this record and of “other” are those of one person, or no longer."
        ),
        json_schema_extra={"enum": [*CHANGES]},
    )
    id: str = Field(description=gettext_noop("Your id of the record, or of one of the person's."))
    other: str = Field(
        description=gettext_noop("Your id of a record under the other number; empty where there is none.")
    )


class ChangesOut(Schema):
    """Changes, oldest first."""

    changes: list[ChangeOut] = Field(description=gettext_noop("Oldest first."))
    next: str = Field(description=gettext_noop("Keep it: the next call goes on from here, now or tomorrow."))
    more: bool = Field(description=gettext_noop("Whether there are more already."))


@operation(
    router, "GET", "/{provider}/changes", permission=VIEW, scope="records.read", answers=ChangesOut,
    says=gettext_noop("What has changed here since you asked last?"),
    more=gettext_noop("Only what changed without your doing. Nothing is left out between two calls, and nothing told twice."),
    refuses=PAGED,
)  # fmt: skip
def list_changes(
    request: HttpRequest, provider: str = CODE, cursor: str = READ_ON, limit: int = LIMIT
) -> dict[str, Any]:
    """What changed without the platform's doing."""
    rows = list(changes_of(*caller(request, provider), after=int(cursor or 0))[: limit + 1])
    changes = [
        {"at": row.at, "what": row.what, "id": row.record.source_id, "other": row.other.source_id if row.other else ""}
        for row in rows[:limit]
    ]  # fmt: skip
    return {"changes": changes, "next": str(rows[:limit][-1].pk) if rows else cursor, "more": len(rows) > limit}
