"""Who may open which address stands in a table written by hand (addresses.csv): every address of every door has its row,
and says of itself in the code what the row says."""

import csv
from pathlib import Path

from django.urls import URLPattern, get_resolver

from weineng.kernel.actors import Permission

PUBLIC, SIGNED_IN = "public", "signed-in"


def addresses():
    """(name, what the code says who may open it) of every page, feed and operation of the API."""
    found = {}
    for name, entry in _walk(get_resolver("weineng.config.urls")):
        if name.startswith("api-v1:"):
            found |= _operations(name.removeprefix("api-v1:"), entry)
        else:
            found[name] = access_of(entry.callback)
    return found


def _walk(resolver, space=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name or entry.pattern}", entry
        else:
            yield from _walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def _operations(name, entry):
    """An operation of the API; what describes the API itself is public."""
    if name in ("api-root", "openapi-json"):
        yield f"api {name}", PUBLIC
        return
    (bound,) = (cell.cell_contents for cell in entry.callback.__closure__)
    for operation in bound.operations:
        permission = operation.view_func.permission
        assert bool(operation.auth_callbacks) is bool(permission), "a permission without a key, or a key for nothing"
        for method in operation.methods:
            yield f"api {method} /{entry.pattern}", permission.code if permission else PUBLIC


def access_of(view):
    """As in the table: permission codes with blanks between, `public` or `signed-in`."""
    if getattr(view, "public", False):
        return PUBLIC
    if getattr(view, "signed_in", False):
        return SIGNED_IN
    permissions = getattr(view, "permissions", ())
    assert all(isinstance(permission, Permission) for permission in permissions)
    return " ".join(sorted(permission.code for permission in permissions))


def by_hand():
    with (Path(__file__).parent / "addresses.csv").open(encoding="utf-8", newline="") as file:
        return {row["address"]: " ".join(sorted(row["who"].split())) for row in csv.DictReader(file)}


def test_every_address_has_its_row_and_says_the_same():
    assert addresses() == by_hand()
