"""What a person sees when something cannot be done: what happened, what was kept, what to do, and a code to quote."""

import logging
import sys

from django.conf import settings
from django.contrib import messages
from django.db import InterfaceError, OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.http import HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.kernel.refusals import Refused
from weineng.web.shell.actors import Asked
from weineng.web.shell.context import SCRIPTS
from weineng.web.shell.kept import keep_form
from weineng.web.shell.once import FIELD

logger = logging.getLogger(__name__)
WORTH_KEEPING = 6  # characters; less is written again sooner than copied
SKIPPED = {"csrfmiddlewaretoken", FIELD, "password", "old", "code", "token"}


def not_found(request: Asked, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or not within reach; the two look the same."""
    return _error(request, "shell/errors/not_found.html", 404, "not-found", written=written(request))


def refused(request: Asked, refusal: Refused) -> HttpResponse:
    """A refusal outside a form: the sentence, what was kept (everything: actions are atomic), and the code."""
    if getattr(request, "htmx", False):
        return render(request, "shell/errors/refused_fragment.html", {"refusal": refusal}, status=422)
    return _error(request, "shell/errors/refused.html", 422, refusal.code, refusal=refusal, written=written(request))


def forbidden(request: Asked, exception: Exception | None = None) -> HttpResponse:
    """403: raised by the framework only; our own pages answer 404."""
    return _error(request, "shell/errors/forbidden.html", 403, "forbidden")


def bad_request(request: Asked, exception: Exception | None = None) -> HttpResponse:
    """400: a request no page of ours sends."""
    return _error(request, "shell/errors/bad_request.html", 400, "bad-request")


def broken(request: Asked) -> HttpResponse:
    """500: our fault; 503 where the database is gone or acts stood in each other's way, which passes. Needs no database and no
    session: they may be what is broken. The code stands in the log."""
    code = get_random_string(8, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
    logger.error("code %s: %s", code, request.path)
    gone = _is_outage(sys.exception())
    words = {"code": code, "lang": SCRIPTS.get(get_language() or "", "zh-Hans")}
    response = HttpResponse(render_to_string("shell/errors/broken.html", words), status=503 if gone else 500)
    if gone:
        response["Retry-After"] = "5"
    return response


def _is_outage(error: BaseException | None) -> bool:
    """Also where a part of an act had met the outage already, and the next one only hears that its transaction is over."""
    if isinstance(error, TransactionManagementError):
        return connection.connection is None or bool(connection.connection.closed)
    return isinstance(error, InterfaceError | OperationalError)


def csrf_failure(request: Asked, reason: str = "") -> HttpResponse:
    """A form whose secret no longer fits: usually signed in again in another tab. Nothing is lost: it can be sent again.

    A form that came from another site is not offered again.
    """
    foreign = reason.startswith(REASON_BAD_ORIGIN.split("%s", 1)[0]) or not request.headers.get("Origin")
    fields = [] if foreign else sent_fields(request)
    get_token(request)
    return _error(
        request, "shell/errors/csrf.html", 403, "form-expired", fields=fields, path=request.get_full_path(),
        files=bool(request.FILES),
    )  # fmt: skip


def sent_fields(request: Asked) -> list[tuple[str, str]]:
    """The fields of a form as they were sent, without secrets and files."""
    return [(name, value) for name, values in request.POST.lists() if name not in SKIPPED for value in values]


def written(request: Asked) -> list[str]:
    """What somebody wrote into a form of ours that found no place, to be copied from the answer: sentences, not codes.

    Only what reached a page of ours has shown the form's secret: what other sites send to any address is not repeated.
    """
    if request.method != "POST" or request.resolver_match is None or request.actor.person is None:
        return []
    sent = (value.strip() for _name, value in sent_fields(request))
    return [text for text in sent if " " in text or (len(text) >= WORTH_KEEPING and not text.isascii())]


def sign_in_first(request: Asked) -> HttpResponse:
    """Signed out: on to sign-in and back. A form that was being sent waits in the session until then."""
    from_page = request.get_full_path()
    if getattr(request, "htmx", False):
        return render(request, "shell/errors/signed_out_fragment.html", {}, status=401)
    if request.method == "POST":
        kept = keep_form(request, sent_fields(request))
        from_page = reverse("shell:kept") if kept else "/"
        if kept:
            messages.warning(request, _("You had been signed out. What you were sending waits; sign in to send it."))
        else:
            messages.error(
                request, _("You had been signed out. Nothing was changed; what you were sending could not be kept.")
            )
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': from_page})}")


def _error(request: Asked, template: str, status: int, code: str, **context: object) -> HttpResponse:
    return render(request, template, {"code": code, **context}, status=status)
