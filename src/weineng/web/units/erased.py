"""What is told of an erasure: who asked, who decided, how far it has come."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from weineng.organisations.models import Erasure, Person
from weineng.organisations.rules.erasures import STEPS


def told_of(erasures: Iterable[Erasure]) -> list[dict[str, Any]]:
    """Erasures with the names of who asked and who decided, and how far they have come; one query for all names."""
    rows = list(erasures)
    people = {pk for row in rows for pk in (row.asked_by, row.asked_for, row.decided_by, row.decided_for) if pk}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    return [
        {
            "row": row, "asked_by": _names(names, row.asked_by, row.asked_for),
            "decided_by": _names(names, row.decided_by, row.decided_for),
            "did": STEPS if row.state == "done" else len(row.erased_by), "steps": STEPS,
        }
        for row in rows
    ]  # fmt: skip


def _names(names: Mapping[int, str], person: int | None, principal: int | None) -> str:
    """Who did it, and in whose name."""
    if person is None:
        return ""
    if principal is None:
        return names.get(person, "")
    return _("%(name)s for %(principal)s") % {"name": names.get(person, ""), "principal": names.get(principal, "")}
