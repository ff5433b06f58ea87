"""Language, light or dark, the post one acts in: small choices that are kept and lead back to the page."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.notices.actions import read_messages
from weineng.notices.permissions import READ_OWN
from weineng.notices.queries import own_messages, told
from weineng.programmes.models import Programme
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import POST, Asked, key_of
from weineng.web.shell.context import THEMES
from weineng.web.shell.kept import drop_kept, kept_form
from weineng.web.shell.pages import page, public, show
from weineng.web.shell.programmes import concerning

YEAR = 365 * 24 * 3600


def way_back(request: Asked) -> str:
    """The page a small form came from, if it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


@public
def choose(request: Asked) -> HttpResponse:
    """Keep a language or a theme in a cookie."""
    response = redirect(way_back(request))
    keep: dict[str, Any] = {"max_age": YEAR, "secure": settings.HTTPS, "samesite": "Lax", "httponly": True}
    if request.POST.get("language") in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.POST["language"], **keep)
    if request.POST.get("theme") in THEMES:
        response.set_cookie("weineng_theme", request.POST["theme"], **keep)
    return response


@page(signed_in=True, methods=("POST",))
def choose_post(request: Asked) -> HttpResponse:
    """Act in another post from now on: `grant:12`, `delegation:5`, or '' for oneself. Then that role's home."""
    wanted = request.POST.get("post", "")
    if wanted and wanted not in {key_of(post) for post in request.posts}:
        raise NotFound("accounts.post")
    request.session[POST] = wanted
    return redirect("/")


@page(signed_in=True)
def choose_programme(request: Asked) -> HttpResponse:
    """All programmes that concern one, to choose from; look at the chosen one from now on."""
    if request.method == "POST":
        request.session["programme"] = _chosen(request).pk
        return redirect("/")
    head = Table(request, (Column("new", _("Newest first"), sort="started_on"),), order="-new").cut(concerning(request))
    return show(request, "shell/programmes.html", {"head": head})


def _chosen(request: Asked) -> Programme:
    try:
        wanted = open_id("programmes.programme", request.POST.get("programme", ""))
    except ValueError:
        raise NotFound("programmes.programme") from None
    return get_or_refuse(concerning(request), pk=wanted)


@page(READ_OWN)
def messages(request: Asked) -> HttpResponse:
    """One's messages, newest first; reading is one press."""
    if request.method == "POST":
        read_messages(by=request.actor)
        return redirect("shell:messages")
    head = Table(request, (Column("at", _("When"), sort="at"),), order="-at").cut(own_messages(request.actor))
    return show(request, "shell/messages_page.html", {"head": head, "told": [told(row) for row in head.rows]})


@page(signed_in=True)
def more(request: Asked) -> HttpResponse:
    """All places as a list: the phone's fourth."""
    return show(request, "shell/more.html")


@page(signed_in=True)
def kept(request: Asked) -> HttpResponse:
    """A form that was sent while signed out: look at it, then send it or let it go."""
    if request.method == "POST":
        drop_kept(request)
        return redirect("/")
    return show(request, "shell/kept.html", {"kept": kept_form(request)})
