"""Dossiers that wait for a reviewer: the school or the office asks somebody else, or names panel members."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.accounts.permissions import GRANT
from weineng.assessment.actions import reassign_review
from weineng.assessment.permissions import REASSIGN
from weineng.assessment.queries import held_up_below, stalled
from weineng.organisations.reach import require_unit, units_within
from weineng.standards.models import Point
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import done, page, show


@page(REASSIGN)
def list_stalled(request: Asked, unit: int) -> HttpResponse:
    """What waits, since when, for whom; and who could be asked instead."""
    head = Table(request, (Column("since", _("Since"), sort="opened_at"),), order="since", size=50)
    rows = stalled(head.cut(held_up_below(request.actor, unit)).rows)
    wanted = {(row.dossier.submission.edition, row.dossier.submission.point) for row in rows}
    points = Point.objects.filter(edition__code__in={e for e, _p in wanted}, code__in={p for _e, p in wanted})
    titles = {
        (e, code): title for e, code, title in points.order_by("pk").values_list("edition__code", "code", "title")
    }
    context = {
        "unit": require_unit(request.actor, REASSIGN, unit), "crumbs": unit_crumbs(request, unit, "review:stalled", REASSIGN),
        "head": head, "rows": [(row, titles.get((row.dossier.submission.edition, row.dossier.submission.point))) for row in rows],
        "names_panel": units_within(request.actor, GRANT).filter(pk=unit).exists(),
    }  # fmt: skip
    return show(request, "review/stalled.html", context)


@page(REASSIGN, methods=("POST",))
def reassign(request: Asked, unit: int, pk: int) -> HttpResponse:
    """Take a dossier from who has not finished; somebody named gets it, or whoever is free."""
    to = request.POST.get("to", "")
    new = reassign_review(
        by=request.actor, assignment=pk, to=int(to) if to.isdecimal() else None, reason=request.POST.get("reason", "")
    )
    said = (
        _("%(name)s was asked to review it.") % {"name": new.reviewer.name}
        if new
        else _("Somebody else will be asked.")
    )
    return done(request, said, "review:stalled", unit=unit)
