"""Hand out one file."""

from datetime import timedelta

from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.feeds.files.ranges import Unsatisfiable, still_the_same, wanted
from weineng.feeds.requests import ActingRequest
from weineng.files.links import LIFETIME, open_link
from weineng.files.models import Use
from weineng.files.queries import Section, bytes_of, direct_address, page_of, sections_of
from weineng.kernel.refusals import NotFound

# What a browser shows by itself without running anything of it. Everything else is saved.
SHOWN = {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"}
SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
STREAMED = ("video", "audio", "image")
PAGE_WIDTH = 1_200  # pixels
UNKEPT = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
TEXT_PAGE = (
    '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>{}</title><link rel="stylesheet" href="{}"><main>{}</main></html>'
)
SECTIONS = {"page": _("Page %(name)s"), "slide": _("Slide %(name)s"), "sheet": _("Sheet %(name)s"), "whole": "%(name)s"}


def file(request: ActingRequest, word: str, name: str) -> HttpResponseBase:
    """GET or HEAD /feeds/files/<word>/<name>: the file of a private link, whole or in part; `?save` to keep it.

    The name in the address is for the reader's eyes. A link that is wrong, expired, borrowed or whose file is gone: 404.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if request.actor.person is None:
        raise Http404
    try:
        use = open_link(request.actor, word)
    except NotFound:
        raise Http404 from None
    save = "save" in request.GET or not _may_be_shown(use.blob.media_type)
    headers = _headers(use, name, save=save)
    if request.method == "GET" and (save or use.blob.family in STREAMED):
        lasting = LIFETIME + timedelta(seconds=3 * (use.blob.seconds or 0))
        address = direct_address(
            use.blob, seconds=int(lasting.total_seconds()), disposition=headers["Content-Disposition"]
        )
        if address is not None:
            return HttpResponseRedirect(address, headers={"Cache-Control": "no-store"})
    request.META["HTTP_ACCEPT_ENCODING"] = ""  # a compressed part of a file would be no part of it
    return _answer(request, use, headers)


file.signed_in = True  # type: ignore[attr-defined]  # the link itself is the permission; read by the test that walks all addresses


def page(request: ActingRequest, word: str, number: int) -> HttpResponseBase:
    """GET …/pages/<n>.jpg: a page of a PDF as a picture, for readers who should not have to download it."""
    picture = page_of(_opened(request, word).blob, number, PAGE_WIDTH)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/jpeg", headers=UNKEPT)


def text(request: ActingRequest, word: str) -> HttpResponseBase:
    """GET …/text.html: the words of a document, plain, in the frame of a page of ours."""
    use = _opened(request, word)
    sections = [_shown(section) for section in sections_of(use.blob)]
    nothing = format_html("<p>{}</p>", _("This file has no text that can be shown here."))
    body = format_html_join("", "{}", ((part,) for part in sections or [nothing]))
    page = format_html(TEXT_PAGE, get_language() or "", "", static("weineng/base.css"), body)
    policy = "default-src 'none'; style-src 'self'; frame-ancestors 'self'"
    return HttpResponse(page, headers=UNKEPT | {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})


def _shown(section: Section) -> str:
    name = str(SECTIONS[section.kind]) % {"name": section.name}
    lines = format_html_join("", "<p>{}</p>", ((line,) for line in section.lines))
    return format_html("<section>{}{}</section>", format_html("<h2>{}</h2>", name) if name else "", lines)


page.signed_in = text.signed_in = True  # type: ignore[attr-defined]  # as for `file`: the link itself is the permission


def _opened(request: ActingRequest, word: str) -> Use:
    if request.method != "GET" or request.actor.person is None:
        raise Http404
    try:
        return open_link(request.actor, word)
    except NotFound:
        raise Http404 from None


def _answer(request: ActingRequest, use: Use, headers: dict[str, str]) -> HttpResponseBase:
    size, span, status = use.blob.size, None, 200
    if request.headers.get("If-None-Match") in (headers["ETag"], "*"):
        return HttpResponse(status=304, headers=headers)
    if still_the_same(request.headers.get("If-Range"), headers["ETag"], headers["Last-Modified"]):
        try:
            span = wanted(request.headers.get("Range") if request.method == "GET" else None, size)
        except Unsatisfiable:
            return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    if span is not None:
        status = 206
        headers |= {"Content-Range": f"bytes {span.first}-{span.last}/{size}"}
    headers |= {"Content-Length": str(span.length if span else size)}
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    blocks = bytes_of(use.blob, span.first, span.length) if span else bytes_of(use.blob)
    return StreamingHttpResponse(blocks, status=status, headers=headers)


def _may_be_shown(media_type: str) -> bool:
    return media_type in SHOWN or media_type.startswith(("video/", "audio/", "text/plain"))


def _headers(use: Use, name: str, *, save: bool) -> dict[str, str]:
    """Type by content and never guessed again, no script, no cache on a shared computer; its name as the link says it, in any script."""
    blob = use.blob
    # Chromium's PDF viewer does not run inside a sandbox; it is one itself.
    policy = SANDBOX if blob.media_type == "application/pdf" else f"sandbox; {SANDBOX}"
    return {
        "Content-Type": blob.media_type if _may_be_shown(blob.media_type) else "application/octet-stream",
        "Content-Disposition": content_disposition_header(save, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": f'"{blob.digest}"',
        "Last-Modified": http_date(blob.stored_at.timestamp()),
    }
