"""Roles of a unit: who holds what, give one with the sentence what it allows, end one."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from weineng.accounts.actions import end_grant, grant_role
from weineng.accounts.permissions import GRANT
from weineng.accounts.queries import givable_roles, grants_at, may_give
from weineng.accounts.roles import ROLES
from weineng.organisations.queries import children_of, members_of, search_people
from weineng.organisations.reach import require_unit
from weineng.web.account.forms import RoleForm
from weineng.web.account.units import own_unit, trail
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.tabs import unit_tabs

DAY = timedelta(days=1)
FEW = 400  # people a list can show; above that, a name is searched


@page(GRANT)
def roles_here(request: Asked) -> HttpResponse:
    """The roles of one's own unit."""
    return redirect("account:roles", unit=own_unit(request, GRANT))


@page(GRANT)
def roles(request: Asked, unit: int) -> HttpResponse:
    """Who holds which role at a unit and below it."""
    place = require_unit(request.actor, GRANT, unit)
    grants = list(grants_at(request.actor, unit))
    may = {(role, at): may_give(request.actor, ROLES[role], at) for role, at in {(g.role, g.unit_id) for g in grants}}
    rows = [
        {
            "grant": grant, "role": ROLES[grant.role], "last_on": grant.ends_on - DAY if grant.ends_on else None,
            "endable": may[grant.role, grant.unit_id],
        }
        for grant in grants
    ]  # fmt: skip
    context = {
        "unit": place, "crumbs": trail(request, GRANT, unit, "account:roles"), "rows": rows,
        "givable": givable_roles(request.actor, unit), "below": children_of(unit), "tabs": unit_tabs(request, unit, "account:roles"),
    }  # fmt: skip
    return show(request, "account/roles.html", context)


@page(GRANT)
def give(request: Asked, unit: int) -> HttpResponse:
    """Give a role: who, which (with what it allows), from when to when."""
    place = require_unit(request.actor, GRANT, unit)
    text = request.GET.get("q", "").strip()
    found = search_people(request.actor, text) if text else members_of(unit)
    people = [(person.pk, person.name) for person in found[: FEW + 1]]
    more, people = len(people) > FEW, people[:FEW]
    form = RoleForm(request.POST or None, people=people, roles=givable_roles(request.actor, unit))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            chosen = form.cleaned_data
            grant = grant_role(
                by=request.actor, person=chosen["person"], role=chosen["role"], unit=unit, starts_on=chosen["starts_on"],
                ends_on=chosen["last_on"] + DAY if chosen["last_on"] else None, reason=chosen["reason"],
            )  # fmt: skip
            words = {"name": grant.person.name, "role": ROLES[grant.role].title}
            return done(request, _("%(name)s is %(role)s now.") % words, "account:roles", unit=place)
    context = {
        "unit": place,
        "form": form,
        "q": text,
        "more": more,
        "crumbs": trail(request, GRANT, unit, "account:roles"),
    }
    return show(request, "account/give.html", context)


@page(GRANT, methods=("POST",))
def end(request: Asked, grant: int) -> HttpResponse:
    """End a role today."""
    row = end_grant(by=request.actor, grant=grant, reason=request.POST.get("reason", "")[:200])
    return done(request, _("The role has ended."), "account:roles", unit=row.unit)
