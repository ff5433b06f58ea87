"""Where in the tree a page stands: from the highest unit one may see down to this one, each level open to its siblings."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.kernel.actors import Permission
from weineng.organisations.queries import first_below, path_of
from weineng.web.shell.actors import Asked

MOST = 60  # siblings in one fold; a district with more shows them in its own list


def unit_crumbs(
    request: Asked, unit: int, url: str, permission: Permission, *, here: object = ""
) -> list[dict[str, Any]]:
    """Crumbs for `{% crumbs %}`: each leads to `url` (the name of an address that takes `unit`).

    The path begins at the topmost unit at which the permission is held. `here` is the page's own name when it stands
    below the unit (then the unit itself leads on as well).
    """
    held = request.actor.units(permission)
    path = path_of(unit)
    start = next((number for number, one in enumerate(path) if one.pk in held), len(path) - 1)
    shown = path[start:]
    items: list[dict[str, Any]] = []
    for number, one in enumerate(shown):
        beside = first_below(shown[number - 1].pk, MOST + 1) if number else []
        siblings = [(other.name, reverse(url, kwargs={"unit": other})) for other in beside[:MOST] if other.pk != one.pk]
        if len(beside) > MOST:
            siblings.append((_("All of them"), reverse(url, kwargs={"unit": shown[number - 1]})))
        last = number == len(shown) - 1 and not here
        items.append(
            {"text": one.name, "url": "" if last else reverse(url, kwargs={"unit": one}), "siblings": siblings}
        )
    return [*items, {"text": here}] if here else items
