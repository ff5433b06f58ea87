"""The people of a unit: found, narrowed, entered."""

from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.organisations.actions import enter_person
from weineng.organisations.models import Person, Posting
from weineng.organisations.permissions import (
    EDIT_PEOPLE,
    ERASE_PEOPLE,
    EXPORT_PEOPLE,
    IMPORT_ROSTER,
    MERGE_PEOPLE,
    VIEW_PEOPLE,
)
from weineng.organisations.queries import LACKING, are_many_below, first_found, namesakes_in, staff_of
from weineng.organisations.reach import require_unit, units_within
from weineng.programmes.documents.labels import ESTABLISHMENT_NAMES, IN_POST_NAMES
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.people_forms import PersonForm, PostForm
from weineng.web.units.picking import pick_units
from weineng.web.units.tabs import unit_tabs

STATES: Mapping[str, object] = {**IN_POST_NAMES, "no-post": gettext_lazy("without a post")}
MISSING: Mapping[str, object] = {
    "group": gettext_lazy("without a group"), "staff-number": gettext_lazy("no staff number"), "subject": gettext_lazy("no subject"),
    "licence": gettext_lazy("licence not told"), "identity": gettext_lazy("no identity number"),
}  # fmt: skip


@page(VIEW_PEOPLE)
def people(request: Asked, unit: int) -> HttpResponse:
    """Who has a post at a unit or below it; who had the last one there."""
    place = require_unit(request.actor, VIEW_PEOPLE, unit)
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "state", "lacks", "twice")}
    many = are_many_below({unit})
    wide = many and not asked["q"]
    everybody = Person.objects.none() if wide else staff_of(request.actor, unit, asked["q"])
    merges = _may(request, MERGE_PEOPLE, unit) and not wide
    twice = everybody.filter(namesakes_in(unit)) if merges else everybody.none()
    staff = twice if merges and asked["twice"] else everybody
    states, lacks = ({}, {}) if wide else _counts(staff)
    head = Table(request, COLUMNS(), order="name")
    if not wide:
        head.cut(_narrowed(staff, asked["state"], asked["lacks"]))
    posts = Posting.objects.select_related("unit", "school").in_bulk([row.post_id for row in head.rows if row.post_id])
    context = {
        "unit": place, "head": head, "rows": [_row(row, posts.get(row.post_id)) for row in head.rows], "asked": asked,
        "states": _chips(asked, "state", STATES, states, sum(states.values())), "missing": _chips(asked, "lacks", MISSING, lacks, None),
        "wide": wide, "more": many and first_found(request.actor, asked["q"])[1],
        "doubles": _twice(asked, twice.order_by().count()),
        "everybody": everybody.order_by().count() if asked["twice"] else sum(states.values()),
        "crumbs": unit_crumbs(request, unit, "units:people", VIEW_PEOPLE),
        "tabs": unit_tabs(request, unit, "units:people"), "enters": _may(request, EDIT_PEOPLE, unit) and place.level != "zone",
        "imports": _may(request, IMPORT_ROSTER, unit),
        "exports": _may(request, EXPORT_PEOPLE, unit), "merges": merges, "erases": _may(request, ERASE_PEOPLE, unit),
    }  # fmt: skip
    return show(request, "units/people.html", context)


def COLUMNS() -> tuple[Column, ...]:  # noqa: N802 (what it returns never changes)
    """The columns of the list."""
    return (
        Column("name", _("Name"), sort="name_order"), Column("where", _("Where")), Column("post", _("Subject and duty")),
        Column("number", _("Staff number"), sort="staff_number"), Column("state", _("State")),
    )  # fmt: skip


def _may(request: Asked, permission: object, unit: int) -> bool:
    return units_within(request.actor, permission).filter(pk=unit).exists()  # type: ignore[arg-type]  # one of ours


