"""An office's own system reads its part of the tree, and who works there."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Path, Query, Router, Schema
from pydantic import Field

from weineng.kernel.ids import open_id, seal_id
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import ListedPost, export_posts
from weineng.organisations.permissions import EXPORT_PEOPLE, VIEW_UNIT
from weineng.organisations.queries import parents_of
from weineng.organisations.reach import units_within
from weineng.rest.api import actor_of
from weineng.rest.operations import CURSOR, LIMIT, PAGED, operation

router = Router(tags=["units"])
KIND = "organisations.unit"
WORD = r"^[0-9a-z]{13}$"
UNIT = Path(description=gettext_noop("Id of a unit, from the list of units."), pattern=WORD)
ID_OF_UNIT = Query(description=gettext_noop("Id of a unit, from the list of units."), pattern=WORD)
AT = Query(
    "",
    description=gettext_noop("Only people at or below this unit; empty: all within reach."),
    pattern=r"^([0-9a-z]{13})?$",
)


class UnitOut(Schema):
    """A unit within the reach of the key."""

    id: str = Field(description=gettext_noop("Id of the unit; it never changes."))
    code: str = Field(description=gettext_noop("Its code; empty where it has none."))
    official_code: str = Field(description=gettext_noop("Its official code; empty where it has none."))
    name: str = Field(description=gettext_noop("Its present name."))
    level: str = Field(description=gettext_noop("province, city, county, zone, school or group."))
    kind: str = Field(
        description=gettext_noop("What kind of unit it is, e.g. primary, nine-year, kindergarten, group.")
    )
    parent: str = Field(description=gettext_noop("Id of the unit directly above; empty where that is out of reach."))
    closed_on: date | None = Field(description=gettext_noop("The first day without it; null while it is open."))


class UnitsOut(Schema):
    """A page of units."""

    units: list[UnitOut] = Field(description=gettext_noop("In the order in which they were founded."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


class PostOut(Schema):
    """A post that holds today, with whose it is. Somebody with two posts has two rows."""

    person: str = Field(description=gettext_noop("Id of the person; it never changes."))
    unit: str = Field(description=gettext_noop("Id of the unit."))
    home: bool = Field(description=gettext_noop("Whether the person is counted here."))
    name: str = Field(description=gettext_noop("Name of the person."))
    staff_number: str = Field(description=gettext_noop("Staff number; may be empty."))
    id_type: str = Field(description=gettext_noop("What “id_number” is: id-card or passport; may be empty."))
    id_number: str = Field(description=gettext_noop("Identity number, masked; may be empty."))
    gender: str = Field(description=gettext_noop("m, f, or empty where it is not known."))
    group: str = Field(description=gettext_noop("Teaching group; empty where there is none."))
    stage: str = Field(description=gettext_noop("Stage of schooling."))
    subject: str = Field(description=gettext_noop("Subject."))
    post: str = Field(description=gettext_noop("Post."))
    establishment: str = Field(
        description=gettext_noop("established, contract, substitute or seconded-in; may be empty.")
    )
    in_post: str = Field(description=gettext_noop("in-post, long-leave, seconded-out or retired."))


class PeopleOut(Schema):
    """A page of posts."""

    people: list[PostOut] = Field(description=gettext_noop("In the order in which they were entered."))
    next: str = Field(description=gettext_noop("The cursor of the next page; empty on the last one."))


@operation(
    router, "GET", "", permission=VIEW_UNIT, answers=UnitsOut, refuses=PAGED,
    says=gettext_noop("Which units there are."),
    more=gettext_noop("The unit of the key and all below it, as they stand today. Every key of an office may read them."),
)  # fmt: skip
def list_units(request: HttpRequest, cursor: str = CURSOR, limit: int = LIMIT) -> dict[str, Any]:
    """The units within reach."""
    reached = units_within(actor_of(request), VIEW_UNIT)
    rows = list(reached.filter(pk__gt=int(cursor or 0)).order_by("pk")[: limit + 1])
    parents = parents_of(row.pk for row in rows)
    inside = set(reached.filter(pk__in=parents.values()).order_by("pk").values_list("pk", flat=True))
    units = [
        {
            "id": seal_id(KIND, row.pk), "code": row.code or "", "official_code": row.official_code or "", "name": row.name,
            "level": row.level, "kind": row.kind, "closed_on": row.closed_on,
            "parent": seal_id(KIND, parents[row.pk]) if parents.get(row.pk) in inside else "",
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return {"units": units, "next": str(rows[limit - 1].pk) if len(rows) > limit else ""}


@operation(
    router, "GET", "/{unit}/people", permission=EXPORT_PEOPLE, scope="people.read", answers=PeopleOut, refuses=PAGED,
    says=gettext_noop("Who works in a unit."),
    more=gettext_noop("The posts that hold today in the unit and all below it. Numbers are masked. Each page has its line in the log."),
)  # fmt: skip
def list_people(request: HttpRequest, unit: str = UNIT, cursor: str = CURSOR, limit: int = LIMIT) -> dict[str, Any]:
    """The people of a unit and all below it."""
    at = open_unit(unit)
    posts, following = export_posts(by=actor_of(request), unit=at, after=int(cursor or 0), size=limit)
    return {"people": [_post(post) for post in posts], "next": str(following or "")}


def _post(post: ListedPost) -> dict[str, Any]:
    return vars(post.row) | {
        "person": seal_id("organisations.person", post.person), "unit": seal_id(KIND, post.unit), "home": post.home,
    }  # fmt: skip


def open_unit(word: str) -> int:
    """The unit behind an id; refuses `not-found`."""
    try:
        return open_id(KIND, word)
    except ValueError as error:
        raise NotFound(KIND) from error
