"""Who stands behind a request: `request.actor`, the posts they may act in, and the one they act in now."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from weineng.accounts.actions import note_sign_out
from weineng.accounts.models import Account
from weineng.accounts.queries import Post, actor_in, person_of, posts_of
from weineng.accounts.rules import IDLE, IDLE_STRONG
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.web.shell.sessions import SEEN

POST = "post"  # the chosen post: 'grant:12', 'delegation:5', '' for oneself
FACTOR = "factor"  # how the second factor was passed in this session: totp, recovery, demonstration
LEFT = "left"  # whose session ended here, so that a form they were writing can be kept for them
DOORS = {"api": "rest", "feeds": "feeds", "xapi": "feeds"}
NOTED_EVERY = timedelta(minutes=1)  # a session's last use is written at most so often


class Asked(HttpRequest):
    """A request as `ActorMiddleware` completes it: for annotations; Django makes plain ones."""

    actor: Actor
    account: Account | None
    posts: tuple[Post, ...]
    post: Post | None
    person_name: str
    factor_due: bool
    htmx: object  # of django-htmx: true where a fragment is asked for


class ActorMiddleware:
    """Sets, on every request, signed in or not:

    `actor` (without person where nobody is signed in, or a strong role has not passed its second factor), `account`
    (None where nobody is), `posts` (all one may act in), `post` (the present one; None: for oneself), `person_name`,
    `factor_due` (signed in, second factor missing). Ends sessions that were idle too long. No answer to somebody who is
    signed in, or to a program with a key, may be stored.
    """

    def __init__(self, get_response: Callable[[Asked], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Asked) -> HttpResponse:
        nobody(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            identify(request)
        signed_in = request.account is not None
        response = self.get_response(request)
        if signed_in or "Authorization" in request.headers:
            keep_nowhere(response)
        return response

    def process_view(self, request: Asked, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        """A password that has grown too old is changed before anything else opens."""
        if request.actor.person is None or getattr(view, "public", False) or not _password_is_old(request):
            return None
        if request.path.startswith(settings.CHANGE_URL) or door_of(request) != "web":
            return None
        return redirect(f"{settings.CHANGE_URL}?{urlencode({'next': request.get_full_path()})}")


def keep_nowhere(response: HttpResponse) -> None:
    """What somebody sees while signed in stays in no browser and no cache: shared computers are the rule in schools."""
    if "no-store" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "private, no-store"


def door_of(request: Asked) -> str:
    """Which door an address belongs to: web, rest or feeds."""
    return DOORS.get(request.path.split("/", 2)[1], "web")


def nobody(request: Asked) -> None:
    """Nobody is signed in."""
    request.actor = Actor(door=door_of(request))
    request.account, request.posts, request.post, request.person_name = None, (), None, ""
    request.factor_due = False


def identify(request: Asked) -> None:
    """Read session and account, end what was idle too long, build the Actor."""
    came_as = request.session.get(SESSION_KEY)
    if came_as is None:
        return
    if not request.user.is_authenticated:  # the password was changed elsewhere, or the account was closed
        request.session[LEFT] = int(came_as)
        return
    account: Account = request.user
    person = person_of(account)
    posts = posts_of(person)
    strong = any(post.role.strong for post in posts)
    if _was_idle(request, IDLE_STRONG if strong else IDLE):
        sign_out(request, account, "idle")
        return
    request.account, request.person_name = account, account.person.name
    if strong and FACTOR not in request.session:
        request.factor_due = True
        return
    request.posts = posts
    request.post = _chosen(request, posts)
    lent = request.post.delegation if request.post else None
    request.actor = actor_in(person, posts, door_of(request), lent)


def _was_idle(request: Asked, limit: timedelta) -> bool:
    """Whether the session was last used too long ago; notes this use."""
    at = now().timestamp()
    seen = request.session.get(SEEN)
    if seen is not None and at - seen >= limit.total_seconds():
        return True
    if seen is None or abs(at - seen) >= NOTED_EVERY.total_seconds():
        request.session[SEEN] = at
    return False


def _chosen(request: Asked, posts: tuple[Post, ...]) -> Post | None:
    """The post chosen in this session; what has ended meanwhile falls back to oneself."""
    wanted = request.session.get(POST, "")
    found = next((post for post in posts if wanted and wanted == key_of(post)), None)
    if wanted and found is None:
        request.session[POST] = ""
    return found


def key_of(post: Post) -> str:
    """How the session names a post."""
    return f"delegation:{post.delegation}" if post.delegation else f"grant:{post.grant}"


def sign_out(request: Asked, account: Account, way: str) -> None:
    """End this session; remember only whose it was."""
    note_sign_out(by=Actor(person=person_of(account), door=door_of(request)), account=account.pk, way=way)
    logout(request)
    request.session[LEFT] = account.pk
    nobody(request)


def _password_is_old(request: Asked) -> bool:
    if not settings.PASSWORD_DAYS or request.session.get(FACTOR) == "demonstration":
        return False
    set_at = request.account.password_set_at if request.account else None
    strong = any(post.role.strong for post in request.posts)
    return strong and set_at is not None and now() - set_at >= timedelta(days=settings.PASSWORD_DAYS)
