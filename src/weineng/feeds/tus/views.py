"""The protocol itself: one function a verb, around them what holds for all."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from weineng.feeds.requests import ActingRequest
from weineng.feeds.tus import answers, headers
from weineng.feeds.tus.purposes import purpose_from, purpose_of
from weineng.files.actions import begin_upload, finish_upload, give_up, resume_upload
from weineng.files.arrivals import look_up, receive
from weineng.files.models import Upload
from weineng.files.permissions import UPLOAD
from weineng.files.queries import my_upload, my_uploads
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused

BLOCK = 1 << 18  # bytes read from the line at once
CHANGING = ("POST", "PATCH", "DELETE")
Verb = Callable[..., HttpResponse]


@csrf_exempt  # every change carries a token of its own (answers.token_for), also the first one
def uploads(request: ActingRequest) -> HttpResponse:
    """/feeds/uploads/: what is spoken here, what is on its way for a purpose, a new upload."""
    verbs: dict[str, Verb] = {"OPTIONS": _options, "GET": _overview, "POST": _create}
    return _speak(request, verbs)


@csrf_exempt
def upload(request: ActingRequest, word: str) -> HttpResponse:
    """/feeds/uploads/<id>: how far it is, the next part, the end."""
    verbs: dict[str, Verb] = {"OPTIONS": _options, "HEAD": _where, "GET": _state, "PATCH": _append, "DELETE": _give_up}
    return _speak(request, verbs, word=word)


uploads.permissions = upload.permissions = (UPLOAD,)  # type: ignore[attr-defined]  # read by the test that walks all addresses


def _speak(request: ActingRequest, verbs: Mapping[str, Verb], **named: str) -> HttpResponse:
    method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
    try:
        response = _checked(request, method, verbs, **named)
    except headers.Malformed as error:
        response = answers.error(400, "malformed", str(error))
    except Refused as refusal:
        response = answers.refused(refusal)
    response["Tus-Resumable"] = answers.VERSION
    response["Cache-Control"] = "no-store"
    if request.method == "HEAD":
        response.content = b""
    return response


def _checked(request: ActingRequest, method: str, verbs: Mapping[str, Verb], **named: str) -> HttpResponse:
    """What holds for every verb: the version, a person, the permission, the token."""
    if method == "OPTIONS":
        return _options(request, **named)
    if method not in verbs:
        return answers.plain(405, {"Allow": ", ".join(verbs)})
    if method != "GET" and request.headers.get("Tus-Resumable") != answers.VERSION:
        return answers.plain(412, {"Tus-Version": answers.VERSION})
    if request.actor.person is None:
        return answers.error(401, "signed-out", _("Sign in first."))
    if UPLOAD.code not in request.actor.own:
        raise NotFound("files.upload")
    if method in CHANGING and not answers.token_is_right(request):
        return answers.error(403, "wrong-token", _("This page is from an earlier sign-in. Load it again."))
    return verbs[method](request, **named)


def _options(request: ActingRequest, **named: str) -> HttpResponse:
    return answers.options()


def _overview(request: ActingRequest) -> HttpResponse:
    """GET ?purpose=…: token, limits, and one's uploads on their way for it (`answers.overview`)."""
    purpose = purpose_from(request.GET.get("purpose", ""))
    limits = purpose.limits(request.actor)
    return JsonResponse(answers.overview(request, purpose, limits, list(my_uploads(request.actor, purpose.text))))


def _create(request: ActingRequest) -> HttpResponse:
    """POST: `Upload-Length`, `Upload-Metadata` with purpose and filename, perhaps edges and the address to resume."""
    size = headers.number(request.headers, "Upload-Length")
    told = headers.metadata(request.headers.get("Upload-Metadata", ""))
    about: dict[str, Any] = {"file_name": told.get("filename", ""), "size": size, "edges": told.get("edges", "")[:64]}
    if again := told.get("resume"):
        row = resume_upload(by=request.actor, upload=_id(again.rstrip("/").rpartition("/")[2]), **about)
        response = answers.progress(row, 200)
    else:
        purpose = purpose_from(told.get("purpose", ""))
        limits = purpose.limits(request.actor)
        row = begin_upload(by=request.actor, purpose=purpose.text, limits=limits, **about)
        response = answers.progress(row, 201)
    response["Location"] = answers.address_of(row)
    return response


def _where(request: ActingRequest, word: str) -> HttpResponse:
    return answers.progress(look_up(by=request.actor, upload=_id(word)), 200)


def _state(request: ActingRequest, word: str) -> HttpResponse:
    return JsonResponse(answers.state(my_upload(request.actor, _id(word))))


def _append(request: ActingRequest, word: str) -> HttpResponse:
    if request.content_type != "application/offset+octet-stream":
        return answers.error(415, "malformed", "Content-Type must be application/offset+octet-stream.")
    if not request.META.get("CONTENT_LENGTH") and request.headers.get("Transfer-Encoding"):
        return answers.error(411, "malformed", "Content-Length is missing.")
    offset = headers.number(request.headers, "Upload-Offset")
    checksum = headers.checksum(request.headers.get("Upload-Checksum"))
    blocks = iter(lambda: request.read(BLOCK), b"")
    row = receive(by=request.actor, upload=_id(word), offset=offset, blocks=blocks, checksum=checksum)
    if row.offset == row.size:
        row = _finish(request, row)
    return answers.progress(row, 204)


def _finish(request: ActingRequest, row: Upload) -> Upload:
    """All bytes are here: receipt first, then to what it is for. A request lost in between is simply sent again."""
    row = finish_upload(by=request.actor, upload=row.pk)
    purpose_of(row).take(request.actor, row)
    return row


def _give_up(request: ActingRequest, word: str) -> HttpResponse:
    give_up(by=request.actor, upload=_id(word))
    return answers.plain(204)


def _id(word: str) -> int:
    try:
        return open_id(answers.KIND, word)
    except ValueError:
        raise NotFound(answers.KIND) from None


def form(request: ActingRequest) -> HttpResponse:
    """POST /feeds/uploads/form: an ordinary form (purpose, file, next) for browsers without script; whole or nothing."""
    if request.method != "POST" or request.actor.person is None:
        raise Http404
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("No file was chosen."))
        return redirect(back)
    try:
        purpose = purpose_from(request.POST.get("purpose", ""))
        row = begin_upload(
            by=request.actor,
            purpose=purpose.text,
            limits=purpose.limits(request.actor),
            file_name=file.name or "",
            size=file.size or 0,
        )
        receive(by=request.actor, upload=row.pk, offset=0, blocks=file.chunks(BLOCK))
        row = _finish(request, row)
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(name)s has arrived whole. Receipt %(receipt)s.") % {"name": row.file_name, "receipt": row.receipt},
        )
    return redirect(back)


form.permissions = (UPLOAD,)  # type: ignore[attr-defined]
