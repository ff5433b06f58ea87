"""What levels, kinds, stages and flags of units are called, and the choices that forms make of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.organisations.models import KINDS_OF, LEVELS
from weineng.programmes.documents.labels import FLAG_NAMES, KIND_NAMES
from weineng.sheets import roster_format

LEVEL_NAMES: Mapping[str, object] = {
    "province": _("province"), "city": _("city"), "county": _("county or district"), "zone": _("zone"), "school": _("school"),
    "group": _("teaching group"),
}  # fmt: skip
STAGE_NAMES: Mapping[str, object] = {
    "preschool": _("preschool"), "primary": _("primary"), "junior": _("junior secondary"), "senior": _("senior secondary"),
    "vocational": _("vocational"), "special": _("special education"),
}  # fmt: skip


def kind_of(level: str, kind: str) -> object:
    """What a unit is: an area by its level, everything else by its kind."""
    return LEVEL_NAMES[level] if kind == "area" else KIND_NAMES[kind]


def shapes_below(level: str) -> list[tuple[str, object]]:
    """What can stand below a unit of a level, as choices `level:kind`; levels may be skipped."""
    lower = LEVELS[LEVELS.index(level) + 1 :]
    return [(f"{one}:{kind}", kind_of(one, kind)) for one in lower for kind in KINDS_OF[one]]


def chosen(names: Mapping[str, object], blank: object = None) -> list[tuple[str, object]]:
    """Names as the choices of a field; with `blank`, nothing can be chosen too."""
    return ([] if blank is None else [("", blank)]) + list(names.items())


def flag_choices(known: Iterable[str]) -> list[tuple[str, object]]:
    """The usual flags, and those that are in use besides."""
    more: dict[str, Any] = {flag: flag for flag in sorted(set(known) - FLAG_NAMES.keys())}
    return list({**FLAG_NAMES, **more}.items())


def subjects() -> tuple[str, ...]:
    """The subjects of the rosters."""
    return next(column.choices for column in roster_format().columns if column.key == "subject")
