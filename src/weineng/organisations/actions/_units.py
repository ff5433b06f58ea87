"""What the acts on units share: which parent, name, code or day they refuse, and the unit that is changed."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.organisations.effects import lock_tree
from weineng.organisations.models import LEVELS, Edge, Unit
from weineng.organisations.permissions import EDIT_UNITS
from weineng.organisations.queries import children_of, closed_refusal
from weineng.organisations.reach import require_unit
from weineng.organisations.rules.posts import EVER, OPEN


def refuse_bad_parent(above: Unit, level: str) -> None:
    """Levels descend from top to bottom, so nothing can come to stand below itself."""
    if LEVELS.index(above.level) >= LEVELS.index(level):
        raise Refused(
            "level-order", _("A unit of this level cannot stand below “%(parent)s”."), field="parent", parent=above.name
        )


def refuse_absent(above: Unit, starts: date | None, ends: date | None) -> None:
    """Refuse what would stand below `above` on a day on which that is not there: out of every office's reach."""
    if above.opened_on is not None and (starts or EVER) < above.opened_on:
        raise Refused(
            "unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=above.name, on=str(starts or "")
        )
    if above.closed_on is not None and (ends or OPEN) > above.closed_on:
        raise closed_refusal(above)


def end_of(row: Unit, until: date | None) -> date | None:
    """The first day without a unit, or until which something is said of it; None: no end."""
    return min((day for day in (row.closed_on, until) if day is not None), default=None)


def refuse_name_taken(parent: int, name: str, *, besides: int | None = None) -> None:
    namesakes = children_of(parent).filter(name=name)
    if (namesakes.exclude(pk=besides) if besides is not None else namesakes).exists():
        raise Refused("unit-name-taken", _("There is a unit “%(name)s” here already."), field="name", name=name)


def refuse_code_taken(code: str | None, official_code: str | None, *, besides: int | None = None) -> None:
    taken = Q(pk__in=[])
    if code:
        taken |= Q(code=code)
    if official_code:
        taken |= Q(official_code=official_code, closed_on__isnull=True)
    if other := Unit.objects.filter(taken).exclude(pk=besides or 0).first():
        raise Refused("code-taken", _("This code belongs to “%(unit)s”."), field="code", unit=other.name)


def unit_to_change(by: Actor, unit: int) -> Unit:
    require_unit(by, EDIT_UNITS, unit)
    lock_tree()
    return Unit.objects.select_for_update(of=("self",)).get(pk=unit)


def edge_at(row: Unit, on: date) -> Edge:
    edges = Edge.objects.filter(child=row, kind="line").select_for_update(of=("self",))
    edge = edges.filter(during__contains=on).first()
    if edge is None and not edges.exists():
        raise Refused("unit-is-root", _("“%(unit)s” stands at the top of the tree."), unit=row.name)
    if edge is None:
        raise Refused("unit-not-there-yet", _("“%(unit)s” was not there on %(on)s."), unit=row.name, on=str(on))
    return edge
