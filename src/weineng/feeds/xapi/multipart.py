"""multipart/mixed (RFC 2046), read as it comes in and written as it goes out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message

from weineng.kernel.refusals import Refused

HEADERS_LONGEST = 8_192  # bytes of the headers of a part
VALUE_LONGEST = 1_000  # characters of one
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")  # what begins a header of its own where the part is sent on
Headers = Mapping[str, str]


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names; refuses `boundary-missing`."""
    message = Message()
    try:
        message["Content-Type"] = content_type
        boundary = message.get_param("boundary")
    except (LookupError, TypeError, ValueError):  # of parameters in parts or in an encoding of their own (RFC 2231)
        boundary = None
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 200:
        raise Refused("boundary-missing", "The Content-Type multipart/mixed has a boundary.")
    return boundary.encode("utf-8", "surrogateescape")


class Reader:
    """The parts of a body one after the other: `for headers, blocks in Reader(…)`; each part's blocks are read before the next part is
    asked for. Refuses `multipart-malformed`."""

    def __init__(self, blocks: Iterable[bytes], boundary: bytes) -> None:
        self._blocks, self._held, self._over = iter(blocks), b"\r\n", False
        self._delimiter = b"\r\n--" + boundary

    def __iter__(self) -> Iterator[tuple[Headers, Iterator[bytes]]]:
        for _preamble in self._until_delimiter():
            pass
        while self._begins():
            yield self._headers(), self._until_delimiter()

    def _more(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            raise Refused("multipart-malformed", "The body ends before its last boundary.")
        self._held += block

    def _until_delimiter(self) -> Iterator[bytes]:
        while (at := self._held.find(self._delimiter)) < 0:
            safe = len(self._held) - len(self._delimiter)
            if safe > 0:
                yield self._held[:safe]
                self._held = self._held[safe:]
            self._more()
        if at:
            yield self._held[:at]
        self._held = self._held[at + len(self._delimiter) :]

    def _begins(self) -> bool:
        """Whether another part begins behind the delimiter; else the body is over."""
        while len(self._held) < 2:
            self._more()
        if self._held.startswith(b"--"):
            return False
        while (end := self._held.find(b"\r\n")) < 0 and len(self._held) < HEADERS_LONGEST:
            self._more()
        if end < 0 or self._held[:end].strip(b" \t"):
            raise Refused("multipart-malformed", "A boundary stands on a line of its own.")
        self._held = self._held[end:]
        return True

    def _headers(self) -> Headers:
        """The headers of a part, under their names in small letters."""
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > HEADERS_LONGEST:
                raise Refused("multipart-malformed", "The headers of a part are too long, or do not end.")
            self._more()
        lines = self._held[2:end].decode("utf-8", "replace").split("\r\n") if end > 0 else []
        self._held = self._held[end + 2 :]  # one line's end stays: an empty part has its delimiter right there
        found = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or CONTROL.search(line) or len(value) > VALUE_LONGEST:
                raise Refused("multipart-malformed", "A header of a part cannot be read.")
            found[name.strip().lower()] = value.strip()
        if self._held.startswith(self._delimiter):
            return found
        self._held = self._held[2:]
        return found


def written(parts: Iterable[tuple[Headers, Iterable[bytes]]], boundary: str) -> Iterator[bytes]:
    """A body of these parts."""
    for headers, blocks in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        yield f"--{boundary}\r\n{lines}\r\n".encode()
        yield from blocks
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()
