"""A school's certificates in staff order, on screen and all in one file."""

from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from weineng.certification.papers import MOST, print_certificates
from weineng.certification.permissions import VIEW
from weineng.certification.queries import certificates_of_school, schools_with_certificates, verified, waiting_within
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Unit
from weineng.web.certificates.one import pdf_answer
from weineng.web.components.tables import Column, Table
from weineng.web.public.verify import shown
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of

COLUMNS = (
    Column("name", gettext_lazy("Name")), Column("group", gettext_lazy("Group")), Column("staff", gettext_lazy("Staff number")),
    Column("level", gettext_lazy("Level")), Column("on", gettext_lazy("Issued on")), Column("number", gettext_lazy("Number")),
)  # fmt: skip


@page(VIEW)
def schools(request: Asked) -> HttpResponse:
    """The schools within reach with how many certificates each has."""
    programme = programme_of(request)
    rows = schools_with_certificates(request.actor, programme.pk) if programme else []
    head = Table(request, (Column("school", _("School")), Column("count", _("Certificates"), number=True)))
    head.rows = rows
    total = sum(row.certificates for row in rows)
    waits = waiting_within(request.actor, programme.pk) if programme else []
    context = {"head": head, "programme": programme, "total": total, "waits": waits}
    return show(request, "certificates/schools.html", context)


@page(VIEW)
def school(request: Asked, unit: int) -> HttpResponse:
    """A school's certificates in force, at most 500 on a page, as they will be printed."""
    found, rows, parts, part = _part(request, unit)
    head = Table(request, COLUMNS)
    head.rows = [shown(verified(row)) | {"row": row} for row in rows]
    context = {"head": head, "unit": found, "parts": range(1, parts + 1), "part": part, "part_text": str(part)}
    return show(request, "certificates/school.html", context)


@page(VIEW)
def papers(request: Asked, unit: int) -> HttpResponse:
    """The same certificates as one PDF, in the same order."""
    found, rows, _parts, part = _part(request, unit)
    return pdf_answer(
        print_certificates(rows, get_language() or ""), f"certificates-{found.code or found.pk}-{part}.pdf"
    )


def _part(request: Asked, unit: int):
    """The school, the certificates of the part asked for, how many parts there are, which this is."""
    programme = programme_of(request)
    found = Unit.objects.filter(pk=unit).first()
    if programme is None or found is None:
        raise NotFound("organisations.unit")
    rows = certificates_of_school(request.actor, programme.pk, unit)
    parts = -(-rows.count() // MOST)
    if not parts:
        raise NotFound("organisations.unit")
    asked = request.GET.get("part", "1")
    part = min(max(int(asked), 1), parts) if asked.isascii() and asked.isdecimal() else 1
    return found, list(rows[(part - 1) * MOST : part * MOST]), parts, part
