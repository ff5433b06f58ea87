"""Merge a unit into another, split one, take that back: first what would follow, then it is done if that is still so."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.insight.queries import Following, Staying, staying_at
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import merge_units, split_unit, undo_reorganisation
from weineng.organisations.actions.reorganising import MERGED
from weineng.organisations.models import KINDS_OF, Person, Reorganisation, Unit
from weineng.organisations.permissions import EDIT_UNITS, VIEW_UNIT
from weineng.organisations.queries import (
    Going,
    children_of,
    groups_going,
    parents_of,
    posted,
    preview_merge,
    preview_split,
)
from weineng.organisations.reach import require_unit
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.crumbs import unit_crumbs
from weineng.web.shell.following import what_follows
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.units import forms
from weineng.web.units.picking import pick_units
from weineng.web.units.shown import mark_of, require_shown
from weineng.web.units.words import kind_of


def _page(request: Asked, row: Unit, title: str, form: Form, button: str, **more: object) -> HttpResponse:
    context: dict[str, Any] = {
        "unit": row, "title": title, "form": form, "button": button, "picker": None, "following": None, "mark": "", "going": None,
        "staying": None, "told": "", "crumbs": unit_crumbs(request, row.pk, "units:unit", VIEW_UNIT, here=title), **more,
    }  # fmt: skip
    return show(request, "units/reorganise.html", context)


def _looked(
    request: Asked, form: Form, act: Callable[[], Reorganisation], said: str, on: date
) -> tuple[HttpResponse | None, Mapping[str, object]]:
    """The answer where it was pressed for what was shown; else what would follow."""
    following: Following = what_follows(request.actor, act, on=on)
    mark = mark_of(request, form, following)
    if request.POST.get("do") == "apply":
        with refusals_on(form):
            require_shown(request, mark)
        if not form.errors:
            return done(request, said, "units:unit", unit=act().other_id), {}
    return None, {"following": following, "mark": mark}


@page(EDIT_UNITS)
def merge(request: Asked, unit: int) -> HttpResponse:
    """Part of another school (or group) from a day on."""
    row = _unit(request, unit)
    beside = children_of(parents_of([unit])[unit]).values("pk") if row.level == "group" else None
    fitting = ~Q(pk=unit) & (Q() if beside is None else Q(pk__in=beside))
    picker = pick_units(request, EDIT_UNITS, levels=(row.level,), fitting=fitting)
    finds = request.POST.get("do") == "find"
    form = forms.MergeForm(request.POST if request.POST and not finds else None, picker=picker)
    shown: Mapping[str, object] = {}
    if request.method == "POST" and not finds and form.is_valid():
        with refusals_on(form):
            given = form.cleaned_data
            said = _("“%(unit)s” is part of another unit now.") % {"unit": row.name}
            answer, shown = _looked(
                request, form, lambda: merge_units(by=request.actor, unit=unit, **given), said, given["on"]
            )
            if answer is not None:
                return answer
            going: Going = preview_merge(by=request.actor, unit=unit, into=given["into"], on=given["on"])
            staying = staying_at(request.actor, unit, [old.pk for old, _new in going.joined], given["on"])
            shown = {**shown, "going": going, "staying": staying}
    told = _(
        "People and groups go along; the unit is no more from that day. What happened before stays where it happened."
    )
    return _page(request, row, _("Merge into another unit"), form, _("Merge it"), picker=picker, told=told, **shown)


@page(EDIT_UNITS)
def split(request: Asked, unit: int) -> HttpResponse:
    """Some groups and people are a unit of their own from a day on."""
    row = _unit(request, unit)
    here = posted(unit, today()).values("person")
    people = Person.objects.filter(pk__in=here).order_by("name_order", "pk").values_list("pk", "name")
    groups = Unit.objects.filter(pk__in=groups_going(unit, today())).order_by("place", "name", "pk")
    form = forms.SplitForm(
        request.POST or None,
        kinds=[(kind, kind_of(row.level, kind)) for kind in KINDS_OF[row.level]],
        groups=[(oid(group), group.name) for group in groups],
        people=[(oid(pk, "organisations.person"), name) for pk, name in people],
        initial={"kind": row.kind},
    )
    shown: Mapping[str, object] = {}
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            given = {"groups": [], **form.cleaned_data}
            said = _("“%(unit)s” is a unit of its own now.") % {"unit": given["name"]}
            answer, shown = _looked(
                request, form, lambda: split_unit(by=request.actor, unit=unit, **given), said, given["on"]
            )
            if answer is not None:
                return answer
            going = preview_split(
                by=request.actor, unit=unit, groups=given["groups"], people=given["people"], on=given["on"]
            )
            staying: Staying = staying_at(request.actor, unit, (), given["on"])
            shown = {**shown, "going": going, "staying": staying}
    told = _("It stands beside the old one and bears its marks. What happened before that day stays where it happened.")
    return _page(request, row, _("Split off a unit"), form, _("Split it"), told=told, **shown)


@page(EDIT_UNITS)
def undo(request: Asked, reorganisation: int) -> HttpResponse:
    """Take a merge or split back: first what would follow."""
    found = Reorganisation.objects.filter(pk=reorganisation).select_related("unit", "other").first()
    if found is None:
        raise NotFound("organisations.reorganisation")
    row = require_unit(request.actor, EDIT_UNITS, found.other_id)
    require_unit(request.actor, EDIT_UNITS, found.unit_id)
    form = forms.UndoForm(request.POST or None)
    shown: Mapping[str, object] = {}
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            reason = form.cleaned_data["reason"]
            answer, shown = _looked(
                request, form,
                lambda: undo_reorganisation(by=request.actor, reorganisation=reorganisation, reason=reason),
                _("It is taken back, as if it had not been entered."), found.on,
            )  # fmt: skip
            if answer is not None:
                return answer
    merged = found.kind == "merge"
    words = {"unit": found.unit.name, "other": found.other.name}
    told = _("“%(unit)s” became part of “%(other)s”.") if merged else _("“%(other)s” was split from “%(unit)s”.")
    title = _("Take the merge back") if merged else _("Take the split back")
    return _page(request, row, title, form, _("Take it back"), told=told % words, since=found.on, **shown)


def _unit(request: Asked, unit: int) -> Unit:
    row = require_unit(request.actor, EDIT_UNITS, unit)
    if row.level not in MERGED or row.closed_on is not None:
        raise NotFound("organisations.unit")
    return row
