"""Which part of a file is asked for (RFC 9110, section 14): `Range`, `If-Range`, and what is not satisfiable."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"(\d*)-(\d*)", re.ASCII)
_DIGITS = 19


@dataclass(frozen=True)
class Span:
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Unsatisfiable(Exception):  # noqa: N818 (the protocol's word)
    """416: no part that was asked for exists."""


def wanted(header: str | None, size: int) -> Span | None:
    """The part asked for; None: all of it (no range, one we do not understand, or several: a server may send the whole).

    Raises `Unsatisfiable`.
    """
    unit, _, text = (header or "").partition("=")
    if unit.strip().lower() != "bytes":
        return None
    spans = []
    for part in text.split(","):
        found = _ONE.fullmatch(part.strip())
        if found is None or found.group() == "-":
            return None
        spans.append((_number(found[1]), _number(found[2])))
    if any(first is not None and last is not None and first > last for first, last in spans):
        return None  # not a range at all: ignored
    there = [span for first, last in spans if (span := _within(first, last, size))]
    if not there:
        raise Unsatisfiable
    return there[0] if len(there) == 1 else None


def _number(digits: str) -> int | None:
    """A place in a file; one of more digits than any file has bytes lies behind its end."""
    return None if not digits else int(digits) if len(digits) < _DIGITS else 10**_DIGITS


def _within(first: int | None, last: int | None, size: int) -> Span | None:
    if first is None:
        length = min(last or 0, size)
        return Span(size - length, size - 1) if length else None
    if first >= size:
        return None
    return Span(first, min(last, size - 1) if last is not None else size - 1)


def still_the_same(if_range: str | None, etag: str, modified: str) -> bool:
    """Whether a range may be answered: no condition, or the strong tag or the very date we gave out."""
    return if_range is None or if_range.strip() in (etag, modified)
