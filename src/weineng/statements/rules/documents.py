"""Documents as plain bytes: where one lies, its tag, what merging makes of two, and whether a call may change one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b, sha1
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.statements.rules.keys import identity

JSON = "application/json"
OTHERWISE = "application/octet-stream"  # what bytes are of which nothing was said
NAME_LONGEST = 1024  # characters of the id that a source gives a document
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[\x20-\x7e]*")


class Kind(StrEnum):
    """What a document is about."""

    STATE = "state"  # of an agent in an activity
    AGENT = "agent"  # profile of an agent
    ACTIVITY = "activity"  # profile of an activity


@dataclass(frozen=True)
class Context:
    """Whose documents: of an agent (valid, with one identifier), of an activity, in a registration (None, '': not said).

    For one document no registration is a context of its own; for several it is every registration.
    """

    kind: Kind
    agent: Mapping[str, Any] | None = None
    activity: str = ""
    registration: UUID | None = None

    @property
    def who(self) -> str:
        """The agent's identifier as one text, '' where the context has none."""
        return identity(self.agent) if self.agent else ""


class Care(StrEnum):
    """What putting a document without any condition is."""

    NONE = "none"  # allowed
    REPLACING = "replacing"  # a conflict where there is one already
    ALWAYS = "always"  # the same, and incomplete where there is none


@dataclass(frozen=True)
class Condition:
    """On what a call may change a document: the headers If-Match and If-None-Match as they were sent ('' where they were not),
    and what it is to put one without either."""

    match: str = ""
    none_match: str = ""
    care: Care = Care.NONE


def place_of(source: int, context: Context, name: str) -> UUID:
    """Where the document of this name lies: 16 bytes of a hash, which two documents never share."""
    parts = (str(source), context.kind, context.who, context.activity, str(context.registration or ""), name)
    told = "".join(f"{len(part)} {part}" for part in parts)
    return UUID(bytes=blake2b(told.encode(), digest_size=16).digest())


def tag_of(contents: bytes) -> str:
    """The entity tag without its quotes: SHA-1 in hexadecimal digits, as version 1.0.3 wants it."""
    return sha1(contents, usedforsecurity=False).hexdigest()


def check_media_type(media_type: str) -> None:
    """Refuse `content-type-unreadable` for what no header can carry back."""
    if not _MEDIA_TYPE.fullmatch(media_type) or len(media_type) > 255:
        raise Refused("content-type-unreadable", _("The content type cannot be read."))


def check_name(name: str) -> None:
    """Refuse `parameter-unreadable` for an id that cannot be kept: empty, longer than 1,024 characters, or with a zero byte."""
    if not 0 < len(name) <= NAME_LONGEST or "\0" in name:
        raise Refused("parameter-unreadable", _("The id of the document cannot be kept."))


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, whatever its parameters are."""
    return media_type.partition(";")[0].strip().lower() == JSON


def check_condition(condition: Condition, tag: str | None, *, replacing: bool) -> None:
    """Whether a call may go on that finds a document with this tag (None: it finds none); `replacing`: it puts another in its
    place. Refuses `precondition-failed`, `document-exists`, `condition-missing`."""
    match, none_match = tags_in(condition.match), tags_in(condition.none_match)
    failed = (match and (tag is None or not {"*", tag} & match)) or (tag is not None and bool({"*", tag} & none_match))
    if failed:
        raise Refused("precondition-failed", _("The document is not as the header says. Read it again, then decide."))
    if not replacing or condition.care is Care.NONE or match or none_match:
        return
    if tag is not None:
        raise Refused(
            "document-exists",
            _("There is a document already. Read it, then send its tag as “If-Match” to replace it."),
            etag=tag,
        )
    if condition.care is Care.ALWAYS:
        raise Refused(
            "condition-missing",
            _("Send “If-None-Match: *” for a new document, “If-Match” with its tag to replace one."),
        )


def tags_in(header: str) -> set[str]:
    """The tags of a header without quotes. A proxy that packs an answer marks its tag as weak: it is still that document."""
    words = (word.strip() for word in header.split(","))
    return {word.removeprefix("W/").strip('"') for word in words if word}


def merged(before: bytes, after: bytes) -> bytes:
    """The members of two JSON objects, those of `after` over those of `before`; each keeps the very text it was written in.

    Refuses `document-not-object`.
    """
    return msgspec.json.encode(_members(before) | _members(after))


def check_json(contents: bytes) -> None:
    """Refuse `document-not-json` for what says that it is JSON and is not."""
    try:
        contents.decode()
        msgspec.json.decode(contents, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise Refused(
            "document-not-json", _("The document is not the JSON that its content type says it is.")
        ) from error


def _members(contents: bytes) -> dict[str, msgspec.Raw]:
    try:
        contents.decode()
        return msgspec.json.decode(contents, type=dict[str, msgspec.Raw])
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise Refused("document-not-object", _("Only JSON objects are merged. Replace the document by PUT.")) from error
