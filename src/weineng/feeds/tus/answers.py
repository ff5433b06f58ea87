"""What this door answers: the protocol's headers, refusals as status and JSON, the state of an upload."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import http_date
from django.utils.translation import gettext as _

from weineng.feeds.requests import ActingRequest
from weineng.feeds.tus.purposes import Purpose
from weineng.files.arrivals import CHECKSUMS
from weineng.files.models import Upload, Use
from weineng.files.queries import problem_of, safe_offset
from weineng.files.refusals import TEXTS
from weineng.files.rules import Limits, Problem, say_seconds
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
KIND = "files.upload"
STATUS = {
    "not-found": 404,
    "offset-conflict": 409,
    "upload-taken-over": 409,
    "upload-ended": 410,
    "file-too-big": 413,
    "too-many-bytes": 413,
    "checksum-mismatch": 460,  # the protocol's own
    "storage-full": 507,
}


def address_of(upload: Upload) -> str:
    """Where an upload is continued."""
    return reverse("feeds-upload", args=[seal_id(KIND, upload.pk)])


def token_for(request: ActingRequest) -> str:
    """What every change must carry: bound to the person and the session, so no other site can send it."""
    session = request.session.session_key or ""
    return salted_hmac("feeds.uploads", f"{request.actor.person}:{session}", algorithm="sha256").hexdigest()[:40]


def token_is_right(request: ActingRequest) -> bool:
    """Whether the request carries its session's token."""
    return constant_time_compare(request.headers.get("Upload-Token", ""), token_for(request))


def plain(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer without a body."""
    return HttpResponse(status=status, headers=dict(headers or {}))


def options() -> HttpResponse:
    """What this server speaks."""
    return plain(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            "Tus-Max-Size": str(settings.UPLOAD_QUOTA),
        },
    )


def refused(refusal: Refused) -> HttpResponse:
    """A refusal: its status, its code and its sentence in the reader's language."""
    return error(STATUS.get(refusal.code, 422), refusal.code, str(refusal), refusal.params)


def error(status: int, code: str, message: str, params: Mapping[str, object] | None = None) -> HttpResponse:
    """An error as JSON: `code`, `message`, `params`."""
    body = {"code": code, "message": message, "params": {name: str(value) for name, value in (params or {}).items()}}
    return JsonResponse(body, status=status)


def progress(upload: Upload, status: int) -> HttpResponse:
    """How far an upload is, in the protocol's headers; with its receipt once it has one."""
    headers = {
        "Upload-Offset": str(safe_offset(upload)),
        "Upload-Length": str(upload.size),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
    if upload.receipt:
        headers["Upload-Receipt"] = upload.receipt
        del headers["Upload-Expires"]
    return plain(status, headers)


def state(upload: Upload) -> dict[str, Any]:
    """An upload as JSON: how far it is; once arrived, its receipt and what was found inside."""
    shown: dict[str, Any] = {
        "address": address_of(upload),
        "name": upload.file_name,
        "size": upload.size,
        "offset": safe_offset(upload),
        "edges": upload.edges,
        "begun": upload.created_at.isoformat(),
        "touched": upload.touched_at.isoformat(),
        "expires": upload.expires_at.isoformat(),
        "receipt": upload.receipt,
    }
    if upload.blob is not None:
        blob = upload.blob
        problem = problem_of(blob, Limits.from_json(upload.limits))
        shown |= {
            "type": blob.media_type,
            "family": blob.family,
            "length": say_seconds(blob.seconds) if blob.seconds is not None else None,
            "pages": blob.pages,
            "problem": problem and {"code": problem.code, "message": problem_text(problem)},
            "used": Use.objects.live().filter(upload=upload).exists(),
        }
    return shown


def problem_text(problem: Problem) -> str:
    """The sentence of a problem in the reader's language."""
    return str(Refused(problem.code, TEXTS[problem.code], **problem.params))


def overview(request: ActingRequest, purpose: Purpose, limits: Limits, uploads: list[Upload]) -> dict[str, Any]:
    """What a page needs before it takes a file: the token, the limits in words, and what is already on its way."""
    return {
        "token": token_for(request),
        "purpose": purpose.word,
        "accept": limits.accept,
        "limits": {
            "max_bytes": dict(limits.max_bytes),
            "max_seconds": limits.max_seconds,
            "text": limits.text,
        },
        "open": [state(upload) for upload in uploads],
        "texts": texts(),
    }


def texts() -> dict[str, str]:
    """The sentences of the uploader in the page, in the reader's language; `{…}` places are filled there."""
    return {
        "choose": _("Choose a file"),
        "record": _("Use the camera"),
        "reading": _("Reading {name} …"),
        "sending": _("{sent} of {size} · {percent} % · {speed}/s · about {left} left"),
        "waiting": _("The line is broken. What has arrived is kept ({sent} of {size}). Next attempt in {seconds} s."),
        "offline": _("You are offline. What has arrived is kept ({sent} of {size}); it goes on by itself."),
        "paused": _("Paused at {sent} of {size}."),
        "checking": _("All bytes have arrived. The file is being checked …"),
        "done": _("{name} has arrived whole. Receipt {receipt}."),
        "problem": _("{name} has arrived, but: {message}"),
        "signed_out": _("You are signed out. Sign in again (in another tab), then continue: what has arrived is kept."),
        "begun": _("{name}: {sent} of {size} have arrived. To go on, choose the same file again."),
        "other_file": _("This is another file than the one begun ({name}). Choose that one, or give the upload up."),
        "failed": _("This did not work: {message}"),
        "pause": _("Pause"),
        "continue": _("Continue"),
        "retry": _("Try again"),
        "give_up": _("Give up"),
        "give_up_really": _("Give up? What has arrived is thrown away."),
        "choose_again": _("Choose the file again"),
        "minutes": _("{n} min"),
        "seconds": _("{n} s"),
        "progress": _("Progress of {name}"),
    }
