"""What every way of signing in ends with: a session, the choice of post, and the page one wanted."""

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.signals import user_login_failed
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from weineng.accounts.actions import note_sign_in, set_language
from weineng.accounts.models import Account
from weineng.accounts.queries import Post, person_of, posts_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.web.shell.actors import FACTOR, POST, Asked, door_of, key_of
from weineng.web.shell.kept import SESSION as KEPT
from weineng.web.shell.sessions import AGENT, SEEN, SINCE, agent_of

BACKEND = "weineng.web.account.backends.AccountBackend"


def nobody_at(request: Asked) -> Actor:
    """Who acts before anybody is signed in."""
    return Actor(door=door_of(request))


def oneself(request: Asked, account: Account | None = None) -> Actor:
    """The person of an account in their own name: for what concerns their own account, second factor passed or not."""
    mine = account or request.account
    return Actor(person=person_of(mine) if mine else None, door=door_of(request))


def enter(request: Asked, account: Account, way: str, role: str = "") -> HttpResponse:
    """Begin a session and lead on: to the second factor, to a form that was kept, to the page asked for, or home.

    `role`: begin in the post with this role, if one is held.
    """
    wanted = next_of(request)
    kept = request.session.get(KEPT)
    login(request, account, backend=BACKEND)
    if kept is not None:
        request.session[KEPT] = kept  # bound to the account it was written by: another one never sees it
    posts = posts_of(person_of(account))
    at = now().timestamp()
    request.session.update({SINCE: at, SEEN: at, AGENT: agent_of(request), POST: _first_post(posts, role)})
    if way == "demonstration":
        request.session[FACTOR] = way
    request.account = account
    note_sign_in(by=oneself(request), account=account.pk, way=way)
    strong = any(post.role.strong for post in posts) and way != "demonstration"
    response = redirect(with_next(reverse("account:factor"), wanted)) if strong else go_on(request, wanted)
    return _same_language(request, response, account)


def go_on(request: Asked, wanted: str) -> HttpResponseRedirect:
    """After everything is passed: first to a form that waits, else to the page asked for."""
    return redirect(reverse("shell:kept") if KEPT in request.session else wanted)


def _first_post(posts: tuple[Post, ...], role: str) -> str:
    """Whoever runs something begins there; everybody else begins with their own year."""
    own = [post for post in posts if post.delegation is None]
    asked = [post for post in own if post.role.code == role] or [post for post in own if post.role.strong]
    return key_of(asked[0]) if asked else ""


def _same_language(request: Asked, response: HttpResponse, account: Account) -> HttpResponse:
    """The language chosen on the sign-in page is kept with the account; without a choice the account's is used."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        set_language(by=oneself(request), language=chosen)
    elif account.language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, account.language, max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.HTTPS, samesite="Lax", httponly=True,
        )  # fmt: skip
    return response


def next_of(request: Asked) -> str:
    """The page somebody wanted before signing in, if it is one of ours; else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def with_next(address: str, wanted: str) -> str:
    """An address that remembers the page somebody wanted."""
    return address if wanted == "/" else f"{address}?{urlencode({'next': wanted})}"


def address_is_open(request: Asked) -> bool:
    """Whether this address may try at all, or has failed too often."""
    return AxesProxyHandler.is_allowed(request, {"username": "code"})


def count_failure(request: Asked) -> None:
    """Count a wrong code against the address it came from, as a wrong password is."""
    user_login_failed.send(sender=__name__, credentials={"username": "code"}, request=request)
