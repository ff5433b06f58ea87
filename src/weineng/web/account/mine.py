"""My account: password, second factor, posts and deputies, where I am signed in."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from weineng.accounts.actions import (
    delegate,
    end_other_sessions,
    end_session,
    note_failure,
    revoke_delegation,
    set_password,
)
from weineng.accounts.queries import Post, delegations_given, sessions_of
from weineng.accounts.rules import session_handle
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.permissions import VIEW_PEOPLE
from weineng.organisations.queries import members_of
from weineng.organisations.reach import people_within
from weineng.web.account.entering import next_of, oneself
from weineng.web.account.factor import factor_state
from weineng.web.account.forms import ChangePasswordForm, DelegateForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show

DAY = timedelta(days=1)


@page(signed_in=True)
def my_account(request: Asked) -> HttpResponse:
    """Everything about one's account on one page."""
    account = request.account
    if account is None:
        raise NotFound("accounts.account")
    here = request.session.session_key
    sessions = [
        {
            "handle": session_handle(row.session_key), "agent": row.agent, "started": row.started_at, "seen": row.seen_at,
            "here": row.session_key == here,
        }
        for row in sessions_of(account.pk)
    ]  # fmt: skip
    given = [{"row": row, "last_on": row.ends_on - DAY} for row in delegations_given(oneself(request).person or 0)]
    context = {
        "account": account,
        "sessions": sessions,
        "given": given,
        "posts": [_told(post) for post in request.posts],
    }
    return show(request, "account/settings.html", context | factor_state(request, account))


def _told(post: Post) -> dict[str, object]:
    return {"post": post, "last_on": post.until - DAY if post.until else None, "lendable": post.delegation is None}


@page(signed_in=True)
def change_password(request: Asked) -> HttpResponse:
    """The present password, then a new one; every other browser is signed out."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = set_password(by=oneself(request), old=form.cleaned_data["old"], new=form.cleaned_data["password"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            if refusal.code == "password-wrong" and request.account:
                note_failure(by=oneself(request), name=request.account.name)
        else:
            update_session_auth_hash(request, account)
            wanted = next_of(request)
            return done(
                request,
                _("Your password is changed. You are signed out everywhere else."),
                "account:settings" if wanted == "/" else wanted,
            )
    aged = settings.PASSWORD_DAYS and "next" in request.GET
    return show(request, "account/password.html", {"form": form, "next": next_of(request), "aged": aged})


@page(signed_in=True, methods=("POST",))
def leave_session(request: Asked) -> HttpResponse:
    """Sign one of one's browsers out; this one by the usual way."""
    end_session(by=oneself(request), handle=request.POST.get("session", ""))
    return done(request, _("Signed out there."), "account:settings")


@page(signed_in=True, methods=("POST",))
def leave_others(request: Asked) -> HttpResponse:
    """Sign out everywhere but here."""
    count = end_other_sessions(by=oneself(request), keep=request.session.session_key or "")
    text = ngettext("Signed out in %(count)d other place.", "Signed out in %(count)d other places.", count)
    return done(request, text % {"count": count}, "account:settings")


@page(signed_in=True)
def lend(request: Asked, grant: int) -> HttpResponse:
    """Let somebody act in one of one's roles until a day: a person, a last day, done."""
    post = next((post for post in request.posts if post.grant == grant and post.delegation is None), None)
    if post is None:
        raise NotFound("accounts.grant")
    start = {"starts_on": today(), "last_on": today() + 6 * DAY}
    form = DelegateForm(request.POST or None, people=_deputies(request, post), initial=start)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            chosen = form.cleaned_data
            lent = delegate(
                by=request.actor, grant=grant, agent=chosen["agent"], starts_on=chosen["starts_on"],
                ends_on=chosen["last_on"] + DAY, reason=chosen["reason"],
            )  # fmt: skip
            text = _("%(name)s can act for you now. You see it here and can take it back at any time.")
            return done(request, text % {"name": lent.agent.name}, "account:settings")
    return show(request, "account/lend.html", {"form": form, "post": post})


def _deputies(request: Asked, post: Post) -> list[tuple[int, str]]:
    """The people of the role's unit whom one may see, with an account, in the order of their names."""
    people = people_within(request.actor, VIEW_PEOPLE).filter(pk__in=members_of(post.unit).values("pk"))
    people = people.filter(account__is_active=True).exclude(pk=request.actor.person or 0)
    return list(people.order_by("name_order", "pk").values_list("pk", "name"))


@page(signed_in=True, methods=("POST",))
def end_lending(request: Asked, delegation: int) -> HttpResponse:
    """Take back what was lent, or give back what one was lent."""
    revoke_delegation(by=oneself(request), delegation=delegation)
    if request.session.get("post") == f"delegation:{delegation}":
        request.session["post"] = ""
    return done(request, _("It is over."), "account:settings")
