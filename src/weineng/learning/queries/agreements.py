"""What is agreed with platforms about their statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from weineng.kernel.actors import Actor
from weineng.learning.models import AccountHome, Provider, Record, StatementRule
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.learning.rules import AgreedRule, Understanding, title_of
from weineng.organisations.reach import units_within
from weineng.statements.queries import said_last

LATELY = 500  # statements looked at
KINDS = 20  # different ones shown
NUMBERS = ("register-code", "id-card", "passport", "mail")


def own_accounts(provider: Provider) -> str:
    """The type of number under which people are known by a platform's own accounts."""
    return f"platform:{provider.code}"


def account_types(provider: Provider) -> tuple[str, ...]:
    """Which numbers the account names of a platform can be: its own accounts, or a number that others give too."""
    return (own_accounts(provider), *NUMBERS)


def statement_rules_within(by: Actor) -> QuerySet[StatementRule]:
    """What is agreed with the platforms of one's part of the tree, by the order of agreeing; what has ended too."""
    rows = StatementRule.objects.filter(provider__owner__in=units_within(by, MANAGE_PROVIDERS))
    return rows.select_related("provider").order_by("pk")


def homes_within(by: Actor) -> QuerySet[AccountHome]:
    """Whose accounts are whose, with the platforms of one's part of the tree; what has ended too."""
    rows = AccountHome.objects.filter(provider__owner__in=units_within(by, MANAGE_PROVIDERS))
    return rows.select_related("provider").order_by("home_page", "pk")


def understandings(providers: "QuerySet[Provider]") -> Mapping[str, Understanding]:
    """What is in force between the offices and these platforms, by their codes."""
    rules: dict[int, list[AgreedRule]] = {}
    for row in StatementRule.objects.filter(provider__in=providers, ended_at__isnull=True).order_by("pk"):
        rules.setdefault(row.provider_id, []).append(_agreed(row))
    homes: dict[int, dict[str, str]] = {}
    for home in AccountHome.objects.filter(provider__in=providers, ended_at__isnull=True).order_by("pk"):
        homes.setdefault(home.provider_id, {})[home.home_page] = home.person_type
    return {
        one.code: Understanding(one.code, rules.get(one.pk, []), homes.get(one.pk, {}))
        for one in providers.order_by("pk")
    }


@dataclass(frozen=True)
class SaidKind:
    """What a platform said lately of one activity with one verb: how often, when last; `named`: a rule names it;
    `stands`: a record in force came of at least one of these statements."""

    verb: str
    activity: str
    title: str
    count: int
    last_at: datetime
    named: bool
    stands: bool


def said_lately(provider: Provider) -> list[SaidKind]:
    """What a platform said lately about activities, by verb and activity, the newest first: of its last 500 statements, at most
    twenty kinds."""
    agreed = understandings(Provider.objects.filter(pk=provider.pk))[provider.code]
    counts: dict[tuple[str, str], int] = {}
    firsts: dict[tuple[str, str], tuple[str, datetime]] = {}
    ids: dict[str, tuple[str, str]] = {}
    for body, at in said_last(provider.code, LATELY):
        thing = body["object"]
        if thing.get("objectType", "Activity") != "Activity":
            continue
        kind = (body["verb"]["id"], thing["id"])
        counts[kind] = counts.get(kind, 0) + 1
        ids[body["id"].lower()] = kind
        firsts.setdefault(kind, (title_of(thing.get("definition", {}).get("name", {})), at))
    records = Record.objects.in_force().filter(provider=provider, source_id__in=ids)
    standing = {ids[sid] for sid in records.order_by("pk").values_list("source_id", flat=True)}
    return [
        SaidKind(
            verb,
            activity,
            title,
            counts[verb, activity],
            at,
            agreed.rule_for(verb, activity) is not None,
            (verb, activity) in standing,
        )
        for (verb, activity), (title, at) in list(firsts.items())[:KINDS]
    ]


def _agreed(row: StatementRule) -> AgreedRule:
    return AgreedRule(
        verbs=frozenset(row.verbs), mode=row.mode, activity=row.activity, below=row.below, needs=row.needs,
        least_score=row.least_score, minutes_by=row.minutes_by, minutes=row.minutes, course=row.course,
    )  # fmt: skip
