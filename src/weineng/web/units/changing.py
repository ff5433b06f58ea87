"""Found, rename, move, mark, close a unit, correct what is known of it; and the way back of each."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from weineng.insight.actions import ask_for_look
from weineng.insight.rules import MOVED_AT_ONCE
from weineng.kernel.refusals import NotFound
from weineng.organisations import actions
from weineng.organisations.models import KINDS_OF, LEVELS, Unit, UnitFlag
from weineng.organisations.permissions import EDIT_UNITS, VIEW_UNIT
from weineng.organisations.queries import preview_move, unit_page
from weineng.organisations.reach import people_below, require_unit
from weineng.programmes.documents.labels import FLAG_NAMES
from weineng.web.shell.actors import Asked
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.following import what_follows
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units import forms
from weineng.web.units.picking import pick_units
from weineng.web.units.shown import mark_of, require_shown
from weineng.web.units.words import flag_choices, kind_of, shapes_below


def _page(request: Asked, row: Unit, title: str, form: Form, **more: object) -> HttpResponse:
    crumbs = unit_crumbs(request, row.pk, "units:unit", VIEW_UNIT, here=title)
    context = {
        "unit": row,
        "title": title,
        "form": form,
        "crumbs": crumbs,
        "picker": None,
        "preview": None,
        "following": None,
        "mark": "",
        **more,
    }
    return show(request, "units/change.html", context)


def _flags() -> list[tuple[str, object]]:
    return flag_choices(UnitFlag.objects.order_by("flag").values_list("flag", flat=True).distinct())


@page(EDIT_UNITS)
def found(request: Asked, unit: int) -> HttpResponse:
    """A new unit below this one."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    form = forms.FoundForm(request.POST or None, shapes=shapes_below(row.level), flags=_flags())
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            given = dict(form.cleaned_data)
            level, _colon, kind = given.pop("shape").partition(":")
            new = actions.found_unit(
                by=request.actor, parent=unit, level=level, kind=kind, official_code=given["code"], **given
            )
            return done(request, _("“%(unit)s” is founded.") % {"unit": new.name}, "units:unit", unit=new)
    return _page(request, row, _("Found a unit below"), form, button=_("Found it"))


@page(EDIT_UNITS)
def rename(request: Asked, unit: int) -> HttpResponse:
    """Another name from a day on."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    form = forms.RenameForm(request.POST or None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.rename_unit(by=request.actor, unit=unit, **form.cleaned_data)
            return done(request, _("It has its new name."), "units:unit", unit=row)
    return _page(request, row, _("Rename"), form, button=_("Rename"))


@page(EDIT_UNITS)
def move(request: Asked, unit: int) -> HttpResponse:
    """Below another unit from a day on; first with what it carries along."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    above = LEVELS[: LEVELS.index(row.level)]
    picker = pick_units(request, EDIT_UNITS, levels=above)
    wanted = request.POST.get("do", "")
    form = forms.MoveForm(request.POST if wanted != "find" and request.POST else None, picker=picker)
    preview, following, mark = None, None, ""
    if request.method == "POST" and wanted != "find" and form.is_valid():
        with refusals_on(form):
            given = {"by": request.actor, "unit": unit, **form.cleaned_data}
            if people_below({unit}).count() > MOVED_AT_ONCE:
                look = ask_for_look(by=request.actor, unit=unit, to=given["to"], on=given["on"])
                return redirect("units:move_look", look=look)
            following = what_follows(request.actor, lambda: actions.move_unit(**given), on=given["on"])
            preview = preview_move(by=request.actor, unit=unit, on=given["on"])
            mark = mark_of(request, form, following)
            if wanted == "apply":
                require_shown(request, mark)
                moved = actions.move_unit(**given)
                return done(request, _("“%(unit)s” is moved.") % {"unit": moved.name}, "units:unit", unit=moved)
    last = unit_page(request.actor, unit).last_move
    return _page(
        request,
        row,
        _("Move"),
        form,
        picker=picker,
        preview=preview,
        following=following,
        mark=mark,
        button=_("Move it") if preview else "",
        last_move=last,
        back=forms.WhyForm() if last else None,
    )


@page(EDIT_UNITS, methods=("POST",))
def unmove(request: Asked, unit: int) -> HttpResponse:
    """Take the latest move back."""
    last = unit_page(request.actor, unit).last_move
    if last is None:
        raise NotFound("organisations.edge")
    reason = request.POST.get("reason", "").strip()[:400]
    row = actions.undo_move(by=request.actor, unit=unit, on=last, reason=reason)
    return done(request, _("The move is taken back, as if it had not been entered."), "units:unit", unit=row)


@page(EDIT_UNITS)
def close(request: Asked, unit: int) -> HttpResponse:
    """Close the unit, or open it again."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    closed = row.closed_on is not None
    following, mark = None, ""
    form = (forms.WhyForm if closed else forms.CloseForm)(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            if closed:
                actions.reopen_unit(by=request.actor, unit=unit, **form.cleaned_data)
                return done(request, _("It is open again."), "units:unit", unit=row)
            given = {"by": request.actor, "unit": unit, **form.cleaned_data}
            following = what_follows(request.actor, lambda: actions.close_unit(**given), on=given["on"])
            mark = mark_of(request, form, following)
            if request.POST.get("do") == "apply":
                require_shown(request, mark)
                actions.close_unit(**given)
                return done(
                    request, _("It is closed from that day; what happened there stays."), "units:unit", unit=row
                )
    if closed:
        return _page(request, row, _("Open again"), form, button=_("Open again"))
    button = _("Close the unit") if following else ""
    return _page(request, row, _("Close the unit"), form, following=following, mark=mark, button=button, kind="danger")


@page(EDIT_UNITS)
def flags(request: Asked, unit: int) -> HttpResponse:
    """Which marks it bears, and from when on."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    form = forms.FlagForm(request.POST or None, flags=_flags())
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_flag(by=request.actor, unit=unit, **form.cleaned_data)
            return done(request, _("Noted with its day."), "units:unit", unit=row)
    present = [FLAG_NAMES.get(flag, flag) for flag in row.flags]
    return _page(request, row, _("Marks"), form, button=_("Save"), present=present)


@page(EDIT_UNITS)
def details(request: Asked, unit: int) -> HttpResponse:
    """Kind, stages, codes, place in lists."""
    row = require_unit(request.actor, EDIT_UNITS, unit)
    initial = {
        "kind": row.kind, "stages": row.stages, "code": row.code or "", "official_code": row.official_code or "", "place": row.place,
    }  # fmt: skip
    kinds = [(kind, kind_of(row.level, kind)) for kind in KINDS_OF[row.level]]
    form = forms.DetailsForm(request.POST or None, kinds=kinds, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.change_unit(by=request.actor, unit=unit, **form.cleaned_data)
            return done(request, _("Saved."), "units:unit", unit=row)
    return _page(request, row, _("Correct details"), form, button=_("Save"))
