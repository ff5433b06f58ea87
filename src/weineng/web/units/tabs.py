"""The parts of a unit's pages, and where in the tree they stand."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from weineng.accounts.permissions import GRANT, MANAGE, MANAGE_KEYS
from weineng.organisations.permissions import VIEW_PEOPLE, VIEW_UNIT
from weineng.web.shell.actors import Asked


def unit_tabs(request: Asked, unit: int, here: str) -> list[dict[str, object]]:
    """The unit itself, its people, their accounts and roles, and the keys of machines; those one may open."""
    tabs = [
        (_("Unit"), "units:unit", VIEW_UNIT, {"unit": unit}), (_("People"), "units:people", VIEW_PEOPLE, {"unit": unit}),
        (_("Accounts"), "account:people", MANAGE, {"unit": unit}), (_("Roles"), "account:roles", GRANT, {"unit": unit}),
        (_("Keys"), "account:keys", MANAGE_KEYS, {}),
    ]  # fmt: skip
    return [
        {"text": text, "url": reverse(name, kwargs=where), "on": name == here}
        for text, name, permission, where in tabs
        if request.actor.units(permission)
    ]
