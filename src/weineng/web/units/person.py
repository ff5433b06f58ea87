"""One person: what is known of them, their posts, and what can be done now."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.accounts.models import Account
from weineng.accounts.permissions import MANAGE
from weineng.insight.queries import follows_person
from weineng.kernel.clock import today
from weineng.organisations.actions import change_person, reveal_identity
from weineng.organisations.models import Merge, Person, Posting
from weineng.organisations.permissions import EDIT_PEOPLE, ERASE_PEOPLE, MERGE_PEOPLE, REVEAL_IDENTITY, VIEW_PEOPLE
from weineng.organisations.queries import erasure_of, masked_numbers
from weineng.organisations.reach import is_behind, people_within, require_person, same_people
from weineng.programmes.documents.labels import ESTABLISHMENT_NAMES, IN_POST_NAMES
from weineng.programmes.models import Enrolment
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW as VIEW_STANDING
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.erased import told_of
from weineng.web.units.people_forms import GENDERS, NUMBER_TYPES, PersonForm, RevealForm
from weineng.web.units.words import STAGE_NAMES

DAY = timedelta(days=1)


@page(VIEW_PEOPLE)
def person(request: Asked, person: int) -> HttpResponse:
    """Everything about one person that is no work of theirs."""
    return _page(request, person, RevealForm())


def _page(request: Asked, person: int, reveal: RevealForm, shown: tuple[str, str] | None = None) -> HttpResponse:
    row = require_person(request.actor, VIEW_PEOPLE, person)
    went = Merge.objects.filter(gone=person, kept=row, undone_at__isnull=True).select_related("gone").first()
    by, own = request.actor, is_behind(request.actor, row.pk)
    kept, erasure = row.erased_at is None, erasure_of(row.pk)
    edits = kept and people_within(by, EDIT_PEOPLE).filter(pk=row.pk).exists()
    erases = people_within(by, ERASE_PEOPLE).filter(pk=row.pk).exists()
    posts = posts_of(row.pk)
    numbers = masked_numbers(row.pk) if own or edits else []
    context = {
        "row": row, "own": own, "edits": edits, "posts": posts, "has_home": any(one["now"] and one["post"].home for one in posts),
        "details": own or edits, "gender": GENDERS.get(row.gender, ""), "now": any(one["now"] for one in posts),
        "numbers": [(type_, NUMBER_TYPES.get(type_, type_), number) for type_, number in numbers], "shown": shown, "reveal": reveal,
        "reveals": bool(numbers) and people_within(by, REVEAL_IDENTITY).filter(pk=row.pk).exists(),
        "erased": not kept, "erasure": told_of([erasure])[0] if erasure and (erases or not kept) else None,
        "erases": erases and kept and not own,
        "merges": kept and not own and people_within(by, MERGE_PEOPLE).filter(pk=row.pk).exists(),
        "merged": Merge.objects.filter(kept=row, undone_at__isnull=True).select_related("gone").order_by("-pk"), "went": went,
        "links": _links(request, row),
        "crumbs": crumbs_of(request, row),
    }  # fmt: skip
    return show(request, "units/person.html", context)


def crumbs_of(request: Asked, row: Person, here: str = "") -> list[dict[str, object]]:
    """Down to the unit of the post that counts, and the person; nothing above for one's own page."""
    reached = [one["post"] for one in posts_of(row.pk)]
    unit = next((post.unit_id for post in reached if post.home), reached[0].unit_id if reached else None)
    if unit is None or not request.actor.units(VIEW_PEOPLE) or is_behind(request.actor, row.pk):
        return (
            [{"text": row.name, "url": reverse("units:person", kwargs={"person": row})}, {"text": here}] if here else []
        )
    above = unit_crumbs(request, unit, "units:people", VIEW_PEOPLE, here=row.name)
    if here:
        above[-1]["url"] = reverse("units:person", kwargs={"person": row})
        above.append({"text": here})
    return above


def posts_of(person: int) -> list[dict[str, Any]]:
    """A person's posts, those that go on first, then newest first; each with its words."""
    return posts_of_all([person])[person]


def posts_of_all(people: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Person → their posts, as in `posts_of`; one query for all."""
    told: dict[int, list[dict[str, Any]]] = {person: [] for person in people}
    rows = Posting.objects.filter(person__in=told).select_related("unit", "school").order_by("-during", "-home", "pk")
    for row in rows:
        told[row.person_id].append(_post(row))
    return {
        person: sorted(posts, key=lambda one: (not one["now"] and not one["coming"], not one["post"].home))
        for person, posts in told.items()
    }


def _post(row: Posting) -> dict[str, Any]:
    starts, ends, on = row.during.lower, row.during.upper, today()
    words = [STAGE_NAMES.get(row.stage, ""), row.subject, row.post, ESTABLISHMENT_NAMES.get(row.establishment, "")]
    return {
        "post": row, "starts": starts, "last_on": ends - DAY if ends else None, "now": on in row.during,
        "coming": starts is not None and starts > on, "as": " · ".join(str(word) for word in words if word),
        "state": IN_POST_NAMES[row.in_post] if row.in_post != "in-post" else "",
    }  # fmt: skip


def _links(request: Asked, row: Person) -> list[dict[str, object]]:
    """Where the same person is met elsewhere: where they stand, their account, the log."""
    links = []
    standings = Enrolment.objects.within(request.actor, VIEW_STANDING).filter(person__in=same_people([row.pk]))
    counted = Standing.objects.filter(enrolment=OuterRef("pk"))
    seen: set[int] = set()  # of merged records one enrolment a programme is counted: that one is led to
    for enrolment in standings.select_related("programme").order_by(Exists(counted).desc(), "-pk"):
        if enrolment.programme_id in seen:
            continue
        seen.add(enrolment.programme_id)
        url = reverse("progress:person", kwargs={"enrolment": enrolment})
        links.append({"title": enrolment.programme.title, "text": "", "url": url})
    mine = people_within(request.actor, MANAGE).filter(pk=row.pk).values("pk")
    account = Account.objects.filter(person__in=same_people(mine)).order_by("-is_active", "pk").first()
    if account is not None and row.erased_at is None:
        links.append(
            {"title": None, "text": _("Account"), "url": reverse("account:account", kwargs={"account": account})}
        )
    if follows_person(request.actor, row.pk):
        links.append({"title": None, "text": _("Log"), "url": reverse("logs:person", kwargs={"person": row})})
    return links


@page(EDIT_PEOPLE)
def edit(request: Asked, person: int) -> HttpResponse:
    """Correct name, contact, licence; give a new number."""
    row = require_person(request.actor, EDIT_PEOPLE, person)
    licence = {True: "yes", False: "no", None: ""}[row.licence]
    known = {name: getattr(row, name) for name in ("name", "gender", "birth_date", "phone", "mail")}
    form = PersonForm(request.POST or None, initial={**known, "licence": licence})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            change_person(by=request.actor, person=row.pk, **form.told())
            return done(request, _("Saved."), "units:person", person=row)
    crumbs = crumbs_of(request, row, _("Correct details"))
    return show(request, "units/edit_person.html", {"row": row, "form": form, "crumbs": crumbs})


@page(REVEAL_IDENTITY, methods=("POST",))
def reveal(request: Asked, person: int) -> HttpResponse:
    """The full number, once, for a reason that goes into the log."""
    form, type_ = RevealForm(request.POST), request.POST.get("type", "")
    shown = None
    if form.is_valid():
        with refusals_on(form):
            number = reveal_identity(by=request.actor, person=person, type=type_, reason=form.cleaned_data["reason"])
            shown = (type_, number)
    return _page(request, person, form, shown)
