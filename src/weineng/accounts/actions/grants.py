"""Give and end roles."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Grant
from weineng.accounts.permissions import GRANT
from weineng.accounts.queries import may_give
from weineng.accounts.roles import ROLES, Role
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import spoken
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.models import Unit
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.reach import is_behind, require_person, require_unit, same_people, units_within


@transaction.atomic
def grant_role(
    *,
    by: Actor,
    person: int,
    role: str,
    unit: int,
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
) -> Grant:
    """Give a person within reach a role at a unit, from a day on (default: today) until `ends_on` (first day without it).

    Only roles that the giver's own role may give, held at that unit or above it; never to oneself, nor to the person one
    acts for. Refuses `role-unknown`, `role-level`, `role-not-yours`, `role-to-oneself`, `role-dates`, `role-held`,
    `text-too-long`, `person-erased`; `not-found` for a person or unit out of reach.
    """
    given = ROLES.get(role)
    if given is None:
        raise Refused("role-unknown", _("There is no such role."), field="role")
    place = require_unit(by, GRANT, unit)
    if place.level not in given.levels:
        raise Refused("role-level", _("This role is not held at a unit of this level."), field="role")
    if not may_give(by, given, place.pk):
        raise Refused("role-not-yours", _("You may not give this role here."), field="role")
    holder = require_person(by, VIEW_PEOPLE, person)
    if is_behind(by, holder.pk):
        raise Refused("role-to-oneself", _("Nobody gives a role to themselves."), field="person")
    refuse_erased([holder.pk])
    start = starts_on or today()
    if start < today() or (ends_on is not None and ends_on <= start):
        raise Refused("role-dates", _("A role begins today or later and ends after that."), field="ends_on")
    _refuse_held(holder.pk, given, place, start, ends_on)
    refuse_long(Grant, reason=reason)
    grant = Grant.objects.create(
        person=holder, role=role, unit=place, starts_on=start, ends_on=ends_on, given_by=by.person, reason=reason
    )
    facts = {"role": role, "from": start.isoformat(), "until": ends_on and ends_on.isoformat()}
    line = record(
        by=by, verb="accounts.grant", thing=grant, subject=holder.pk, unit=place.pk, facts=facts, reason=reason
    )
    params = {"role": spoken(given.title), "unit": place.name}
    notify(
        cause=line, event="role-given", people=[holder.pk], params=params, link="/account/", about=f"grant:{grant.pk}"
    )
    return grant


def _refuse_held(person: int, role: Role, unit: Unit, start: date, end: date | None) -> None:
    held = Grant.objects.select_for_update(of=("self",)).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=start), person__in=same_people([person]), role=role.code, unit=unit
    )
    if end is not None:
        held = held.filter(starts_on__lt=end)
    if held.exists():
        raise Refused("role-held", _("This person holds this role here already."), field="role")


@transaction.atomic
def end_grant(*, by: Actor, grant: int, reason: str = "") -> Grant:
    """End a role today; delegations of it end with it. One that has not begun never begins.

    Whoever may give the role at its unit may end it. Refuses `role-ended`, `role-not-yours`; `not-found` out of reach.
    """
    rows = Grant.objects.filter(unit__in=units_within(by, GRANT).values("pk")).select_related("unit")
    row = get_or_refuse(rows.select_for_update(of=("self",)), pk=grant)
    role = ROLES.get(row.role)
    if role is None:
        raise NotFound("accounts.grant")
    if not may_give(by, role, row.unit_id):
        raise Refused("role-not-yours", _("You may not end this role here."))
    on = max(today(), row.starts_on)
    if row.ends_on is not None and row.ends_on <= on:
        raise Refused("role-ended", _("This role has ended already."))
    row.ends_on = on
    row.save(update_fields=("ends_on",))
    facts = {"role": row.role, "until": on.isoformat()}
    record(
        by=by, verb="accounts.end_grant", thing=row, subject=row.person_id, unit=row.unit_id, facts=facts, reason=reason
    )
    return row
