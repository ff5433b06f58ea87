"""A large move: what the worker found would follow, and the move as it was shown."""

from datetime import date
from itertools import groupby

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.actions import move_as_shown
from weineng.insight.models import MoveLook
from weineng.insight.queries.looks import rows_told
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.permissions import EDIT_UNITS, VIEW_UNIT
from weineng.organisations.reach import require_unit
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units import forms


@page(EDIT_UNITS)
def move_look(request: Asked, look: int) -> HttpResponse:
    """While it is looked at, how that goes; then what would follow, and the button that enters it."""
    row = get_or_refuse(MoveLook.objects.of(request.actor).select_related("unit", "to"), pk=look)
    unit = require_unit(request.actor, EDIT_UNITS, row.unit_id)
    form = forms.WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            move_as_shown(by=request.actor, look=row.pk, **form.cleaned_data)
            return done(request, _("“%(unit)s” is moved.") % {"unit": unit.name}, "units:unit", unit=unit)
    rows = rows_told(row) if row.state == "done" else []
    tables = [
        (title, date.fromisoformat(on), list(found))
        for (title, on), found in groupby(rows, key=lambda one: (dict(one.title), one.on))
    ]
    context = {
        "look": row, "unit": unit, "form": form, "tables": tables, "preview": row.found,
        "crumbs": unit_crumbs(request, unit.pk, "units:unit", VIEW_UNIT, here=_("Move")),
    }  # fmt: skip
    return show(request, "units/move_look.html", context)
