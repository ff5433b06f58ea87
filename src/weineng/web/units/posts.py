"""Posts of a person: another one, a transfer, a change in one, its end, its right beginning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.queries import Following
from weineng.kernel.refusals import NotFound
from weineng.organisations import actions
from weineng.organisations.models import Person, Posting
from weineng.organisations.permissions import EDIT_PEOPLE
from weineng.organisations.queries import PostPreview, children_of, lines_of, preview_posts
from weineng.organisations.reach import require_person, require_unit
from weineng.organisations.rules import Post
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.following import what_follows
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.trial import trial
from weineng.web.units.people import POSTED
from weineng.web.units.people_forms import BegunForm, ChangeForm, EndForm, PostForm, SecondPostForm
from weineng.web.units.person import crumbs_of, posts_of
from weineng.web.units.picking import Picker, pick_units
from weineng.web.units.shown import mark_of, require_shown

DAY = timedelta(days=1)
FACTS = ("stage", "subject", "post", "establishment", "in_post", "staff_number")


@dataclass(frozen=True)
class After:
    """A person's posts as they would be, how far back that reaches, what would be other; `mark` goes along with the act."""

    posts: list[dict[str, Any]]
    reach: PostPreview
    following: Following
    mark: str


def look(request: Asked, form: Form, person: int, on: date, act: Callable[[], object]) -> After:
    """What would follow; nothing is kept."""
    with trial():
        act()
        after = posts_of(person)
    reach = preview_posts(by=request.actor, person=person, on=on)
    following = what_follows(request.actor, act, on=on)
    return After(after, reach, following, mark_of(request, form, following, after))


@page(EDIT_PEOPLE)
def transfer(request: Asked, person: int) -> HttpResponse:
    """The home post at another school or group from a day on."""
    row = require_person(request.actor, EDIT_PEOPLE, person)
    home = Posting.objects.filter(person=row, home=True).order_by("-during").first()
    known = {name: getattr(home, name) for name in FACTS} if home else {}
    return _post(request, row, PostForm, known, _("Transfer"), actions.transfer_person, _("The transfer is entered."))


@page(EDIT_PEOPLE)
def another(request: Asked, person: int) -> HttpResponse:
    """Another post beside the home one, or the first one of somebody without any."""
    row = require_person(request.actor, EDIT_PEOPLE, person)
    return _post(request, row, SecondPostForm, {}, _("Another post"), actions.post_person, _("The post is entered."))


def _post(
    request: Asked, row: Person, form_of: type[PostForm], known: dict[str, object], title: str, act: Callable[..., object], said: str,
) -> HttpResponse:  # fmt: skip
    picker = pick_units(request, EDIT_PEOPLE, levels=POSTED)
    wanted = request.POST.get("do", "")
    data = request.POST if request.POST and wanted != "find" else None
    form, after = form_of(data, picker=picker, initial=known), None
    if data is not None and form.is_valid():
        chosen = form.cleaned_data
        given: dict[str, Any] = {"by": request.actor, "person": row.pk, "post": form.told(), "on": chosen["on"]}
        if chosen.get("last_on"):
            given["until"] = chosen["last_on"] + DAY
        with refusals_on(form):
            after = look(request, form, row.pk, chosen["on"], lambda: act(**given))
            if wanted == "apply":
                require_shown(request, after.mark)
                act(**given)
                return done(request, said, "units:person", person=row)
    context = {
        "row": row, "form": form, "picker": picker, "after": after, "title": title, "crumbs": crumbs_of(request, row, title),
    }  # fmt: skip
    return show(request, "units/post.html", context)


@page(EDIT_PEOPLE)
def change(request: Asked, posting: int) -> HttpResponse:
    """One post: otherwise from a day on, ended, or with its right beginning."""
    row = Posting.objects.select_related("person", "unit", "school").filter(pk=posting).first()
    if row is None:
        raise NotFound("organisations.posting")
    require_unit(request.actor, EDIT_PEOPLE, row.unit_id)
    stretch = next(s for s in lines_of([row.person_id])[row.person_id] if s.row == row.pk)
    picker = _within_school(request, row)
    wanted = request.POST.get("form", "")
    data = {name: request.POST if name == wanted else None for name in ("change", "end", "begun")}
    known = {name: getattr(row, name) for name in FACTS} | {"unit": oid(row.unit), "home": row.home}
    forms: dict[str, Form] = {
        "change": ChangeForm(data["change"], picker=picker, initial=known),
        "end": EndForm(data["end"], initial={"last_on": row.during.upper - DAY} if row.during.upper else None),
        "begun": BegunForm(data["begun"], initial={"on": row.during.lower}),
    }
    form, after = forms.get(wanted), None
    if wanted == "unend":
        actions.end_posting(by=request.actor, posting=posting, on=None)
        return done(request, _("The end is taken back; the post goes on."), "units:person", person=row.person)
    if form is not None and form.is_valid():
        with refusals_on(form):
            on, act = _deed(request, row, wanted, form, stretch.post)
            after = look(request, form, row.person_id, on, act)
            if request.POST.get("do") == "apply":
                require_shown(request, after.mark)
                act()
                return done(request, _("Entered."), "units:person", person=row.person)
    context = {
        "post": row, "told": next(one for one in posts_of(row.person_id) if one["post"].pk == row.pk), "after": after, "wanted": wanted,
        "crumbs": crumbs_of(request, row.person, row.unit.name), "picker": picker, **{f"{name}_form": one for name, one in forms.items()},
    }  # fmt: skip
    return show(request, "units/change_post.html", context)


def _within_school(request: Asked, row: Posting) -> Picker:
    """The school of a post and its groups: another school is a transfer."""
    units = [row.school, *children_of(row.school_id).filter(level="group")]
    choices = [(unit, unit.name) for unit in units]
    if row.unit_id not in {unit.pk for unit in units}:
        choices.append((row.unit, row.unit.name))
    return Picker(tuple(choices), "", search=False, more=False)


def _deed(request: Asked, row: Posting, wanted: str, form: Form, known: Post) -> tuple[date, Callable[[], object]]:
    """The day of a change, and the change itself."""
    by, chosen = request.actor, form.cleaned_data
    if isinstance(form, ChangeForm):
        post, home = form.told(known), chosen["home"] and not row.home
        return chosen["on"], lambda: actions.change_posting(
            by=by, posting=row.pk, on=chosen["on"], post=post, home=home
        )
    if wanted == "end":
        ends = chosen["last_on"] + DAY
        return ends, lambda: actions.end_posting(by=by, posting=row.pk, on=ends, reason=chosen["reason"])
    first = min(chosen["on"], row.during.lower or chosen["on"])
    return first, lambda: actions.redate_posting(by=by, posting=row.pk, on=chosen["on"])
