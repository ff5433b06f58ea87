"""A form sent twice acts once.

Each form carries a token (`{% form %}` puts it there). The first answer that leads on is kept under the token in the
person's session, in the transaction of the action itself; the same form again (double click, reload, a lost reply)
gets that answer and nothing happens twice.
"""

from collections.abc import Callable

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import get_random_string

FIELD = "once"
BEGINNINGS, DEADLOCK = 3, "40P01"
KEPT = 40  # answers a session remembers; older forms are long gone from anybody's screen


def fresh_token() -> str:
    """A token for one rendering of one form."""
    return get_random_string(20)


def answer_once(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, or the answer kept from the first time this very form was sent.

    Of two acts that wait for each other the database ends one; nothing of it was done, so it begins again. A look does
    nothing: it stands outside a transaction, so that it can have one of its own.
    """
    token, session = request.POST.get(FIELD, ""), request.session
    if not token or session.session_key is None or request.POST.get("do") == "look":
        return view()
    for _time in range(BEGINNINGS - 1):
        try:
            return _answer(request, token, view)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
    return _answer(request, token, view)


def _answer(request: HttpRequest, token: str, view: Callable[[], HttpResponse]) -> HttpResponse:
    session = request.session
    with transaction.atomic():
        _wait_for(f"{session.session_key}:{token}")  # a double click arrives at two workers at once: the second waits
        known = session.load().get(FIELD, {})
        if where := known.get(token):
            return redirect(where)
        key, response = session.session_key, view()
        where = response.headers.get("Location") or response.headers.get("HX-Redirect")
        if where and session.session_key is not None:
            _wait_for(key or "")  # another form of this session may just be writing its answer: both are kept
            answers = {**session.load().get(FIELD, {}), **session.get(FIELD, {}), token: where}
            session[FIELD] = dict(list(answers.items())[-KEPT:])
            session.save(False)  # in this transaction: the act and its answer stand or fall together
            session.modified = session.session_key != key  # written; only a new key has to reach the browser
    return response


def _wait_for(name: str) -> None:
    """Until whoever holds this name has ended its transaction; then it is ours to the end of the present one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
