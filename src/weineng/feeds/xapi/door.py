"""From a request to a resource's verb and back: version, key, form syntax, parameters, refusals.

    about = resource({"GET": Verb(get_about, None)}, versioned=False)

A verb takes a `Call` and answers; what it refuses becomes the answer of its status. HEAD is GET without the content.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from weineng.accounts.actions import note_key_use
from weineng.accounts.queries import actor_of_key, key_named, key_shown
from weineng.accounts.rules import name_and_password
from weineng.feeds.xapi import answers
from weineng.feeds.xapi.calls import FORM_HEADERS, Call, form_of, malformed, once, read_on
from weineng.feeds.xapi.dialects import Dialect
from weineng.kernel.actors import Actor, Permission
from weineng.kernel.allowance import Allowance
from weineng.kernel.refusals import NotFound, Refused
from weineng.statements.actions import note_reading

log = logging.getLogger(__name__)
VERSION = "X-Experience-API-Version"
NOTED_EVERY = 30.0  # seconds in which a process asks once whether the use of a key has to be noted
_noted: dict[int, float] = {}
View = Callable[..., HttpResponse]
_calls = Allowance(settings.XAPI_CALLS_A_SECOND, settings.XAPI_CALLS_AT_ONCE)


@dataclass(frozen=True)
class Verb:
    """What a resource does for a method: `permission` (None: open to everybody, without a key), and the parameters it knows."""

    does: Callable[..., HttpResponse]
    permission: Permission | None
    params: frozenset[str] = frozenset()


def resource(
    verbs: Mapping[str, Verb], *, versioned: bool = True, tells: Callable[[], Mapping[str, str]] = dict
) -> View:
    """A view that speaks the dialect of its address. `versioned`: the version must be named (everywhere but in `about`); `tells`:
    headers of every answer, refusals too."""

    @csrf_exempt  # a key in the header, never a cookie
    def view(request: HttpRequest, *, dialect: Dialect, **named: str) -> HttpResponse:
        def answered() -> HttpResponse:
            try:
                call, verb = _understood(request, dialect, verbs, versioned=versioned)
                return verb.does(call, **named)
            except Refused as refusal:
                return answers.refused(refusal)

        try:
            response = _with(answered(), tells())
        except (InterfaceError, OperationalError) as error:
            log.error("database: %s", error)  # noqa: TRY400 (its sentence says all)
            response = answers.refused(
                Refused("unavailable", "The database does not answer; send the same again later.")
            )
        read_on(request)
        response[VERSION] = dialect.version
        if response.status_code == 405:
            response["Allow"] = ", ".join([*verbs, "HEAD"])
        return _without_content(response) if request.method == "HEAD" else response

    view.verbs = verbs  # type: ignore[attr-defined]  # read by what is promised of it
    permissions = {verb.permission for verb in verbs.values() if verb.permission is not None}
    if permissions:
        view.permissions = tuple(permissions)  # type: ignore[attr-defined]  # read by the test that walks all addresses
    else:
        view.public = True  # type: ignore[attr-defined]
    return view


@csrf_exempt
def nothing(request: HttpRequest, *, dialect: Dialect) -> HttpResponse:
    """What is said at an address below this version's that is none of a resource: a program reads JSON, not a page."""
    response = answers.refused(NotFound("xapi.resource"))
    response[VERSION] = dialect.version
    return _without_content(response) if request.method == "HEAD" else response


nothing.public = True  # type: ignore[attr-defined]  # read by the test that walks all addresses


def _with(response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return response


def _without_content(response: HttpResponse) -> HttpResponse:
    return answers.Plain(status=response.status_code, headers=dict(response.items()))


def _understood(
    request: HttpRequest, dialect: Dialect, verbs: Mapping[str, Verb], *, versioned: bool
) -> tuple[Call, Verb]:
    """The call and the verb it asks for. Refuses `version-missing`, `version-unknown`, `method-unknown`, what a key is refused
    for, `scope-missing`, and parameters that the verb does not know."""
    call = _written(request, dialect)
    if versioned:
        _check_version(call)
    verb = verbs.get(call.method)
    if verb is None:
        raise Refused("method-unknown", "This resource has no method %(method)s.", method=call.method)
    if verb.permission is not None:
        call.by = _caller(call.headers.get("Authorization") or "")
        if not call.by.holds(verb.permission):
            message = "The scopes of this key do not allow this: %(permission)s."
            raise Refused("scope-missing", message, permission=verb.permission.code)
    if unknown := sorted(call.params.keys() - verb.params):
        raise malformed("parameter-unknown", "There is no parameter %(name)s here.", name=unknown[0])
    if verb.permission is not None and call.by.units(verb.permission):
        note_reading(by=call.by, what=request.path.split("/")[3], given=list(call.params))
    return call, verb


def _written(request: HttpRequest, dialect: Dialect) -> Call:
    """The call as it was written: as a request, or (1.0.3) as a form that says which request it stands for."""
    params = once([(name, value) for name, values in request.GET.lists() for value in values])
    method = request.method or ""
    if not (dialect.alternate and method == "POST" and "method" in params):
        return Call(
            request, dialect, "GET" if method == "HEAD" else method, params, request.headers, Actor(door="feeds")
        )
    if len(params) > 1:
        raise malformed("parameter-unknown", "A call written as a form has no other parameter than “method”.")
    fields = form_of(request)
    headers = {name: value for name, value in request.headers.items() if name != "Content-Type"}
    wanted = {name.lower(): name for name in FORM_HEADERS}
    brought = {wanted[name.lower()]: fields.pop(name) for name in list(fields) if name.lower() in wanted}
    content = fields.pop("content", None)
    if params["method"] in ("PUT", "POST") and content is None:
        raise malformed("content-missing", "A form that stands for %(method)s has a field “content”.", **params)
    headers = {"Content-Type": "application/json"} | _canonical(headers) | brought
    sent = (content or "").encode()
    return Call(request, dialect, params["method"], fields, headers, Actor(door="feeds"), content=sent)


def _canonical(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers under the names of `FORM_HEADERS` where they are among them, so that the form's come before them."""
    named = {name.lower(): name for name in FORM_HEADERS}
    return {named.get(name.lower(), name): value for name, value in headers.items()}


def _check_version(call: Call) -> None:
    version = call.headers.get(VERSION)
    if version is None:
        raise malformed("version-missing", "Send the header X-Experience-API-Version.")
    if not call.dialect.takes.fullmatch(version):
        message = "Version %(version)s is not spoken at this address; it speaks %(speaks)s."
        raise malformed("version-unknown", message, version=version[:20], speaks=call.dialect.version)


def _caller(header: str) -> Actor:
    """Who shows a key: as name and password, or as a bearer's token. Refuses `key-missing`, what becomes of keys, and
    `too-many-calls`."""
    scheme, _, rest = header.partition(" ")
    pair = name_and_password(header)
    if pair is not None:
        key = key_named(*pair)
    elif scheme.lower() == "bearer":
        key = key_shown(rest.strip())
    else:
        raise Refused("key-missing", "Send the key: “Authorization: Basic …” with the key as password, or a token.")
    _calls.take(key.pk)
    actor = actor_of_key(key, "feeds")
    if monotonic() - _noted.get(key.pk, -NOTED_EVERY) >= NOTED_EVERY:
        note_key_use(by=actor, key=key.pk)
        _noted[key.pk] = monotonic()
    return actor
