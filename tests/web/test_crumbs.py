"""The path above a page begins where one's reach begins, and opens sideways only inside it."""

from types import SimpleNamespace

import pytest
from django.test.utils import override_settings
from django.urls import include, path

from weineng.organisations.permissions import VIEW_UNIT
from weineng.web.shell.crumbs import unit_crumbs

urlpatterns = [path("units/<unit:unit>/", lambda request: None, name="unit"), path("", include("weineng.config.urls"))]


@pytest.fixture(autouse=True)
def _addresses():
    with override_settings(ROOT_URLCONF="tests.web.test_crumbs"):
        yield


def crumbs(actor, unit, **options):
    return unit_crumbs(SimpleNamespace(actor=actor), unit, "unit", VIEW_UNIT, **options)


def texts(items):
    return [(item["text"], sorted(name for name, _url in item.get("siblings", ()))) for item in items]


def name(world, key):
    from weineng.organisations.models import Unit

    return Unit.objects.get(pk=getattr(world, key)).name


def test_an_office_sees_its_district_and_what_is_below(world):
    found = crumbs(world.office.actor, world.nine_year)
    assert texts(found) == [
        (name(world, "district"), []),
        (name(world, "zone"), sorted(name(world, key) for key in ("vocational",))),
        (name(world, "nine_year"), [name(world, "kindergarten")]),
    ]
    assert [bool(item["url"]) for item in found] == [True, True, False]


def test_a_school_sees_nothing_above_itself(world):
    assert texts(crumbs(world.cio.actor, world.maths)) == [
        (name(world, "nine_year"), []),
        (name(world, "maths"), [name(world, "chinese")]),
    ]


def test_a_page_below_the_unit_has_its_own_name(world):
    found = crumbs(world.cio.actor, world.nine_year, here="Roster")
    assert [item["text"] for item in found] == [name(world, "nine_year"), "Roster"]
    assert found[0]["url"] != ""
