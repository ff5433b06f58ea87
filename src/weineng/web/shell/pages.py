"""How a page is made: who may open it, what a refusal looks like, and that a form sent twice acts once.

@page(PROGRESS_VIEW)
def overview(request, unit): ...

@public
def landing(request): ...
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm, BaseFormSet
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url

from weineng.kernel.actors import Permission
from weineng.kernel.refusals import NotFound, Refused
from weineng.web.shell.actors import Asked
from weineng.web.shell.answers import not_found, refused, sign_in_first
from weineng.web.shell.kept import drop_kept
from weineng.web.shell.once import answer_once

View = Callable[..., HttpResponse]
METHODS = ("GET", "HEAD", "POST")


def page(
    *permissions: Permission, signed_in: bool = False, methods: tuple[str, ...] = METHODS, demo: bool = False
) -> Callable[[View], View]:
    """Open to whoever holds one of `permissions` in any shape (rows are still fetched through reach).

    Signed out: on to sign-in, what was sent is kept. Without the permission: not found. `signed_in=True` instead of a
    permission: open to everybody who is signed in (own settings, help). `demo=True`: in a demonstration open to everybody.
    """
    if bool(permissions) == signed_in:
        raise TypeError("A page names its permissions, or says signed_in=True.")

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: Asked, *args: Any, **kwargs: Any) -> HttpResponse:
            everybody = demo and settings.DEMO
            if request.actor.person is None and not everybody:
                return sign_in_first(request)
            if permissions and not everybody and not any(request.actor.holds(permission) for permission in permissions):
                return not_found(request)
            response = _answer(view, methods, request, *args, **kwargs)
            if request.method == "POST" and response.status_code < 400 and "resent" in request.POST:
                drop_kept(request)  # what waited over a sign-in has been sent
            return response

        opened.permissions = permissions  # type: ignore[attr-defined]  # read by the test that walks all addresses
        opened.signed_in = signed_in  # type: ignore[attr-defined]
        return opened

    return decorate


def public(view: View) -> View:
    """Open to everybody, signed in or not."""

    @wraps(view)
    def opened(request: Asked, *args: Any, **kwargs: Any) -> HttpResponse:
        return _answer(view, METHODS, request, *args, **kwargs)

    opened.public = True  # type: ignore[attr-defined]
    return opened


def _answer(view: View, methods: tuple[str, ...], request: Asked, *args: Any, **kwargs: Any) -> HttpResponse:
    if request.method not in methods:
        return HttpResponseNotAllowed(methods)
    try:
        if request.method == "POST":
            return answer_once(request, lambda: view(request, *args, **kwargs))
        return view(request, *args, **kwargs)
    except NotFound:
        return not_found(request)
    except Refused as refusal:
        return refused(request, refusal)


def show(
    request: Asked, template: str, context: dict[str, Any] | None = None, *, status: int | None = None
) -> HttpResponse:
    """Render a page; 422 when a form in the context came back with errors (htmx swaps it in as well)."""
    context = context or {}
    wrong = request.method == "POST" and any(
        form.is_bound and bool(form.errors) for form in context.values() if isinstance(form, BaseForm | BaseFormSet)
    )
    return render(request, template, context, status=status or (422 if wrong else 200))


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """Put what an action refuses beside its field (or on top of the form); then `form.is_valid()` is False.

    What is not found stays not found.
    """
    try:
        yield
    except NotFound:
        raise
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def done(request: Asked, message: object, to: Any, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """After an action: say what was done, then go on to an address (a URL name with its arguments, or a row's page)."""
    messages.success(request, str(message))
    return redirect(resolve_url(to, *args, **kwargs))