def _counts(staff: QuerySet[Person]) -> tuple[dict[str, int], dict[str, int]]:
    """How many are in each state, and how many lack what: everybody is looked at once for all of it."""
    lacking = {
        f"lack_{place}": Count("pk", filter=condition & Q(erased_at__isnull=True))
        for place, condition in enumerate(LACKING.values())
    }
    rows = list(staff.order_by("in_post").values("in_post").annotate(people=Count("pk"), **lacking))  # type: ignore[misc]  # annotated
    states = {row["in_post"] or "no-post": row["people"] for row in rows}
    return states, {name: sum(row[f"lack_{place}"] for row in rows) for place, name in enumerate(LACKING)}


def _narrowed(staff: QuerySet[Person], state: str, lacks: str) -> QuerySet[Person]:
    wanted = Q()
    if state in STATES:
        wanted &= Q(in_post="" if state == "no-post" else state)
    if lacks in LACKING:
        wanted &= LACKING[lacks] & Q(erased_at__isnull=True)
    return staff.filter(wanted)


def _chips(
    asked: Mapping[str, str], name: str, words: Mapping[str, object], counts: Mapping[str, int], everybody: int | None
) -> list[dict[str, object]]:
    """One row of filters; what nobody falls under is left out, the one chosen is shown always."""
    chips = [
        (code, word, counts.get(code, 0)) for code, word in words.items() if counts.get(code) or asked[name] == code
    ]
    if everybody is not None or (chips and asked[name]):
        chips.insert(0, ("", _("All"), everybody if everybody is not None else None))  # type: ignore[arg-type]  # no number
    return [
        {"text": word, "url": _url(asked, **{name: code}), "count": count, "on": asked[name] == code}
        for code, word, count in chips
    ]


def _twice(asked: Mapping[str, str], count: int) -> list[dict[str, object]]:
    """The filter for those who may have been entered twice; nothing where nobody was."""
    if not count and not asked["twice"]:
        return []
    url = _url(asked, twice="" if asked["twice"] else "1")
    return [{"text": _("perhaps entered twice"), "url": url, "count": count, "on": bool(asked["twice"])}]


def _url(asked: Mapping[str, str], **changes: str) -> str:
    return f"?{urlencode({name: value for name, value in {**asked, **changes}.items() if value})}"


def _row(person: Person, post: Posting | None) -> dict[str, object]:
    words = [(post.stage and post.subject) or post.subject, post.post] if post else []
    return {
        "person": person, "post": post, "as": " · ".join(word for word in words if word),
        "state": _state(person, post), "shape": _shape(post),
        "establishment": ESTABLISHMENT_NAMES.get(post.establishment, "") if post else "",
    }  # fmt: skip


def _state(person: Person, post: Posting | None) -> object:
    if person.erased_at is not None:
        return _("erased")
    return IN_POST_NAMES[post.in_post] if post else _("without a post")


def _shape(post: Posting | None) -> str:
    return "closed" if post is None or post.in_post == "retired" else "done" if post.in_post == "in-post" else "waiting"


@page(EDIT_PEOPLE)
def enter(request: Asked, unit: int) -> HttpResponse:
    """Somebody new, with their home post."""
    place = require_unit(request.actor, EDIT_PEOPLE, unit)
    finding = request.POST.get("do") == "find"
    picker = pick_units(request, EDIT_PEOPLE, levels=POSTED, keep=unit)
    data = request.POST if request.POST and not finding else None
    form, post = PersonForm(data), PostForm(data, picker=picker, initial={"unit": oid(place)})
    if data is not None and all([form.is_valid(), post.is_valid()]):
        with refusals_on(form):
            given = {"post": post.told(), "on": post.cleaned_data["on"], **form.told()}
            person = enter_person(by=request.actor, **given)
            said = _("%(name)s is entered.") % {"name": person.name}
            return done(request, said, "units:person", person=person)
    context = {
        "unit": place, "form": form, "post": post, "picker": picker,
        "crumbs": unit_crumbs(request, unit, "units:people", VIEW_PEOPLE, here=_("Enter somebody")),
    }  # fmt: skip
    return show(request, "units/enter.html", context)


POSTED = ("province", "city", "county", "school", "group")  # a zone has no posts
