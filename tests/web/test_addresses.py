"""Every address of the pages says who may open it."""

import pytest
from django.urls import URLPattern, get_resolver

from weineng.kernel.actors import Permission


def patterns(resolver, prefix=""):
    for entry in resolver.url_patterns:
        where = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield where, entry.callback
        else:
            yield from patterns(entry, where)


PAGES = list(patterns(get_resolver("weineng.web.urls")))


def access_of(view):
    """What a view says about itself: its permissions, `signed in`, `public`, or nothing."""
    if getattr(view, "public", False):
        return "public"
    if getattr(view, "signed_in", False):
        return "signed in"
    return getattr(view, "permissions", ())


@pytest.mark.parametrize("view", [view for _where, view in PAGES], ids=[where or "/" for where, _view in PAGES])
def test_every_page_names_its_permission(view):
    access = access_of(view)
    assert access, "use @page(PERMISSION), @page(signed_in=True) or @public"
    assert access in ("public", "signed in") or all(isinstance(one, Permission) for one in access)


def test_the_walk_sees_pages_without_a_mark():
    def bare(request):
        """A view nobody marked."""

    assert access_of(bare) == ()
    assert len(PAGES) > 8
