"""Every code that the record store can refuse with: its status and what it means, once for both versions.

The sentences are message ids: the document of the door has them in English, the page for engineers in the reader's language.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop

OTHERS = 400  # whatever is wrong with what was sent

CODES: Mapping[str, tuple[int, str]] = {
    # of the key
    "key-missing": (
        401,
        gettext_noop(
            "The call has no key. Send “Authorization: Basic …” with the key as the password, or a token as Bearer."
        ),
    ),
    "key-unknown": (
        401,
        gettext_noop(
            "This key is not one of ours, or not the one of the name that came with it. Compare both with what was handed over."
        ),
    ),
    "key-revoked": (401, gettext_noop("This key was revoked. Ask the office for another one.")),
    "key-expired": (401, gettext_noop("The last day of this key is over. Ask the office for another one.")),
    "token-expired": (401, gettext_noop("This token is over, or not one of ours. Ask for another one with your key.")),
    "scope-missing": (
        403,
        gettext_noop(
            "The key does not allow this; “permission” names what it lacks. Ask the office for a key that allows it."
        ),
    ),
    "too-many-calls": (
        429,
        gettext_noop(
            "This key calls too often. Wait as many seconds as “Retry-After” says; one call takes many statements."
        ),
    ),
    # of the call
    "version-missing": (
        400,
        gettext_noop("The header “X-Experience-API-Version” is missing. Send it with every call, except to “about”."),
    ),
    "version-unknown": (
        400,
        gettext_noop("The version of the header is not spoken at this address; “speaks” names the one that is."),
    ),
    "method-unknown": (
        405,
        gettext_noop("The resource has no such method. The header “Allow” of the answer names those it has."),
    ),
    "not-found": (404, gettext_noop("There is nothing at this address, or it is not within the reach of this key.")),
    "parameter-missing": (400, gettext_noop("A parameter that is needed is missing; “name” names it.")),
    "parameter-twice": (400, gettext_noop("A parameter, or a field of a form, was sent twice. Send each once.")),
    "parameter-unknown": (
        400,
        gettext_noop(
            "This resource has no such parameter for this method. Names are written as in the specification, capitals too."
        ),
    ),
    "parameter-unreadable": (
        400,
        gettext_noop("The value of a parameter cannot be read; the message says what it must be."),
    ),
    "parameters-together": (
        400,
        gettext_noop(
            "With “statementId” or “voidedStatementId” go only “format” and “attachments”. Leave out the others."
        ),
    ),
    "form-unreadable": (
        400,
        gettext_noop(
            "The form that stands for a call cannot be read. Send it as application/x-www-form-urlencoded in UTF-8, with at most "
            "100 fields."
        ),
    ),
    "content-missing": (400, gettext_noop("A form that stands for PUT or POST needs the field “content”.")),
    "length-missing": (
        411,
        gettext_noop(
            "The call does not say how long its body is. Send “Content-Length”; bodies in chunks are not read."
        ),
    ),
    "body-too-big": (
        413,
        gettext_noop("The body is larger than “most” bytes. Send fewer statements, or smaller files, in one call."),
    ),
    "unavailable": (
        503,
        gettext_noop("The database, or a file, cannot be had just now. Nothing was stored; send the same again later."),
    ),
    # of statements and their files
    "content-type-unknown": (
        400,
        gettext_noop(
            "Statements are sent as application/json or, with files, as multipart/mixed. Correct “Content-Type”."
        ),
    ),
    "body-not-json": (400, gettext_noop("The body is not valid JSON in UTF-8. Nothing was stored.")),
    "statement-malformed": (
        400,
        gettext_noop(
            "A statement is not as the specification wants it. “at” names the place, “problem” what is wrong there. Nothing of "
            "the call was stored."
        ),
    ),
    "id-twice": (
        400,
        gettext_noop("Two statements of the call have the same id. Nothing was stored; give each an id of its own."),
    ),
    "id-differs": (
        400,
        gettext_noop(
            "The statement has another id than the parameter “statementId”. Send the same in both, or none in the statement."
        ),
    ),
    "conflict": (
        409,
        gettext_noop(
            "The id stands for another statement already; “id” names it. A statement never changes: void it, and send the right "
            "one under an id of its own."
        ),
    ),
    "boundary-missing": (
        400,
        gettext_noop("“Content-Type: multipart/mixed” does not say the boundary. Send it as “boundary”."),
    ),
    "multipart-malformed": (
        400,
        gettext_noop(
            "The parts of the body cannot be read. The statements come first, as application/json; each file has its "
            "“Content-Transfer-Encoding: binary” and “X-Experience-API-Hash”; the last boundary ends the body."
        ),
    ),
    "file-missing": (
        400,
        gettext_noop(
            "No file came for an attachment without “fileUrl”; “sha2” names it. Send the file in the same call."
        ),
    ),
    "file-unknown": (
        400,
        gettext_noop(
            "A file came that no statement of the call names; “sha2” is its hash. Name it among the attachments, or leave it "
            "out."
        ),
    ),
    "file-differs": (
        400,
        gettext_noop(
            "A file has another hash than its part says; “sha2” is what was said. Use SHA-224, 256, 384 or 512 of the bytes that "
            "are sent."
        ),
    ),
    "signature-false": (
        400,
        gettext_noop(
            "The signature that came is none, or signs another statement. Sign the statement as it is sent, by JWS, as "
            "application/octet-stream."
        ),
    ),
    # of documents
    "content-type-unreadable": (
        400,
        gettext_noop(
            "The content type of the document cannot be read, or is longer than 255 characters. Send one like text/plain."
        ),
    ),
    "document-not-json": (400, gettext_noop("The document is not the JSON in UTF-8 that its content type says it is.")),
    "document-not-object": (
        400,
        gettext_noop("Only a JSON object is merged into a JSON object. Replace the document by PUT."),
    ),
    "condition-missing": (
        400,
        gettext_noop(
            "Say what is replaced: “If-None-Match: *” for a new document, “If-Match” with its tag for one that is there."
        ),
    ),
    "document-exists": (
        409,
        gettext_noop("There is a document already. Read it, then send its tag as “If-Match” to replace it."),
    ),
    "precondition-failed": (
        412,
        gettext_noop(
            "The document is not as “If-Match” or “If-None-Match” says: somebody changed, made or deleted it. Read it again, "
            "then decide."
        ),
    ),
}


def status_of(code: str) -> int:
    """The HTTP status that goes with a code."""
    return CODES[code][0] if code in CODES else OTHERS


def codes_by_status() -> Mapping[int, list[str]]:
    """Each status that a refusal can have, in order, and its codes."""
    found: dict[int, list[str]] = {}
    for code, (status, _means) in CODES.items():
        found.setdefault(status, []).append(code)
    return dict(sorted(found.items()))


def told() -> Iterator[dict[str, Any]]:
    """The table as the document of the door has it."""
    for code, (status, means) in CODES.items():
        yield {"code": code, "status": status, "means": means}
