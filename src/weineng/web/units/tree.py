"""A unit: what it is and was, what stands below it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from weineng.insight.queries import follows_unit
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions.reorganising import MERGED
from weineng.organisations.models import Unit
from weineng.organisations.permissions import EDIT_UNITS, VIEW_PEOPLE, VIEW_UNIT
from weineng.organisations.queries import (
    UnitPage,
    names_above,
    people_counts,
    reorganisations_of,
    unit_page,
    units_under,
)
from weineng.organisations.reach import units_within
from weineng.programmes.documents.labels import FLAG_NAMES
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.pages import page, show
from weineng.web.units.tabs import unit_tabs
from weineng.web.units.words import LEVEL_NAMES, STAGE_NAMES, kind_of


@page(VIEW_UNIT, VIEW_PEOPLE)
def here(request: Asked) -> HttpResponse:
    """The people of the unit of the present post; whoever acts for nobody but themselves goes on to their own page."""
    held = sorted(request.actor.units(VIEW_PEOPLE))
    if not held and request.actor.person is not None:
        return redirect("units:person", person=request.actor.person)
    if not held:
        raise NotFound("organisations.unit")
    own = request.post.unit if request.post and request.post.unit in held else held[0]
    return redirect("units:people", unit=own)


@page(VIEW_UNIT)
def unit(request: Asked, unit: int) -> HttpResponse:
    """One unit, with the units below it."""
    found = unit_page(request.actor, unit)
    text, closed = request.GET.get("q", "").strip(), request.GET.get("state") == "closed"
    head = Table(
        request,
        (
            Column("name", _("Unit"), sort="place"),
            Column("kind", _("Kind")),
            Column("people", _("People"), number=True),
        ),
        order="name",
    )
    rows = head.cut(units_under(request.actor, unit, text, closed=closed)).rows
    people, above = people_counts(row.pk for row in rows), names_above(row.pk for row in rows)
    edits = units_within(request.actor, EDIT_UNITS).filter(pk=unit).exists()
    context = {
        "found": found, "unit": found.unit, "kind": kind_of(found.unit.level, found.unit.kind), "head": head, "text": text,
        "closed": closed,
        "rows": [(row, kind_of(row.level, row.kind), people.get(row.pk, 0), above.get(row.pk, "") if text else "") for row in rows],
        "chips": _chips(request, unit, text, closed=closed), "edits": edits,
        "logged": follows_unit(request.actor, unit),
        "founds": edits and found.unit.level != "group" and not found.unit.closed_on,
        "crumbs": unit_crumbs(request, unit, "units:unit", VIEW_UNIT), "tabs": unit_tabs(request, unit, "units:unit"),
        "merges": edits and found.unit.level in MERGED and not found.unit.closed_on,
        "reorganised": reorganisations_of(request.actor, unit),
        "level": LEVEL_NAMES[found.unit.level], "stages": [STAGE_NAMES[stage] for stage in found.unit.stages],
        "flags": [FLAG_NAMES.get(flag, flag) for flag in found.unit.flags], "history": history_of(found),
    }  # fmt: skip
    return show(request, "units/unit.html", context)


def _chips(request: Asked, unit: int, text: str, *, closed: bool) -> list[dict[str, object]]:
    gone = units_under(request.actor, unit, text, closed=True).order_by().count()
    kept = {"q": text} if text else {}
    if not gone:
        return []
    there = units_under(request.actor, unit, text).order_by().count()
    return [
        {"text": _("There today"), "url": f"?{urlencode(kept)}", "count": there, "on": not closed},
        {"text": _("Closed"), "url": f"?{urlencode({**kept, 'state': 'closed'})}", "count": gone, "on": closed},
    ]


def history_of(found: UnitPage) -> list[dict[str, object]]:
    """What happened to a unit, newest first: founded, renamed, moved, marked, closed; each with its day (None: ever)."""
    row: Unit = found.unit
    events: list[dict[str, object]] = []
    for number, edge in enumerate(found.moves):
        first = number == len(found.moves) - 1
        text = _("Stands below “%(unit)s”") if first else _("Moved below “%(unit)s”")
        events.append({"on": edge.during.lower, "text": text % {"unit": edge.parent.name}, "what": "move"})
    names = list(found.names)
    for older, newer in zip(names[1:], names, strict=False):
        words = {"old": older.name, "new": newer.name}
        events.append({"on": newer.during.lower, "text": _("“%(old)s” became “%(new)s”") % words, "what": "name"})
    for flag in found.flags:
        words = {"flag": str(FLAG_NAMES.get(flag.flag, flag.flag))}
        if flag.during.lower is not None:
            events.append({"on": flag.during.lower, "text": _("Bears the mark “%(flag)s”") % words, "what": "flag"})
        if flag.during.upper is not None:
            text = _("Bears the mark “%(flag)s” no more")
            events.append({"on": flag.during.upper, "text": text % words, "what": "flag"})
    if row.opened_on is not None:
        events.append({"on": row.opened_on, "text": _("Founded"), "what": "founded"})
    if row.closed_on is not None:
        events.append({"on": row.closed_on, "text": _("Closed"), "what": "closed"})
    return sorted(events, key=lambda event: str(event["on"] or ""), reverse=True)
