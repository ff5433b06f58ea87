"""Choosing a unit out of many: a list where there are few, a search by name or code where there are not."""

from dataclasses import dataclass

from django.db.models import Q

from weineng.kernel.actors import Permission
from weineng.organisations.models import LEVELS, Unit
from weineng.organisations.queries import candidate_units, names_above
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid

FEW = 60  # so many fit into one list
BELOW = " \u203a "


@dataclass(frozen=True)
class Picker:
    """`units` are (unit, name with the unit above); `text` is what was searched for, `search` whether one has to."""

    units: tuple[tuple[Unit, str], ...]
    text: str
    search: bool
    more: bool  # not all that fit are shown

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """As a form offers them: (opaque id, name)."""
        return tuple((oid(unit), name) for unit, name in self.units)


def pick_units(
    request: Asked, permission: Permission, *, levels: tuple[str, ...] = LEVELS, keep: int = 0, fitting: Q | None = None
) -> Picker:
    """The units that can be chosen; `keep` is one that is always among them, `fitting` what else is asked of them. The search
    is the field `find`, sent with the form or in the address."""
    text = (request.POST.get("find") or request.GET.get("find") or "").strip()
    wanted = Q(level__in=levels) & (fitting or Q())
    everything = candidate_units(request.actor, permission).filter(wanted)
    search = len(everything[: FEW + 1]) > FEW
    rows = everything
    if search:
        rows = candidate_units(request.actor, permission, text).filter(wanted) if text else everything.none()
    found = list(rows[: FEW + 1])
    shown = found[:FEW]
    if keep and keep not in {unit.pk for unit in shown}:
        shown += everything.filter(pk=keep)
    above = names_above(unit.pk for unit in shown)
    labels = {unit.pk: _label(unit, above.get(unit.pk, "")) for unit in shown}
    order = sorted(
        shown, key=lambda unit: (labels[unit.pk].split(BELOW)[0], unit.level == "group", unit.place, unit.name)
    )
    return Picker(tuple((unit, labels[unit.pk]) for unit in order), text, search, len(found) > FEW)


def _label(unit: Unit, above: str) -> str:
    """A group's name says nothing without its school's."""
    return f"{above}{BELOW}{unit.name}" if unit.level == "group" else unit.name
