"""Every number on every overview, down to the last group, is opened: behind it stand exactly as many people as it says."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from tests.reach.crawling import clients
from tests.reach.districts import NOW
from tests.settling import run_once
from weineng.kernel.actors import platform
from weineng.organisations.actions import transfer_person
from weineng.organisations.rules import Post
from weineng.programmes.actions import take_changes
from weineng.programmes.models import Enrolment, Touched

pytestmark = pytest.mark.slow

NUMBER = re.compile(r'<a href="(/progress/unit/\w+/people/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
DOWN = re.compile(r'<th scope="row"><a href="(/progress/unit/\w+/(?:\?[^"]*)?)">')
UNLINKED = re.compile(r'class="figure-value"><span><b>([^<]*)')
PERSON = re.compile(r'<a class="name" href="/progress/(\w+)/"')
MORE = re.compile(r'<p class="pager"><a href="(\?[^"]*)">')
ROLES = {"office": 40, "cio": 15, "group-leader": 8}  # at least so many numbers


@pytest.fixture
def browsers(districts, sign_in):
    """Some more people take part, so that figures differ; everything is counted."""
    world, p4 = districts.world, districts.ours.programme
    version = p4.versions.get()
    for member in (
        world.leader,
        world.chinese_teacher_1,
        world.loner,
        world.kindergarten_teacher_1,
        world.vocational_teacher_1,
    ):
        Enrolment.objects.create(programme=p4, version=version, person_id=member.person, since=date(2026, 1, 1))
    Enrolment.objects.filter(person=world.loner.person).update(left_on=date(2026, 5, 1))
    Touched.objects.bulk_create(Touched(enrolment=pk, at=NOW) for pk in p4.enrolments.values_list("pk", flat=True))
    run_once()
    return clients(districts, sign_in, tuple(ROLES))


def crawl(browser, query="", *, opening=True):
    """(address, what it says, how many people are behind it, if asked) for every number of every level below one's own."""
    start = browser.get("/progress/").headers["Location"] + query
    found, waiting, seen, behind = [], [start], set(), {}
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        page = _text(browser, url)
        assert UNLINKED.findall(page) == [], url
        for link, text in _numbers(page):
            if link not in behind:
                behind[link] = len(_behind(browser, link)) if opening else None
            found.append((link, _said(text), behind[link]))
        waiting += [unescape(link) for link in DOWN.findall(page)]
    return found


def _numbers(page):
    return [(unescape(link), text) for link, text in NUMBER.findall(page)]


def _said(text):
    """The number at the end of a link's text."""
    return int(re.findall(r"\d+", re.sub(r"<[^>]*>|,", "", text))[-1])


def _text(browser, url):
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def _behind(browser, url):
    """The people of a list, page after page; its heading counts them too."""
    people, page = [], _text(browser, url)
    heading = int(re.findall(r"\d+", re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1])[0])
    while True:
        people += PERSON.findall(page)
        more = MORE.search(page)
        if more is None:
            break
        page = _text(browser, url.split("?")[0] + unescape(more[1]))
    assert (len(people), len(set(people))) == (heading, heading), url
    return people


def differing(browser, role, query=""):
    found = crawl(browser, query)
    assert len(found) >= ROLES[role]
    return [(link, said, count) for link, said, count in found if said != count]


@pytest.mark.parametrize("role", ROLES)
def test_every_number_has_its_people_behind_it(browsers, role):
    assert differing(browsers[role], role) == []


def test_also_after_a_transfer_in_the_past_and_on_past_days(districts, browsers):
    """Somebody is entered today as having moved to another school in July: today's and past figures still add up."""
    world = districts.world
    before = crawl(browsers["office"], "?on=2026-06-30", opening=False)
    post = Post(unit=world.computing)
    transfer_person(by=world.office.actor, person=world.colleague.person, post=post, on=NOW.date() - timedelta(days=50))
    take_changes(by=platform("settle"))
    run_once()
    assert crawl(browsers["office"], "?on=2026-06-30", opening=False) == before
    for role in ROLES:
        assert differing(browsers[role], role) == []
    for role, day in (("office", "2026-08-31"), ("cio", "2026-06-30"), ("group-leader", "2026-06-30")):
        assert differing(browsers[role], role, f"?on={day}") == []


@pytest.mark.parametrize("query", ["?by=stage", "?by=subject", "?by=subject&on=2026-06-30"])
def test_every_number_of_a_cut_has_its_people_behind_it_and_the_rows_add_up(browsers, query):
    browser = browsers["office"]
    page = _text(browser, browser.get("/progress/").headers["Location"] + "cuts/" + query)
    found = [(link, _said(text)) for link, text in _numbers(page)]
    assert len(found) >= 9
    assert [(link, said) for link, said in found if len(_behind(browser, link)) != said] == []
    numbers = [said for _link, said in found]
    parts, whole = numbers[:-3], numbers[-3:]
    assert [sum(parts[place::3]) for place in range(3)] == whole
