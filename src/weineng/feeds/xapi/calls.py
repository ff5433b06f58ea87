"""A request of the Experience API as its resources see it, however it was written down."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from weineng.feeds.xapi.dialects import Dialect
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused

BLOCK = 1 << 16
# What a form may bring besides parameters, since a browser could not set these headers (1.0.3, Communication 1.3).
FORM_HEADERS = (
    "Authorization", "X-Experience-API-Version", "Content-Type", "Content-Length", "If-Match", "If-None-Match", "Accept",
    "Accept-Language",
)  # fmt: skip


def malformed(code: str, message: str, *, field: str = "", **params: object) -> Refused:
    """A refusal of what was sent: 400."""
    return Refused(code, message, field=field, **params)


@dataclass
class Call:
    """One call: `method` (HEAD is GET), parameters, headers (without regard to case) and the content, which is read when asked
    for."""

    request: HttpRequest
    dialect: Dialect
    method: str
    params: dict[str, str]
    headers: Mapping[str, str]
    by: Actor
    content: bytes | None = None  # of a form; None: the body of the request

    @property
    def content_type(self) -> str:
        """The media type of the content with its parameters, as sent."""
        return self.headers.get("Content-Type") or ""

    @cached_property
    def body(self) -> bytes:
        """The whole content; refuses `body-too-big` and `length-missing`."""
        return b"".join(self.blocks(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))

    def blocks(self, most: int) -> Iterator[bytes]:
        """The content as it comes in, at most so many bytes; refuses `body-too-big` and `length-missing`."""
        if self.content is not None:
            yield self.content
        else:
            yield from read(self.request, most)


def wanted(call: Call, name: str) -> str:
    """A parameter that may not be left out; refuses `parameter-missing`."""
    if name not in call.params:
        raise malformed("parameter-missing", "The parameter %(name)s is missing.", name=name)
    return call.params[name]


def read(request: HttpRequest, most: int) -> Iterator[bytes]:
    """The body of a request in blocks; refuses `body-too-big` and `length-missing`."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.headers.get("Transfer-Encoding"):
        raise Refused("length-missing", "Send the length of the body (Content-Length); bodies in chunks are not read.")
    if length and (not length.isdecimal() or int(length) > most):
        raise Refused("body-too-big", "The body is larger than %(most)s bytes.", most=most)
    while block := request.read(BLOCK):
        yield block


def read_on(request: HttpRequest) -> None:
    """Take in what is left of a body that nobody read, unless it is too large: who is still sending would not hear the answer,
    and the connection could not be used again."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if 0 < int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        with suppress(UnreadablePostError):
            while request.read(BLOCK):
                pass


def form_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a form in the body. Refuses `form-unreadable`, `parameter-twice`."""
    if not request.META.get("CONTENT_LENGTH") or request.META["CONTENT_LENGTH"] == "0":
        return {}
    if request.content_type != "application/x-www-form-urlencoded":
        raise malformed("form-unreadable", "A call written as a form is sent as application/x-www-form-urlencoded.")
    try:
        text = b"".join(read(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)).decode()
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=100)
    except ValueError:  # a UnicodeDecodeError is one
        raise malformed("form-unreadable", "The form cannot be read.") from None
    return once(pairs)


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Pairs as a mapping; refuses `parameter-twice`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise malformed("parameter-twice", "A parameter was sent twice.")
    return found
