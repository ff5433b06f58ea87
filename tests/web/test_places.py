"""No place is lost: what does not fit into the navigation is counted there and stands on the page of all places."""

import re

import pytest

from weineng.accounts.models import Grant
from weineng.web.shell import places
from weineng.web.shell.places import Place


@pytest.fixture
def open_page(client, sign_in, world, monkeypatch):
    def go(path, more=0):
        client.get("/")  # the areas tell their places when the addresses are read
        known = places._places
        extra = [Place(f"去处{number}", "shell:more", order=90 + number) for number in range(more)]
        monkeypatch.setattr(places, "_places", [*known, *extra])
        sign_in(client, world.office, f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}")
        page = client.get(path).content.decode()
        monkeypatch.setattr(places, "_places", known)
        return page

    return go


def beside(page):
    """The places at the side: their words."""
    found = re.search(r'<nav class="places".*?</nav>', page, re.DOTALL)[0]
    return [re.sub(r"<[^>]+>|\s+", "", item) for item in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]


def test_seven_places_stand_at_the_side(open_page):
    shown = beside(open_page("/messages/"))
    assert (len(shown), [word for word in shown if word.startswith("更多")]) == (7, [])


@pytest.mark.parametrize("more", [1, 3])
def test_places_above_seven_are_counted_and_listed(open_page, more):
    shown = beside(open_page("/messages/", more))
    assert (len(shown), shown[-1]) == (7, f"更多去处（{more + 1}）")
    everything = open_page("/more/", more)
    listed = re.search(r'<nav class="place-list".*?</nav>', everything, re.DOTALL)[0]
    assert [f"去处{number}" in listed for number in range(more)] == [True] * more
