"""Tables: order by heading, pages cut by key, forwards and back, with ties."""

import pytest
from django.test import RequestFactory

from tests.web.test_words import as_query
from weineng.organisations.models import Unit
from weineng.web.components.tables import Column, Table

COLUMNS = (
    Column("level", "Level", sort="level"),
    Column("name", "Name", sort="name", descending_first=True),
    Column("kind", "Kind"),
)


def table(address="/", **options):
    return Table(RequestFactory().get(address), COLUMNS, size=3, **options).cut(Unit.objects.all())


def walk(address, **options):
    """All pages from an address on, forwards, then back to the first."""
    pages = [table(address, **options)]
    while pages[-1].next:
        pages.append(table(f"/{pages[-1].next}", **options))
    back = [pages[-1]]
    while back[-1].previous:
        back.append(table(f"/{back[-1].previous}", **options))
    return pages, back[::-1]


@pytest.mark.parametrize("sort", ["level", "-level", "name", "-name"])
def test_walking_on_and_back_meets_every_row_once_in_order(world, sort):
    pages, back = walk(f"/?sort={sort}&q=x")
    met = [row.pk for page in pages for row in page.rows]
    order = sorted(
        Unit.objects.order_by("pk"), key=lambda u: getattr(u, sort.lstrip("-")), reverse=sort.startswith("-")
    )
    assert met == [unit.pk for unit in order]
    assert [[row.pk for row in page.rows] for page in back] == [[row.pk for row in page.rows] for page in pages]
    assert pages[0].previous == ""
    assert all(as_query(page.next)["q"] == "x" for page in pages[:-1])


def test_a_page_costs_one_query(world, django_assert_num_queries):
    mark = table("/?sort=name").next
    with django_assert_num_queries(1):
        table(f"/{mark}")


def test_a_heading_turns_its_own_order_and_starts_the_first_page_again(world):
    level, name, kind = table("/?sort=level&after=x").headings
    assert (level.direction, as_query(level.url)) == ("ascending", {"sort": "-level"})
    assert (name.direction, as_query(name.url)) == ("", {"sort": "-name"})
    assert (kind.direction, kind.url) == ("", "")


@pytest.mark.parametrize("address", ["/?sort=kind", "/?sort=pk;drop", "/?after=forged", "/?before=a:b:c"])
def test_an_address_somebody_made_up_shows_the_first_page(world, address):
    assert [row.pk for row in table(address, order="name").rows] == [row.pk for row in table("/", order="name").rows]
