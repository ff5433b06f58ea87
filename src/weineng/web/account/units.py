"""Accounts of a unit: who is activated, slips, mail, and one person's account."""

from collections import Counter
from contextlib import nullcontext

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from weineng.accounts.actions import (
    close_account,
    issue_codes,
    open_accounts,
    reopen_account,
    reset_second_factor,
    unlock_account,
)
from weineng.accounts.papers import slips_paper
from weineng.accounts.permissions import MANAGE
from weineng.accounts.queries import (
    AccountRow,
    account_within,
    accounts_at,
    activation_below,
    has_second_factor,
    mail_possible,
)
from weineng.kernel.actors import Permission
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.models import Unit
from weineng.organisations.queries import path_of
from weineng.organisations.reach import require_unit, units_within
from weineng.web.account.forms import ReasonForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units.tabs import unit_tabs

STATES = {  # state of an account → (state of the component, words)
    "none": ("open", _("no account")),
    "new": ("open", _("no code yet")),
    "waiting": ("waiting", _("code handed out")),
    "active": ("done", _("activated")),
    "locked": ("late", _("locked")),
    "closed": ("closed", _("account closed")),
}


def own_unit(request: Asked, permission: Permission) -> int:
    """The unit one begins with: of the present post, else the first where the permission is held."""
    held = sorted(request.actor.units(permission))
    if request.post and request.post.unit in held:
        return request.post.unit
    if not held:
        raise NotFound("organisations.unit")
    return held[0]


def trail(request: Asked, permission: Permission, unit: int, name: str) -> list[dict[str, object]]:
    """Where the unit stands, from the first one within reach down."""
    path = path_of(unit)
    mine = units_within(request.actor, permission).filter(pk__in=[place.pk for place in path])
    inside = set(mine.values_list("pk", flat=True))
    return [
        {"text": place.name, "url": "" if place.pk == unit else reverse(name, kwargs={"unit": place})}
        for place in path
        if place.pk in inside
    ]


@page(MANAGE)
def people_here(request: Asked) -> HttpResponse:
    """The accounts of one's own unit."""
    return redirect("account:people", unit=own_unit(request, MANAGE))


@page(MANAGE)
def people(request: Asked, unit: int) -> HttpResponse:
    """Everybody of a school (or of an office) with the state of their account, and what to do about it."""
    place = require_unit(request.actor, MANAGE, unit)
    rows = accounts_at(request.actor, unit)
    if request.method == "POST":
        return _act(request, place, rows)
    counts = Counter(row.state for row in rows)
    shown = request.GET.get("state", "")
    chips = [{"text": _("All"), "url": "?", "count": len(rows), "on": not shown}]
    chips += [
        {"text": words, "url": f"?state={state}", "count": counts[state], "on": shown == state}
        for state, (_component, words) in STATES.items()
        if counts[state]
    ]
    context = {
        "unit": place, "crumbs": trail(request, MANAGE, unit, "account:people"), "chips": chips,
        "rows": [_told(row) for row in rows if not shown or row.state == shown],
        "everybody": len(rows), "without": counts["none"],
        "fresh": sum(row.state == "new" and row.mine_to_manage for row in rows), "below": activation_below(request.actor, unit),
        "activated": counts["active"] + counts["locked"], "mail": mail_possible(), "tabs": unit_tabs(request, unit, "account:people"),
    }  # fmt: skip
    return show(request, "account/people.html", context)


def _told(row: AccountRow) -> dict[str, object]:
    component, words = STATES[row.state]
    pickable = row.account is not None and row.mine_to_manage and row.state != "closed"
    return {"row": row, "component": component, "words": words, "pickable": pickable}


def _act(request: Asked, unit: Unit, rows: list[AccountRow]) -> HttpResponse:
    what = request.POST.get("do")
    if what == "open":
        count = len(open_accounts(by=request.actor, unit=unit.pk))
        text = ngettext("%(count)d account is opened.", "%(count)d accounts are opened.", count)
        return done(request, text % {"count": count}, "account:people", unit=unit)
    picked = _picked(request, rows, "new" if what == "slips-new" else "")
    if what == "mail":
        issue_codes(by=request.actor, accounts=picked, channel="mail")
        return done(request, _("The mails go out within a minute."), "account:people", unit=unit)
    slips = issue_codes(by=request.actor, accounts=picked)
    response = HttpResponse(slips_paper(unit=unit, slips=slips), content_type="application/pdf")
    name = slugify(unit.code or "") or "unit"
    response.headers["Content-Disposition"] = f'attachment; filename="slips-{name}.pdf"'
    return response


def _picked(request: Asked, rows: list[AccountRow], state: str) -> list[int]:
    """The accounts to print for, in staff order: those ticked, or all in a state. Refuses `nobody-picked`."""
    if state:
        wanted = {row.account for row in rows if row.state == state and row.mine_to_manage}
    else:
        try:
            wanted = {open_id("accounts.account", word) for word in request.POST.getlist("pick")}
        except ValueError:
            raise NotFound("accounts.account") from None
    picked = [row.account for row in rows if row.account is not None and row.account in wanted]
    if not picked:
        raise Refused("nobody-picked", _("Tick the people first."))
    return picked


@page(MANAGE)
def account(request: Asked, account: int) -> HttpResponse:
    """One person's account: what happened to it, and unlocking, closing, a new telephone."""
    row = account_within(request.actor, account)
    forms = {"close": ReasonForm(), "reset": ReasonForm()}
    if request.method == "POST":
        what = request.POST.get("form", "")
        form = ReasonForm(request.POST) if what in forms else None
        if form is None or form.is_valid():
            with refusals_on(form) if form else nullcontext():
                return _act_on(request, account, what, form.cleaned_data["reason"] if form else "")
        forms[what] = form
    component, words = STATES[row.state]
    context = {
        "row": row, "component": component, "words": words, "factor": has_second_factor(account), "close": forms["close"],
        "reset": forms["reset"], "account": account,
    }  # fmt: skip
    return show(request, "account/account.html", context)


def _act_on(request: Asked, account: int, what: str, reason: str) -> HttpResponse:
    by = request.actor
    if what == "unlock":
        unlock_account(by=by, account=account)
        text = _("The account is open again.")
    elif what == "reopen":
        reopen_account(by=by, account=account)
        text = _("The account is open again.")
    elif what == "close":
        close_account(by=by, account=account, reason=reason)
        text = _("The account is closed.")
    elif what == "reset":
        reset_second_factor(by=by, account=account, reason=reason)
        text = _("The second factor is taken off. At the next sign-in a new one is set up.")
    else:
        raise NotFound("accounts.account")
    return done(request, text, "account:account", account=account)
