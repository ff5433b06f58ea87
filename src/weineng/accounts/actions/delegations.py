"""Let somebody act in one's own role until a day."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Account, Delegation, Grant
from weineng.accounts.permissions import DELEGATE
from weineng.accounts.queries import roles_of
from weineng.accounts.roles import ROLES
from weineng.accounts.rules import DELEGATION_LONGEST
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import spoken
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.models import Person
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.reach import is_behind, people_within, same_people


@transaction.atomic
def delegate(
    *, by: Actor, grant: int, agent: int, ends_on: date, starts_on: date | None = None, reason: str = ""
) -> Delegation:
    """Let `agent` act in one of one's own roles from a day (default: today) until `ends_on` (first day without it).

    Everything the agent does there carries both names. Refuses `delegation-of-delegation` (while acting for somebody),
    `delegation-dates` (over after it begins, not in the past, at most a year), `delegation-outlives-role`,
    `delegation-to-oneself`, `agent-without-account`, `delegated-already`, `text-too-long`, `person-erased`; `not-found`
    for a role that is not one's own or an agent out of reach.
    """
    if by.on_behalf_of is not None:
        raise Refused("delegation-of-delegation", _("What was lent to you cannot be lent on."))
    if by.person is None or DELEGATE.code not in by.own:
        raise NotFound("accounts.grant")
    post = next((post for post in roles_of(by.person) if post.grant == grant), None)
    if post is None:
        raise NotFound("accounts.grant")
    start = starts_on or today()
    _refuse_dates(start, ends_on, post.until)
    deputy = _agent(by, agent)
    refuse_erased([deputy.pk])
    refuse_long(Delegation, reason=reason)
    own = Grant.objects.select_for_update(of=("self",)).get(pk=grant)
    overlapping = Delegation.objects.filter(grant=own, agent=deputy, revoked_at__isnull=True)
    if overlapping.filter(starts_on__lt=ends_on, ends_on__gt=start).exists():
        raise Refused("delegated-already", _("This person acts in this role then already."), field="agent")
    lent = Delegation.objects.create(
        principal_id=by.person, agent=deputy, grant=own, starts_on=start, ends_on=ends_on, reason=reason
    )
    facts = {"role": own.role, "from": start.isoformat(), "until": ends_on.isoformat()}
    line = record(
        by=by, verb="accounts.delegate", thing=lent, subject=deputy.pk, unit=own.unit_id, facts=facts, reason=reason
    )
    principal = Person.objects.values_list("name", flat=True).get(pk=by.person)
    params = {
        "principal": principal,
        "role": spoken(ROLES[own.role].title),
        "until": (ends_on - timedelta(days=1)).isoformat(),
    }
    notify(
        cause=line,
        event="delegation-given",
        people=[deputy.pk],
        params=params,
        link="/account/",
        about=f"delegation:{lent.pk}",
    )
    return lent


def _refuse_dates(start: date, end: date, role_until: date | None) -> None:
    if start < today() or end <= start or end > start + DELEGATION_LONGEST:
        raise Refused(
            "delegation-dates", _("It begins today or later and ends after that, within a year."), field="ends_on"
        )
    if role_until is not None and end > role_until:
        raise Refused("delegation-outlives-role", _("Your own role ends before that."), field="ends_on")


def _agent(by: Actor, agent: int) -> Person:
    deputy = get_or_refuse(people_within(by, VIEW_PEOPLE), pk=agent)
    if is_behind(by, deputy.pk):
        raise Refused("delegation-to-oneself", _("Choose somebody else."), field="agent")
    if not Account.objects.filter(person__in=same_people([deputy.pk]), is_active=True).exists():
        raise Refused("agent-without-account", _("This person has no account yet."), field="agent")
    return deputy


@transaction.atomic
def revoke_delegation(*, by: Actor, delegation: int) -> Delegation:
    """Take back what was lent, at once: by the one who lent it, or given back by the one who acts.

    Refuses `delegation-over`, `delegation-of-delegation`; `not-found` for everybody else.
    """
    if by.on_behalf_of is not None:
        raise Refused("delegation-of-delegation", _("Do this in your own name."))
    people = same_people([by.person]) if by.person else []
    rows = Delegation.objects.all() if by.system else Delegation.objects.filter(
        Q(principal__in=people) | Q(agent__in=people)
    )  # fmt: skip
    row = get_or_refuse(rows.select_for_update(of=("self",)), pk=delegation)
    if row.revoked_at is not None or row.ends_on <= today():
        raise Refused("delegation-over", _("This is over already."))
    row.revoked_at = now()
    row.save(update_fields=("revoked_at",))
    record(by=by, verb="accounts.revoke_delegation", thing=row, subject=row.agent_id)
    return row
