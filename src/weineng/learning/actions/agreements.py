"""What an office agrees with a platform about its statements: which of them are learning events, and whose accounts are whose."""

import re
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.learning.models import AccountHome, Provider, StatementRule
from weineng.learning.queries import account_types, homes_within, providers_within, statement_rules_within
from weineng.learning.rules import DERIVED, IRI_LENGTH, LONGEST, MINUTES_BY, NEEDS, AgreedRule
from weineng.programmes.rules import MODES
from weineng.statements.effects import read_again

COURSE_LENGTH = 120
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_HOME = re.compile(r"https?://\S+")


@transaction.atomic
def agree_rule(*, by: Actor, provider: int, rule: AgreedRule) -> StatementRule:
    """Agree which statements of a platform are learning events; what it has said already is read again by it.

    Refuses `verbs-missing`, `verb-not-an-address`, `activity-not-an-address`, `activity-missing`, `need-unknown`,
    `score-out-of-range`, `minutes-by-unknown`, `length-missing`, `minutes-out-of-range`, `mode-unknown`, `derived-kind`,
    `text-too-long`, `rule-there-already`; `not-found` for a platform out of reach.
    """
    source = _provider(by, provider)
    _check_what(rule)
    _check_how_much(rule)
    values = {
        "verbs": sorted(rule.verbs), "activity": rule.activity, "below": rule.below, "needs": rule.needs,
        "least_score": rule.least_score, "minutes_by": rule.minutes_by, "minutes": rule.minutes, "mode": rule.mode, "course": rule.course,
    }  # fmt: skip
    if StatementRule.objects.filter(provider=source, ended_at__isnull=True, **values).exists():
        raise Refused("rule-there-already", _("The very same is agreed already."))
    made = StatementRule.objects.create(provider=source, **values, by=by.person, made_at=now())
    facts = values | {"least_score": None if rule.least_score is None else str(rule.least_score)}
    line = record(by=by, verb="learning.agree_rule", thing=made, unit=source.owner_id, facts=facts)
    read_again(cause=line, code=source.code, verbs=made.verbs)
    return made


@transaction.atomic
def end_rule(*, by: Actor, rule: int) -> StatementRule:
    """End what was agreed: records that follow from it, and from no other rule, are voided until a rule names them again.

    Refuses `rule-ended`; `not-found` out of reach.
    """
    row = get_or_refuse(statement_rules_within(by).select_for_update(of=("self",)), pk=rule)
    _provider(by, row.provider_id)
    if row.ended_at is not None:
        raise Refused("rule-ended", _("This has ended already."))
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    line = record(by=by, verb="learning.end_rule", thing=row, unit=row.provider.owner_id)
    read_again(cause=line, code=row.provider.code, verbs=row.verbs)
    return row


@transaction.atomic
def agree_home(*, by: Actor, provider: int, home_page: str, person_type: str) -> AccountHome:
    """Agree whose accounts those of a home page are: `person_type` as `queries.account_types` names them. What the platform has
    said already is read again by it.

    Refuses `home-not-an-address`, `text-too-long`, `person-type-unknown`, `home-taken`; `not-found` for a platform out of reach.
    """
    source = _provider(by, provider)
    home = home_page.strip()
    if not _HOME.fullmatch(home):
        raise Refused("home-not-an-address", _("A home page begins with http:// or https://."), field="home_page")
    _check_length(home, 300, "home_page")
    if person_type not in account_types(source):
        raise Refused("person-type-unknown", _("There is no such kind of number."), field="person_type")
    try:
        with transaction.atomic():
            made = AccountHome.objects.create(
                provider=source, home_page=home, person_type=person_type, by=by.person, made_at=now()
            )
    except IntegrityError as error:
        message = _("It is agreed already whose accounts these are; end that first.")
        raise Refused("home-taken", message, field="home_page") from error
    facts = {"home_page": home, "person_type": person_type}
    line = record(by=by, verb="learning.agree_home", thing=made, unit=source.owner_id, facts=facts)
    read_again(cause=line, code=source.code, verbs=_verbs(source))
    return made


@transaction.atomic
def end_home(*, by: Actor, home: int) -> AccountHome:
    """End what was agreed about a home page: records under its accounts are voided until it is agreed anew.

    Refuses `home-ended`; `not-found` out of reach.
    """
    row = get_or_refuse(homes_within(by).select_for_update(of=("self",)), pk=home)
    _provider(by, row.provider_id)
    if row.ended_at is not None:
        raise Refused("home-ended", _("This has ended already."))
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    line = record(by=by, verb="learning.end_home", thing=row, unit=row.provider.owner_id)
    read_again(cause=line, code=row.provider.code, verbs=_verbs(row.provider))
    return row


def _provider(by: Actor, provider: int) -> Provider:
    """The platform, locked: two who agree at once do it one after the other."""
    rows = providers_within(by).select_for_update(of=("self",), no_key=True)
    return get_or_refuse(rows, pk=provider)


def _verbs(source: Provider) -> list[str]:
    rules = StatementRule.objects.filter(provider=source, ended_at__isnull=True)
    return sorted({verb for verbs in rules.order_by("pk").values_list("verbs", flat=True) for verb in verbs})


def _check_what(rule: AgreedRule) -> None:
    if not rule.verbs:
        raise Refused("verbs-missing", _("Name at least one verb."), field="verbs")
    for verb in sorted(rule.verbs):
        _check_length(verb, IRI_LENGTH, "verbs")
        if not _IRI.fullmatch(verb):
            message = _("“%(verb)s” is not the id of a verb; it is an address.")
            raise Refused("verb-not-an-address", message, field="verbs", verb=verb[:80])
    _check_length(rule.activity, IRI_LENGTH, "activity")
    _check_length(rule.course, COURSE_LENGTH, "course")
    if not rule.activity and not rule.below:
        message = _("Name the activity, or say that all those count whose id begins so.")
        raise Refused("activity-missing", message, field="activity")
    if rule.activity and not _IRI.fullmatch(rule.activity):
        raise Refused("activity-not-an-address", _("The id of an activity is an address."), field="activity")


def _check_how_much(rule: AgreedRule) -> None:
    if rule.needs not in NEEDS:
        raise Refused("need-unknown", _("There is no such condition."), field="needs")
    if rule.least_score is not None and not Decimal(-1) <= rule.least_score <= 1:
        raise Refused("score-out-of-range", _("A scaled score lies between −1 and 1."), field="least_score")
    if rule.minutes_by not in MINUTES_BY:
        raise Refused("minutes-by-unknown", _("Say where the minutes come from."), field="minutes_by")
    if rule.minutes_by == "length" and rule.minutes is None:
        raise Refused("length-missing", _("Say how long the course is."), field="minutes")
    if rule.minutes is not None and not 0 < rule.minutes <= LONGEST:
        message = _("Minutes must be between 1 and %(longest)s.")
        raise Refused("minutes-out-of-range", message, field="minutes", longest=LONGEST)
    if rule.mode in DERIVED:
        raise Refused("derived-kind", _("Minutes of results cannot be delivered."), field="mode")
    if rule.mode not in MODES:
        raise Refused("mode-unknown", _("There is no mode “%(mode)s”."), field="mode", mode=rule.mode[:24])


def _check_length(text: str, longest: int, field: str) -> None:
    if len(text) > longest:
        raise Refused("text-too-long", _("At most %(longest)s characters."), field=field, longest=longest)
