"""A sheet on its way from step to step: kept as an upload of the person who brought it, so that a second server or a
restart in between changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weineng.files.actions import begin_upload, finish_upload, throw_away
from weineng.files.arrivals import receive
from weineng.files.models import Upload
from weineng.files.queries import bytes_of, my_upload
from weineng.files.rules import Limits
from weineng.insight.models import Intake, TakeBack
from weineng.insight.queries import sheets_before
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.sheets import Column, Issue, SheetFormat, TableRow, say, sentence
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import show

BIGGEST = 40 << 20
LIMITS = Limits({"document": BIGGEST, "archive": BIGGEST, "other": BIGGEST})
STEPS = (_("File"), _("What I understood"), _("Apply"))
DOING = {"arrived": "reading", "waiting": "coming"}  # the state of an intake → what the worker does with it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(forms.Form):
    """The first of three steps."""

    file = forms.FileField(label=_("Spreadsheet"), help_text=_("xlsx, or csv in UTF-8 or GB 18030; at most 40 MB."))


def keep(by: Actor, purpose: str, file: UploadedFile) -> Upload:
    """Take the file in whole; refuses as files do (`file-too-big`, `storage-full` …)."""
    row = begin_upload(by=by, purpose=purpose, limits=LIMITS, file_name=file.name or "sheet.xlsx", size=file.size or 0)
    blocks: Iterator[bytes] = file.chunks()
    receive(by=by, upload=row.pk, offset=0, blocks=blocks)
    return finish_upload(by=by, upload=row.pk)


@contextmanager
def thrown_away_if_refused(by: Actor, upload: int) -> Iterator[None]:
    """Read a file that has arrived; one that is refused is not kept."""
    try:
        yield
    except Refused:
        throw_away(by=by, upload=upload)
        raise


def kept(by: Actor, upload: int, purpose: str) -> tuple[bytes, str]:
    """The bytes and name of a sheet one brought for this purpose; refuses `not-found`."""
    row = my_upload(by, upload)
    if row.blob is None or row.purpose != purpose:
        raise NotFound("files.upload")
    return b"".join(bytes_of(row.blob)), row.file_name


def workbook(data: bytes, name: str) -> HttpResponse:
    """A workbook to save."""
    header = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": header or "attachment"})


def going_page(request: Asked, work: Intake | TakeBack, **context: Any) -> HttpResponse:
    """The page of a sheet that the worker has to do with: what it does, how far it is, and how to stop it."""
    doing = DOING[work.state] if isinstance(work, Intake) else "back"
    return show(request, "imports/going.html", {"work": work, "doing": doing, "before": sheets_before(work), **context})


def going_part(request: Asked, work: Intake | TakeBack, address: str) -> HttpResponse:
    """How far it has come, for the page that waits; the whole page anew when it need not wait any more."""
    doing = request.GET.get("doing", "")
    now_doing = DOING.get(work.state, "") if isinstance(work, Intake) else "back" if work.state == "waiting" else ""
    if not now_doing or doing != now_doing:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"work": work, "doing": doing, "before": sheets_before(work), "going_url": address}
    return show(request, "imports/_going.html", context)


def said(issues: Sequence[Issue], places: Mapping[str, Column] = {}) -> list[str]:
    """What is wrong with a row, in sentences; those of `places` behind the name of their column."""
    return [
        (f"{places[issue.column].headings[0]}{gettext(': ')}" if issue.column in places else "") + sentence(issue, say)
        for issue in issues
    ]


def wrong_rows(judged: Sequence[TableRow], of: SheetFormat) -> list[tuple[int, list[str]]]:
    """The rows of a sheet that stay out, each with what is wrong with it."""
    return [(one.row, said(one.errors, of.by_key)) for one in judged if one.verdict == "error"]
