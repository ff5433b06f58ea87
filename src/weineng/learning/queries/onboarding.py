"""How far a platform is from its registration to the first day on which both books agree, as the office that admitted it sees it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from weineng.accounts.models import ApiKey
from weineng.accounts.queries import key_over
from weineng.accounts.rules import source_code
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse
from weineng.learning.models import AccountHome, Provider, Reckoning, Record, StatementRule
from weineng.learning.queries.records import providers_within
from weineng.learning.queries.sources import compare_books, refusals_of
from weineng.learning.queries.unknown import unknown_people
from weineng.statements.queries import number_said

LATELY = 31  # days of which the platform spoke last: among them one must agree
A_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class OnboardingStep:
    """One step: `done`, `doing` (begun, something is left), `open`, or `needless` for this platform; `facts` say what there is."""

    code: str  # registered, sandbox-key, tried, agreed, key, first-record, people, reconciled
    state: Literal["done", "doing", "open", "needless"]
    facts: Mapping[str, object] = field(default_factory=dict)


def onboarding_of(by: Actor, provider: int) -> list[OnboardingStep]:
    """The steps of a platform in their order. Refuses `not-found`."""
    row = get_or_refuse(providers_within(by), pk=provider)
    return list(_steps(by, row))


def _steps(by: Actor, row: Provider) -> Iterator[OnboardingStep]:
    yield OnboardingStep("registered", "done", {"at": row.created_at, "active": row.active})
    first = Record.objects.filter(provider=row, void_of__isnull=True).order_by("pk").first()
    for step in (_key(row, "sandbox-key", sandbox=True), tried := _tried(by, row)):
        # Whoever delivers already needs to try nothing out.
        yield replace(step, state="needless") if first and step.state == "open" else step
    yield _agreed(row, said=bool(tried.facts["statements"]) or number_said(row.code) > 0)
    yield _key(row, "key", sandbox=False)
    yield OnboardingStep("first-record", "done" if first else "open", {"at": first.arrived_at} if first else {})
    unknown = unknown_people(by, row.pk).count()
    yield OnboardingStep("people", ("doing" if unknown else "done") if first else "open", {"unknown": unknown})
    yield _reconciled(by, row)


def _key(row: Provider, code: str, *, sandbox: bool) -> OnboardingStep:
    keys = ApiKey.objects.filter(provider=row.code, sandbox=sandbox, revoked_at__isnull=True)
    live = [key for key in keys.select_related("delegation__grant").order_by("-created_at", "-pk") if not key_over(key)]
    used = max((key.last_used_at for key in live if key.last_used_at), default=None)
    return OnboardingStep(code, "done" if live else "open", {"keys": len(live), "used_at": used})


def _tried(by: Actor, row: Provider) -> OnboardingStep:
    code = source_code(row.code, sandbox=True)
    if not Provider.objects.filter(code=code).exists():
        return OnboardingStep("tried", "open", {"right": 0, "wrong": 0, "strange": 0, "statements": 0})
    records = Record.objects.filter(provider__code=code, void_of__isnull=True)
    right, wrong = records.count(), refusals_of(by, code, waiting=True).count()
    statements = number_said(code)
    state: Literal["done", "doing", "open"] = "doing" if wrong or statements else "open"
    if right and not wrong:
        state = "done"
    strange = records.filter(invented__isnull=True).count()
    return OnboardingStep(
        "tried", state, {"right": right, "wrong": wrong, "strange": strange, "statements": statements}
    )


def _agreed(row: Provider, *, said: bool) -> OnboardingStep:
    rules = StatementRule.objects.filter(provider=row, ended_at__isnull=True).count()
    homes = AccountHome.objects.filter(provider=row, ended_at__isnull=True).count()
    return OnboardingStep(
        "agreed", "done" if rules else "open" if said else "needless", {"rules": rules, "homes": homes, "said": said}
    )


def _reconciled(by: Actor, row: Provider) -> OnboardingStep:
    said = list(Reckoning.objects.filter(provider=row).order_by("-on").values_list("on", flat=True)[:LATELY])
    if not said:
        return OnboardingStep("reconciled", "open", {"said": 0})
    compared = [day for day in compare_books(by, row.code, max(said[-1], said[0] - A_YEAR), said[0]) if day.theirs]
    agree = [day.on for day in compared if day.agrees]
    facts = {"said": len(compared), "differ": len(compared) - len(agree), "first": min(agree, default=None)}
    return OnboardingStep("reconciled", "done" if agree else "doing", facts)
