"""Two records of one person: found, laid side by side, made one; and parted again. What follows is shown before either."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.insight.queries import Side, side_of
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.models import Record
from weineng.learning.queries import parting_of, records_within
from weineng.organisations.actions import merge_people, unmerge_people
from weineng.organisations.models import Merge, Person
from weineng.organisations.permissions import MERGE_PEOPLE
from weineng.organisations.queries import Twin, hints_between, twins_of
from weineng.organisations.reach import require_person
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.following import what_follows
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.trial import trial
from weineng.web.units.merge_forms import MergeForm, UnmergeForm
from weineng.web.units.people_forms import GENDERS, NUMBER_TYPES
from weineng.web.units.person import crumbs_of, posts_of, posts_of_all
from weineng.web.units.shown import mark_of, require_shown

UNTOLD_SHOWN = 30
HINT_NAMES: Mapping[str, object] = {
    "name": gettext_lazy("same name"), "sound": gettext_lazy("name read alike"),
    "birth": gettext_lazy("same date of birth"), "phone": gettext_lazy("same telephone"),
    "mail": gettext_lazy("same mail"),
}  # fmt: skip


@page(MERGE_PEOPLE)
def twins(request: Asked, person: int) -> HttpResponse:
    """Which other record may be the same person: likely ones, or those that a name or a number finds."""
    row = require_person(request.actor, MERGE_PEOPLE, person)
    text = request.GET.get("q", "").strip()
    found, more = twins_of(request.actor, row.pk, text)
    posts = posts_of_all(twin.person.pk for twin in found)
    context = {
        "row": row, "text": text, "twins": [_told(twin, posts[twin.person.pk]) for twin in found], "more": more,
        "crumbs": crumbs_of(request, row, _("Merge with another record")),
    }  # fmt: skip
    return show(request, "units/twins.html", context)


def _told(twin: Twin, posts: list[dict[str, Any]]) -> dict[str, object]:
    now = [one for one in posts if one["now"]]
    return {"person": twin.person, "hints": [HINT_NAMES[hint] for hint in twin.hints], "posts": now}


@page(MERGE_PEOPLE)
def merge(request: Asked, person: int, other: int) -> HttpResponse:
    """Two records side by side; then what follows from making them one; then it is done."""
    one, two = (require_person(request.actor, MERGE_PEOPLE, pk) for pk in (person, other))
    if one.pk == two.pk:
        return done(request, _("These are one person already."), "units:person", person=one)
    if (one.pk, two.pk) != (person, other) and request.method != "POST":
        return redirect("units:merge", person=one, other=two)
    sides = [_side(request, row) for row in (one, two)]
    records = [(oid(row), side["called"]) for row, side in zip((one, two), sides, strict=True)]
    both = _numbers_of_both(*(side["side"] for side in sides))
    form = MergeForm(request.POST or None, records=records, both=both, initial={"kept": oid(one)})
    crumbs = crumbs_of(request, one, _("Merge with another record"))
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = {"by": request.actor, **form.told((person, other))}
        with refusals_on(form):
            kept = one if told["kept"] == one.pk else two
            gone = two if kept is one else one
            return _follows(
                request, form, lambda: merge_people(**told), [kept],
                said=_("The two records are one person now."), kept_as=_called(kept), gone_as=_called(gone),
                title=_("Merge two records"), crumbs=crumbs, button=_("Merge them"),
                back=reverse("units:merge", kwargs={"person": one, "other": two}),
            )  # fmt: skip
    context = {
        "sides": sides, "form": form, "hints": [HINT_NAMES[hint] for hint in hints_between(one, two)], "crumbs": crumbs, "row": one,
    }  # fmt: skip
    return show(request, "units/merge.html", context)


def _side(request: Asked, row: Person) -> dict[str, Any]:
    side = side_of(request.actor, MERGE_PEOPLE, row.pk)
    numbers = [(NUMBER_TYPES.get(type_, type_), number) for type_, number in side.numbers]
    return {
        "side": side, "posts": posts_of(row.pk), "numbers": numbers, "gender": GENDERS.get(row.gender, ""), "called": _called(row),
    }  # fmt: skip


def _called(row: Person) -> str:
    """Two records of one person often bear one name: the school tells them apart."""
    where = next((one["post"].school.name for one in posts_of(row.pk) if one["now"]), _("without a post today"))
    return _("%(name)s, %(where)s") % {"name": row.name, "where": where}


def _numbers_of_both(one: Side, two: Side) -> str:
    """The kinds of number that both records have, in words."""
    types = sorted({type_ for type_, _number in one.numbers} & {type_ for type_, _number in two.numbers})
    return _(", ").join(str(NUMBER_TYPES.get(type_, type_)) for type_ in types)


def _follows(
    request: Asked, form: Form, act: Callable[[], object], people: list[Person], *, said: str, parts: Merge | None = None,
    **more: object,
) -> HttpResponse:  # fmt: skip
    """What follows, with the form once more in hidden fields: pressed again, it is done, if that is still what follows."""
    following = what_follows(request.actor, act)
    with trial():
        act()
        posts = [(row, posts_of(row.pk)) for row in people]
        more = {"kept_as": _called(people[0]), "gone_as": _called(people[-1]), **more}
        untold = _untold(request, parts.pk) if parts is not None else []
    mark = mark_of(request, form, following, [one for _row, held in posts for one in held])
    changed = None
    if request.POST.get("do") == "apply":
        try:
            require_shown(request, mark)
        except Refused as refusal:
            changed = refusal
        else:
            act()
            return done(request, said, "units:person", person=people[0])
    hidden = [(name, request.POST[name]) for name in form.fields if name in request.POST] + [("shown", mark)]
    context = {
        "following": following, "posts": posts, "hidden": hidden, "reason": form.cleaned_data["reason"], "named": True,
        "untold": untold[:UNTOLD_SHOWN], "untold_more": len(untold[UNTOLD_SHOWN:]), "changed": changed, **more,
    }  # fmt: skip
    return show(request, "units/merge_follows.html", context, status=422 if changed else None)


def _untold(request: Asked, merge: int) -> list[Record]:
    """Hours that arrived while the two were one and name neither by number: they stay, and somebody has to look at them."""
    found = parting_of(Merge.objects.get(pk=merge)).untold
    return list(records_within(request.actor, [row.pk for row in found]))


@page(MERGE_PEOPLE)
def unmerge(request: Asked, merge: int) -> HttpResponse:
    """Take a merge back: first what follows, then it is done."""
    row = Merge.objects.select_related("kept", "gone").filter(pk=merge).first()
    if row is None:
        raise NotFound("organisations.merge")
    current = require_person(request.actor, MERGE_PEOPLE, row.kept_id)
    if row.undone_at is not None or current.pk != row.kept_id:
        further = _("This record was merged into another one since. Take that back first.")
        said = _("This merge has been taken back already.") if row.undone_at is not None else further
        return done(request, said, "units:person", person=current)
    form = UnmergeForm(request.POST or None)
    crumbs = crumbs_of(request, row.kept, _("Take the merge back"))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            told: dict[str, Any] = {"by": request.actor, "merge": row.pk, **form.cleaned_data}
            return _follows(
                request, form, lambda: unmerge_people(**told), [row.kept, row.gone], parts=row, said=_("They are two people again."),
                title=_("Take the merge back"), crumbs=crumbs, button=_("Part them again"),
                back=reverse("units:person", kwargs={"person": row.kept}),
            )  # fmt: skip
    return show(request, "units/unmerge.html", {"merge": row, "form": form, "crumbs": crumbs})
