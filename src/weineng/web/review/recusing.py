"""A reviewer says that they may not judge the author of a dossier, and takes that back."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.assessment.actions import end_recusal, recuse_reviewer
from weineng.assessment.permissions import REVIEW
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page


@page(REVIEW, methods=("POST",))
def recuse(request: Asked, pk: int) -> HttpResponse:
    """Give the dossier back, and never be asked about its author again."""
    recuse_reviewer(by=request.actor, assignment=pk, reason=request.POST.get("reason", ""))
    return done(request, _("Somebody else is asked; you will get nothing of this author any more."), "review:queue")


@page(REVIEW, methods=("POST",))
def end(request: Asked, recusal: int) -> HttpResponse:
    """Take it back: one may be asked again."""
    end_recusal(by=request.actor, recusal=recusal)
    return done(request, _("Taken back: dossiers of this author may be given to you again."), "review:queue")
