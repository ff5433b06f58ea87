"""/xapi/<version>/statements: store what a platform says, and read it back."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
from django.conf import settings
from django.core import signing
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import http_date

from weineng.feeds.xapi import multipart, parameters
from weineng.feeds.xapi.answers import Plain, empty, json_answer
from weineng.feeds.xapi.calls import Call, malformed
from weineng.feeds.xapi.door import Verb, resource
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.statements import attachments
from weineng.statements.actions import accept_statements
from weineng.statements.attachments import Arrived
from weineng.statements.permissions import READ, WRITE
from weineng.statements.queries import (
    Asked,
    attachments_of_page,
    consistent_through,
    in_format,
    page_of,
    sources_read,
    statement_of,
)
from weineng.statements.rules.formats import FORMATS, preferred
from weineng.statements.rules.times import instant, written

THROUGH = "X-Experience-API-Consistent-Through"
HASH = "x-experience-api-hash"
SINGLE = ("statementId", "voidedStatementId")
SHOWN = frozenset({"format", "attachments"})
FILTERS = frozenset({
    "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit", "ascending",
})  # fmt: skip
SALT = "xapi.more"


# --- Writing ---------------------------------------------------------------------------------------------------------
def post_statements(call: Call) -> HttpResponse:
    """Store one statement or an array of them; answers with their ids."""
    with _sent(call) as (content, files):
        said = content if isinstance(content, list) else [content]
        ids = accept_statements(by=call.by, statements=said, new=_is_new(call), files=files)
    return json_answer(ids)


def put_statement(call: Call) -> HttpResponse:
    """Store one statement under the id of the parameter."""
    sid = str(parameters.uuid(call.params, "statementId"))
    with _sent(call) as (content, files):
        accept_statements(by=call.by, statements=[content], new=_is_new(call), files=files, sid=sid)
    return empty()


def _is_new(call: Call) -> bool:
    return not call.dialect.alternate


@contextmanager
def _sent(call: Call) -> Iterator[tuple[Any, dict[str, Arrived]]]:
    """What was sent: JSON, and the files that came with it; if it is refused they are let go."""
    files: dict[str, Arrived] = {}
    try:
        yield _read(call, files), files
    except Exception:
        attachments.drop(file.digest for file in files.values())
        raise


def _read(call: Call, files: dict[str, Arrived]) -> Any:
    kind = call.content_type.partition(";")[0].strip().lower()
    if kind == "multipart/mixed":
        return _mixed(call, files)
    if kind == "application/json":
        return _decoded(call.body)
    raise malformed("content-type-unknown", "Statements are sent as application/json or multipart/mixed.")


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise malformed("body-not-json", "The body is not valid JSON in UTF-8.") from None


def _mixed(call: Call, files: dict[str, Arrived]) -> Any:
    """The statements of the first part; the files of the others go into `files`."""
    parts = multipart.Reader(call.blocks(settings.XAPI_LARGEST), multipart.boundary_of(call.content_type))
    content, source = None, _code(call.by)
    for number, (headers, blocks) in enumerate(parts):
        kind = headers.get("content-type", "")
        if number == 0:
            if kind.partition(";")[0].strip().lower() != "application/json":
                raise malformed("multipart-malformed", "The first part holds the statements, as application/json.")
            content = _decoded(_whole(blocks))
        elif headers.get("content-transfer-encoding", "").lower() != "binary":
            raise malformed(
                "multipart-malformed", "The part of a file has the header Content-Transfer-Encoding: binary."
            )
        elif not (sha2 := headers.get(HASH, "")):
            raise malformed("multipart-malformed", "The part of a file has the header X-Experience-API-Hash.")
        else:
            files[sha2] = attachments.take(source, sha2, kind or "application/octet-stream", blocks)
    if content is None:
        raise malformed("multipart-malformed", "The first part holds the statements.")
    return content


def _whole(blocks: Iterable[bytes]) -> bytes:
    whole = b""
    for block in blocks:
        whole += block
        if len(whole) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise Refused(
                "body-too-big",
                "The statements are larger than %(most)s bytes.",
                most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
            )
    return whole


def _code(by: Actor) -> str:
    if len(by.sources) != 1:
        raise NotFound("statements.source")
    (code,) = by.sources
    return code


# --- Reading ---------------------------------------------------------------------------------------------------------
def get_statements(call: Call) -> HttpResponse:
    """One statement, or those that match."""
    single = [name for name in SINGLE if name in call.params]
    if not single:
        return _page(call, _asked(call.params), call.params)
    if len(call.params.keys() - SHOWN) > 1:
        raise malformed("parameters-together", "With %(name)s go only format and attachments.", name=single[0])
    form, whole = _form(call.params)
    seq, body = statement_of(call.by, parameters.uuid(call.params, single[0]), voided=single[0] == SINGLE[1])
    if form != "exact":
        body = orjson.dumps(_formatted(call, {seq: body}, form)[0]).decode()
    return _stored(_answered(body.encode(), [seq], whole=whole), [seq])


def _asked(params: dict[str, str]) -> Asked:
    return Asked(
        agent=parameters.agent(params, "agent"), related_agents=parameters.flag(params, "related_agents"),
        verb=parameters.iri(params, "verb"), activity=parameters.iri(params, "activity"),
        related_activities=parameters.flag(params, "related_activities"),
        registration=str(parameters.uuid(params, "registration")) if "registration" in params else "",
        since=parameters.moment(params, "since"), until=parameters.moment(params, "until"),
        ascending=parameters.flag(params, "ascending"), limit=parameters.whole(params, "limit"),
    )  # fmt: skip


def _form(params: dict[str, str]) -> tuple[str, bool]:
    """The format, and whether the files come along."""
    form = params.get("format", "exact")
    if form not in FORMATS:
        raise malformed("parameter-unreadable", "format must be exact, ids or canonical.", name="format")
    return form, parameters.flag(params, "attachments")


def _page(call: Call, asked: Asked, params: Mapping[str, str]) -> HttpResponse:
    form, whole = _form(dict(params))
    page = page_of(call.by, asked)
    more = _more(call, params, page.more) if page.more is not None else ""
    exact = b"[" + ",".join(page.bodies.values()).encode() + b"]"
    shown = exact if form == "exact" else orjson.dumps(_formatted(call, page.bodies, form))
    body = b'{"statements":' + shown + b',"more":' + orjson.dumps(more) + b"}"
    return _stored(_answered(body, list(page.bodies), whole=whole), page.bodies)


def _formatted(call: Call, bodies: Mapping[int, str], form: str) -> list[dict[str, Any]]:
    languages = preferred(call.headers.get("Accept-Language") or "")
    return in_format(bodies, form, languages, sources_read(call.by))


def _more(call: Call, params: Mapping[str, str], start: int) -> str:
    """Where the next page is: an address that says all that was asked for."""
    word = signing.dumps({"params": dict(params), "start": start}, salt=SALT, compress=True)
    return reverse(f"xapi-{call.dialect.path}-more", kwargs={"word": word})


def get_more(call: Call, word: str) -> HttpResponse:
    """The next page of what was asked for before."""
    try:
        held = signing.loads(word, salt=SALT)
    except signing.BadSignature:
        raise NotFound("statements.more") from None
    asked = _asked(held["params"])
    fields = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
    return _page(call, Asked(**fields | {"start": held["start"]}), held["params"])


def _answered(body: bytes, seqs: list[int], *, whole: bool) -> HttpResponse:
    """JSON, or (`whole`) JSON and the files of these statements."""
    if not whole:
        return Plain(body, content_type="application/json")
    boundary = uuid4().hex
    parts: list[tuple[Mapping[str, str], Iterable[bytes]]] = [({"Content-Type": "application/json"}, [body])]
    for row, code in attachments_of_page(seqs):
        headers = {
            "Content-Type": row.media_type, "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": row.sha2,
        }  # fmt: skip
        parts.append((headers, attachments.open_file(code, row.digest)))
    answer = StreamingHttpResponse(
        multipart.written(parts, boundary), content_type=f'multipart/mixed; boundary="{boundary}"'
    )
    answer.as_is = True  # type: ignore[attr-defined]  # of `Plain`
    return answer  # type: ignore[return-value]  # Django treats it as one


def _stored(response: HttpResponse, seqs: Iterable[int]) -> HttpResponse:
    """Says when the statement shown, or the last of those, was stored."""
    if last := max(seqs, default=0):
        response["Last-Modified"] = http_date(instant(last).timestamp())
    return response


def _through() -> dict[str, str]:
    """Up to when all statements can be read."""
    return {THROUGH: written(consistent_through())}


statements = resource(
    {
        "GET": Verb(get_statements, READ, FILTERS | SHOWN | {*SINGLE}),
        "POST": Verb(post_statements, WRITE),
        "PUT": Verb(put_statement, WRITE, frozenset({"statementId"})),
    },
    tells=_through,
)
more = resource({"GET": Verb(get_more, READ)}, tells=_through)
