"""One's own certificates; one of them with its history, as a paper, and what an office may decide about it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.certification.actions import reissue_certificate, revoke_certificate
from weineng.certification.models import Certificate
from weineng.certification.papers import print_certificates
from weineng.certification.permissions import REVOKE, VIEW
from weineng.certification.queries import certificate_of, certificates_waiting, may_decide, own_certificates, verified
from weineng.certification.rules import REASONS
from weineng.insight.queries import follows_person
from weineng.organisations.reach import behind
from weineng.programmes.models import Enrolment
from weineng.web.certificates.forms import ReissueForm, RevokeForm
from weineng.web.public.verify import shown
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show


@page(VIEW)
def mine(request: Asked) -> HttpResponse:
    """One's own, newest first; whoever acts for a unit goes on to its schools."""
    if request.post is not None and request.actor.units(VIEW):
        return redirect("certificates:schools")
    rows = [shown(verified(row)) | {"row": row} for row in own_certificates(request.actor)]
    mine = Enrolment.objects.filter(person__in=behind(request.actor)).order_by("pk").values_list("pk", flat=True)
    return show(request, "certificates/mine.html", {"rows": rows, "waits": certificates_waiting(list(mine))})


@page(VIEW)
def one(request: Asked, certificate: int) -> HttpResponse:
    """Everything a certificate says, its history, and the forms of those who may decide."""
    row = certificate_of(request.actor, certificate)
    return _page(request, row, RevokeForm(), ReissueForm())


def _page(request: Asked, row: Certificate, revoke: RevokeForm, reissue: ReissueForm) -> HttpResponse:
    decides = may_decide(request.actor, row.pk)
    context = shown(verified(row)) | {
        "row": row, "history": _history(row, inside=decides), "revoke": revoke, "reissue": reissue, "decides": decides,
        "logged": follows_person(request.actor, row.person_id),
    }  # fmt: skip
    return show(request, "certificates/one.html", context)


def _history(row: Certificate, *, inside: bool) -> list[dict[str, object]]:
    """Issued, revoked (`inside`: in the office's own words as well), and what it took the place of."""
    events: list[dict[str, object]] = []
    if row.revoked_at:
        why = str(REASONS.get(row.revoked_because, ""))
        more = f"{why} {row.revoke_reason}".strip() if inside else why
        events.append({"at": row.revoked_at, "text": _("Revoked"), "state": "refused", "more": more})
    events.append({"at": row.issued_at, "text": _("Issued"), "state": "done"})
    if row.replaces_id:
        before = reverse("certificates:one", kwargs={"certificate": row.replaces_id})
        events.append({"at": row.issued_at, "text": _("In place of an earlier one"), "url": before, "state": "info"})
    return events


@page(REVOKE, methods=("POST",))
def revoke(request: Asked, certificate: int) -> HttpResponse:
    """End it for good."""
    form = RevokeForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            revoke_certificate(by=request.actor, certificate=certificate, **form.cleaned_data)
            return done(request, _("The certificate is revoked."), "certificates:one", certificate=certificate)
    return _page(request, certificate_of(request.actor, certificate), form, ReissueForm())


@page(REVOKE, methods=("POST",))
def reissue(request: Asked, certificate: int) -> HttpResponse:
    """Put a right one in its place."""
    form = ReissueForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            new = reissue_certificate(by=request.actor, certificate=certificate, **form.cleaned_data)
            return done(request, _("A new certificate is issued."), "certificates:one", certificate=new.pk)
    return _page(request, certificate_of(request.actor, certificate), RevokeForm(), form)


@page(VIEW)
def paper(request: Asked, certificate: int) -> HttpResponse:
    """The certificate as a PDF."""
    row = certificate_of(request.actor, certificate)
    return pdf_answer(print_certificates([row], get_language() or ""), f"certificate-{row.number}.pdf")


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    """A PDF to be kept under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
