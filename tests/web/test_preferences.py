"""Language, light and dark, post, programme, messages: small choices of a person."""

import pytest
from django.contrib.staticfiles import finders

from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.audit.effects import record
from weineng.kernel.actors import platform
from weineng.notices.effects import notify
from weineng.web.shell import places
from weineng.web.shell.places import Place

pytestmark = pytest.mark.django_db


def test_a_language_is_kept_and_leads_back_to_the_page(client):
    answer = client.post("/preferences/", {"language": "zh-hant", "next": "/about/privacy/"})
    assert (answer.status_code, answer["Location"]) == (302, "/about/privacy/")
    assert 'lang="zh-Hant"' in client.get("/").text


def test_light_or_dark_is_kept(client):
    assert 'data-theme="auto"' in client.get("/").text
    client.post("/preferences/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").text
    client.post("/preferences/", {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/").text


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_choice_never_leads_to_another_site(client, next_):
    assert client.post("/preferences/", {"theme": "dark", "next": next_})["Location"] == "/"


@pytest.fixture
def three_places(monkeypatch):
    monkeypatch.setattr(
        places,
        "_places",
        [
            Place("Own messages", "shell:messages", roles=frozenset({"teacher"}), order=1),
            Place("School", "shell:more", roles=frozenset({"cio"}), order=2),
            Place("Standard", "public:standards", order=3),
        ],
    )


def shown(client):
    return [entry.place.title for entry in client.get("/more/").context["shell"].entries]


def test_places_follow_the_post_one_acts_in(world, three_places):
    grant = Grant.objects.get(person=world.cio.person, role="cio")
    client = client_of(world.cio)
    assert shown(client) == ["Own messages", "Standard"]
    client.post("/post/", {"post": f"grant:{grant.pk}"})
    assert shown(client) == ["School", "Standard"]
    client.post("/post/", {"post": ""})
    assert shown(client) == ["Own messages", "Standard"]


def test_somebody_elses_post_cannot_be_taken(world, three_places):
    foreign = Grant.objects.get(person=world.principal.person, role="principal")
    client = client_of(world.cio)
    assert client.post("/post/", {"post": f"grant:{foreign.pk}"}).status_code == 404
    assert shown(client) == ["Own messages", "Standard"]


def test_nobody_sees_more_than_seven_places(world, monkeypatch):
    monkeypatch.setattr(places, "_places", [Place(f"P{n}", "shell:more", order=n) for n in range(12)])
    shell = client_of(world.teacher).get("/more/").context["shell"]
    assert [entry.place.title for entry in shell.side] == [f"P{n}" for n in range(6)]  # and the way to the others
    assert [entry.place.title for entry in shell.beyond] == [f"P{n}" for n in range(6, 12)]


def test_the_bell_counts_and_reading_empties_it(world):
    cause = record(by=platform("test"), verb="planning.approve", thing=None)
    for about in ("1", "2"):
        notify(cause=cause, event="plan-approved", people=[world.teacher.person, world.colleague.person], about=about)
    client = client_of(world.teacher)
    assert client.get("/messages/").context["shell"].unread == 2
    client.post("/messages/")
    answer = client.get("/messages/")
    assert answer.context["shell"].unread == 0
    assert len(answer.context["told"]) == 2
    assert client_of(world.colleague).get("/messages/").context["shell"].unread == 2


def test_messages_cost_as_many_queries_with_three_as_with_one(world, django_assert_max_num_queries):
    def count():
        client = client_of(world.teacher)
        with django_assert_max_num_queries(40) as seen:
            client.get("/messages/")
        return len(seen)

    cause = record(by=platform("test"), verb="planning.approve", thing=None)
    notify(cause=cause, event="plan-approved", people=[world.teacher.person], about="1")
    one = count()
    for about in ("2", "3"):
        notify(cause=cause, event="plan-approved", people=[world.teacher.person], about=about)
    assert count() == one


def test_a_first_visit_is_light(client, capsys):
    """What a browser fetches for the landing page, compressed, in bytes."""
    import gzip
    from pathlib import Path

    parts = {"page": len(gzip.compress(client.get("/").content))}
    for name in ("base.css", "components.css", "print.css", "shell.js", "icons.svg", "mark.svg", "favicon.svg"):
        parts[name] = len(gzip.compress(Path(finders.find(f"weineng/{name}")).read_bytes()))
    with capsys.disabled():
        print("\nfirst visit:", sum(parts.values()), parts)
    styles = parts["base.css"] + parts["components.css"] + parts["print.css"]
    assert styles < 25_000
    assert sum(parts.values()) < 40_000


def test_the_programme_one_looks_at_is_kept_and_others_stay_out(world):
    from datetime import date

    from weineng.programmes.models import Enrolment, Programme, Version
    from weineng.web.shell.addresses import oid

    def programme(code, owner, started):
        made = Programme.objects.create(code=code, owner_id=owner, title={"en": code}, started_on=started)
        version = Version.objects.create(
            programme=made, number=1, source="", document={}, digest=code, published_at="2025-09-01T00:00Z"
        )
        return made, version

    older, version = programme("older", world.district, date(2025, 10, 1))
    newer, newer_version = programme("newer", world.district, date(2025, 11, 1))
    foreign, _version = programme("foreign", world.sibling, date(2025, 12, 1))
    draft, _version = programme("draft", world.district, None)
    for one, its in ((older, version), (newer, newer_version)):
        Enrolment.objects.create(programme=one, version=its, person_id=world.teacher.person, since=date(2025, 11, 1))
    client = client_of(world.teacher)

    def seen():
        shell = client.get("/more/").context["shell"]
        return shell.programme.code, [one.code for one in shell.programmes]

    assert seen() == ("newer", ["newer", "older"])
    client.post("/programme/", {"programme": oid(older)})
    assert seen() == ("older", ["newer", "older"])
    for other in (foreign, draft):
        assert client.post("/programme/", {"programme": oid(other)}).status_code == 404
    assert seen() == ("older", ["newer", "older"])
    office = client_of(world.office, f"grant:{Grant.objects.get(person=world.office.person).pk}")
    assert [one.code for one in office.get("/more/").context["shell"].programmes] == ["newer", "older"]
