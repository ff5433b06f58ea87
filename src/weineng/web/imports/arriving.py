"""A sheet on its way from step to step: kept as an upload of the person who brought it, so that a second server or a
restart in between changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from weineng.files.actions import begin_upload, finish_upload, throw_away
from weineng.files.arrivals import receive
from weineng.files.models import Upload
from weineng.files.queries import bytes_of, my_upload
from weineng.files.rules import Limits
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused

BIGGEST = 40 << 20
LIMITS = Limits({"document": BIGGEST, "archive": BIGGEST, "other": BIGGEST})
STEPS = (_("File"), _("What I understood"), _("Apply"))
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
