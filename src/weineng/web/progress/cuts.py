"""A unit's figures by stage, by subject or by a mark of the schools: the rows add up to the whole, each number a link."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.insight.permissions import VIEW as FIGURES
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.reach import require_unit
from weineng.progress.permissions import VIEW
from weineng.progress.queries import Reached, cuts_of, flags_below
from weineng.progress.queries.cuts import BY
from weineng.web.components.tables import Column, Table
from weineng.web.progress.cutting import title_of, words_of
from weineng.web.progress.overviews import crumbs_to, day_of, on_day
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of


@page(FIGURES, VIEW)
def cuts(request: Asked, unit: int) -> HttpResponse:
    """The figures of a unit, cut; `?by=subject` or a flag chooses how, `&on=2026-05-01` looks back."""
    on = day_of(request)
    here = require_unit(request.actor, VIEW, unit, on)
    programme = programme_of(request)
    if programme is None:
        return show(request, "progress/no_programme.html")
    ways = [*BY, *flags_below(unit, on)]
    by = request.GET.get("by", BY[0])
    if by not in ways:
        raise NotFound("organisations.unit")
    found = cuts_of(request.actor, programme.pk, unit, by, on)
    behind = f"{reverse('progress:people', kwargs={'unit': unit})}?"
    rows = [
        (words_of(by, value), reached, behind + urlencode({**on_day(on), "by": by, "value": value}))
        for value, reached in found.items()
    ]
    numbers = [(reached.people, reached.participants, reached.passed) for reached in found.values()]
    total = Reached(*(sum(column) for column in zip(*numbers, strict=True))) if numbers else Reached()
    context = {
        "unit": here, "programme": programme, "on": on, "past": on != today(), "rows": rows, "by": title_of(by),
        "total": total, "total_url": behind + urlencode(on_day(on)), "crumbs": crumbs_to(request, unit, on, last=_("By groups of people")),
        "head": Table(request, (
            Column("what", title_of(by)),
            Column("people", _("People"), number=True),
            Column("begun", _("Have begun"), number=True),
            Column("passed", _("Finished"), number=True),
            Column("share", _("Finished"), number=True, unit="%"),
        )),
        "ways": [
            {"text": title_of(way), "url": f"?{urlencode({**on_day(on), 'by': way})}", "on": way == by} for way in ways
        ],
    }  # fmt: skip
    return show(request, "progress/cuts.html", context)
