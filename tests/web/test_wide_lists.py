"""Where too many units lie below to list all their people, somebody is looked for; what is out of reach is found there neither."""

import re
from datetime import timedelta

import pytest

from tests.certification.conftest import certificate, p4, passed, scene  # noqa: F401 (somebody who has passed)
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.learning.actions import accept_records
from weineng.learning.rules import RecordRow
from weineng.organisations.queries import people, tree
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOTE = "人数过多，无法逐一列出"
PLATFORM = Actor(door="rest", sources=frozenset({"qingyun"}), source_permissions=frozenset({"learning.deliver"}))


@pytest.fixture
def wide(world, passed, monkeypatch):  # noqa: F811 (fixture)
    """The district's office, for which the district is too wide; one record each of a teacher, a colleague and a stranger."""
    monkeypatch.setattr(tree, "MANY_UNITS", 3)
    at = now() - timedelta(days=3)
    accept_records(
        by=PLATFORM, provider="qingyun",
        rows=[
            RecordRow(
                f"r-{who.person}", "id-card", who.number, who.name, mode="online", course="101", title=f"课程{who.person}",
                starts_at=at, ends_at=at + timedelta(minutes=45), minutes=45,
            )
            for who in (world.teacher, world.colleague, world.sibling_teacher)
        ],
    )  # fmt: skip
    return in_post(world.office, "office")


def in_post(member, role):
    return client_of(member, f"grant:{Grant.objects.get(person=member.person, role=role).pk}")


def shown(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200
    return (
        NOTE in (page := answer.content.decode()),
        set(re.findall(r'<th scope="row"[^>]*><a[^>]*>([^<]*)', page)),
        page,
    )


def test_the_people_of_a_wide_unit_are_looked_for(world, wide):
    place = f"/units/{oid(tree.Unit(pk=world.district))}/people/"
    noted, names, page = shown(wide, place)
    assert (noted, names, world.teacher.name in page) == (True, set(), False)
    assert f'href="/units/{oid(tree.Unit(pk=world.district))}/"' in page
    assert shown(wide, place, q=world.teacher.name)[:2] == (False, {world.teacher.name})
    assert shown(wide, place, q=world.sibling_teacher.name)[:2] == (False, set())
    narrow = f"/units/{oid(tree.Unit(pk=world.maths))}/people/"
    assert {world.teacher.name, world.colleague.name} <= shown(wide, narrow)[1]


def test_so_are_their_records(world, wide):
    def titles(*people):
        return {f"课程{who.person}" for who in people}

    assert shown(wide, "/learning/")[:2] == (True, set())
    noted, found, _page = shown(wide, "/learning/", q=world.colleague.name)
    assert (noted, found) == (False, titles(world.colleague))
    assert shown(wide, "/learning/", q=world.sibling_teacher.number)[:2] == (False, set())
    cio = in_post(world.cio, "cio")
    assert titles(world.teacher, world.colleague) <= shown(cio, "/learning/")[1]  # who has few of them sees them all
    assert shown(cio, "/learning/", q=world.colleague.name)[:2] == (False, titles(world.colleague))


def test_of_very_many_found_the_first_are_shown_and_that_is_said(world, wide, monkeypatch):
    said, place = "仅显示查到的前500人", f"/units/{oid(tree.Unit(pk=world.district))}/people/"
    world.enter(world.teacher.name, world.maths)
    pages = (place, "/learning/", "/results/")
    assert [said in shown(wide, url, q=world.teacher.name)[2] for url in pages] == [False, False, False]
    rows = shown(wide, place, q=world.teacher.name)[2].count(f">{world.teacher.name}</a>")
    monkeypatch.setattr(people, "MOST_FOUND", 1)
    assert [said in shown(wide, url, q=world.teacher.name)[2] for url in pages] == [True, True, True]
    assert (rows, shown(wide, place, q=world.teacher.name)[2].count(f">{world.teacher.name}</a>")) == (2, 1)


def test_and_their_results(world, wide):
    assert shown(wide, "/results/")[:2] == (True, set())
    assert shown(wide, "/results/", q=world.teacher.name)[:2] == (False, {world.teacher.name})
    assert shown(wide, "/results/", q=world.colleague.name)[:2] == (False, set())
    Grant.objects.create(
        person_id=world.sibling_teacher.person, role="office", unit_id=world.sibling, starts_on=today()
    )
    assert shown(in_post(world.sibling_teacher, "office"), "/results/", q=world.teacher.name)[:2] == (False, set())
