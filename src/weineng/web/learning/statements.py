"""What is agreed with a platform about its statements, what it said lately, and people whom nobody knows yet."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.kernel.clock import today
from weineng.kernel.ids import open_id
from weineng.kernel.sets import get_or_refuse
from weineng.learning import actions
from weineng.learning.models import Provider
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.learning.queries import (
    account_types,
    homes_within,
    masked_number,
    providers_within,
    said_lately,
    statement_rules_within,
    unknown_people,
    unknown_within,
)
from weineng.learning.rules import IRI_LENGTH
from weineng.organisations.models import Person, Unit
from weineng.organisations.permissions import EDIT_PEOPLE
from weineng.organisations.queries import home_leaves, names_above, search_people
from weineng.programmes.documents.labels import MODE_NAMES
from weineng.web.components.tables import Column, Table
from weineng.web.learning.forms import (
    MINUTES_NAMES,
    NEED_NAMES,
    VERB_NAMES,
    HomeForm,
    NameForm,
    RuleForm,
    type_name,
)
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.forms import choose
from weineng.web.units.picking import BELOW

FEW = 30  # people whom a search shows
SHOWN = 120  # characters of an id


@page(MANAGE_PROVIDERS)
def statements(request: Asked, provider: int) -> HttpResponse:
    """What is agreed with a platform, and what it said lately; agreeing whose accounts are whose."""
    row = _provider(request, provider)
    form = HomeForm(request.POST or None, types=account_types(row))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            data = form.cleaned_data
            actions.agree_home(
                by=request.actor, provider=row.pk, home_page=data["home_page"], person_type=data["person_type"]
            )
            return done(
                request, _("Agreed. What the platform said already is being read again."), "learning:statements", provider=row
            )  # fmt: skip
    rules = statement_rules_within(request.actor).filter(provider=row, ended_at__isnull=True)
    homes = homes_within(request.actor).filter(provider=row, ended_at__isnull=True)
    context = {
        "provider": row, "form": form, "homes": [(one, type_name(one.person_type)) for one in homes],
        "rules": [
            {
                "rule": one, "verbs": [VERB_NAMES.get(verb, verb) for verb in one.verbs], "need": one.needs and NEED_NAMES[one.needs],
                "minutes_by": MINUTES_NAMES[one.minutes_by], "mode": MODE_NAMES[one.mode],
            }
            for one in rules
        ],
        "said": [
            (
                one, VERB_NAMES.get(one.verb) or _cut(one.verb), _cut(one.activity),
                max(len(one.verb), len(one.activity)) <= IRI_LENGTH,  # a rule can name them
            )
            for one in said_lately(row)
        ],
        "crumbs": crumbs_of(row, _("Statements")),
    }  # fmt: skip
    return show(request, "learning/statements.html", context)


@page(MANAGE_PROVIDERS)
def new_rule(request: Asked, provider: int) -> HttpResponse:
    """Agree which statements are learning events; `verb` and `activity` in the address are those of one that was said."""
    row = _provider(request, provider)
    verb = request.GET.get("verb", "")
    initial = {
        "verbs": [verb], "other_verbs": "" if verb in VERB_NAMES else verb, "activity": request.GET.get("activity", ""), "needs": "",
    }  # fmt: skip
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.agree_rule(by=request.actor, provider=row.pk, rule=form.rule())
            return done(
                request, _("Agreed. What the platform said already is being read again."), "learning:statements", provider=row
            )  # fmt: skip
    context = {
        "provider": row,
        "form": form,
        "crumbs": crumbs_of(row, _("Agree a rule"), beside=(_("Statements"), "learning:statements")),
    }
    return show(request, "learning/rule.html", context)


@page(MANAGE_PROVIDERS, methods=("POST",))
def end_rule(request: Asked, rule: int) -> HttpResponse:
    """What was agreed ends."""
    row = actions.end_rule(by=request.actor, rule=rule)
    return done(
        request, _("It has ended; its records are being withdrawn."), "learning:statements", provider=row.provider
    )


@page(MANAGE_PROVIDERS, methods=("POST",))
def end_home(request: Asked, home: int) -> HttpResponse:
    """Whose accounts they are is open again."""
    row = actions.end_home(by=request.actor, home=home)
    return done(
        request, _("It has ended; its records are being withdrawn."), "learning:statements", provider=row.provider
    )


@page(MANAGE_PROVIDERS)
def unknown(request: Asked, provider: int) -> HttpResponse:
    """The people whom a platform names and nobody knows, those with most records first."""
    row = _provider(request, provider)
    columns = (
        Column("name", _("As the platform knows them"), sort="name"), Column("number", _("Number of the person")),
        Column("records", _("Records"), number=True, sort="records", descending_first=True),
        Column("minutes", _("Minutes"), number=True, sort="minutes", descending_first=True), Column("days", _("When")),
    )  # fmt: skip
    head = Table(request, columns, order="-records")
    rows = head.cut(unknown_people(request.actor, row.pk), tie="record").rows
    firsts = unknown_within(request.actor).in_bulk([one["record"] for one in rows])
    people = [(one, masked_number(firsts[one["record"]]), type_name(one["person_type"])) for one in rows]
    context = {"provider": row, "head": head, "people": people, "crumbs": crumbs_of(row, _("Nobody knows yet"))}
    return show(request, "learning/unknown.html", context)


@page(MANAGE_PROVIDERS)
def name_unknown(request: Asked, record: int) -> HttpResponse:
    """Say who it is: search for somebody, choose them; the records under the same number become theirs."""
    row = get_or_refuse(unknown_within(request.actor), pk=record)
    text = request.GET.get("q", "").strip() or row.person_name
    found = list(search_people(request.actor, text, EDIT_PEOPLE)[: FEW + 1]) if text else []
    form = NameForm(request.POST or None)
    choose(form, "person", _people(found[:FEW]))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            person = open_id("organisations.person", form.cleaned_data["person"])
            count = actions.name_person(by=request.actor, record=row.pk, person=person)
            words = {"count": count}
            said = _("%(count)s records have found their person; it is being recounted.") % words
            return done(request, said, "learning:unknown", provider=row.provider)
    context = {
        "record": row, "form": form, "q": text, "more": len(found) > FEW, "number": masked_number(row), "kind": type_name(row.person_type),
        "crumbs": crumbs_of(row.provider, row.person_name or _("Who is it?"), beside=(_("Nobody knows yet"), "learning:unknown")),
    }  # fmt: skip
    return show(request, "learning/name_unknown.html", context)


def _people(found: Sequence[Person]) -> list[tuple[str, str]]:
    """People as a form offers them: namesakes are told apart by where they work."""
    leaves = {row["person"]: row["leaf"] for row in home_leaves([one.pk for one in found], today())}
    names = dict(Unit.objects.filter(pk__in=set(leaves.values())).order_by("pk").values_list("pk", "name"))
    above = names_above(names)
    places = {pk: f"{above[pk]}{BELOW}{name}" if pk in above else name for pk, name in names.items()}
    return [(oid(one), f"{one.name} · {places[leaves[one.pk]]}" if one.pk in leaves else one.name) for one in found]


def _cut(text: str) -> str:
    """An id as a table shows it: a platform may send one of any length."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _provider(request: Asked, provider: int) -> Provider:
    return get_or_refuse(providers_within(request.actor), pk=provider)


def crumbs_of(provider: Provider, here: str, *, beside: tuple[str, str] | None = None) -> list[dict[str, object]]:
    """Where the page is: below the platform's page, and below one `beside` it (its text, its name)."""
    trail: list[dict[str, object]] = [
        {"text": _("Training platforms"), "url": reverse("learning:providers")},
        {"text": provider.name, "url": reverse("learning:provider", kwargs={"provider": provider})},
    ]
    if beside is not None:
        trail.append({"text": beside[0], "url": reverse(beside[1], kwargs={"provider": provider})})
    return [*trail, {"text": here}]
