"""An office's own system reads what the office sees, page by page, and nothing beside it."""

import csv
import io

import pytest
from django.core.management import call_command
from django.utils import translation

from tests.rest.conftest import COUNTED_ON, count_some
from weineng.accounts.actions import revoke_api_key
from weineng.accounts.models import ApiKey
from weineng.audit.models import Line
from weineng.insight.actions import export_standings
from weineng.organisations.actions import export_roster
from weineng.organisations.models import Posting, Unit
from weineng.programmes.models import Version
from weineng.progress.queries import overview
from weineng.web.shell.addresses import oid

ALL = ("standings.read", "figures.read", "people.read")


def unit(pk):
    return oid(pk, "organisations.unit")


def pages(ask, token, url, key, **query):
    """All rows of a list, fetched two by two."""
    rows, cursor, count = [], "", 0
    while True:
        status, answer = ask(token, url, limit=2, cursor=cursor, **query)
        assert status == 200
        assert len(answer[key]) <= 2
        rows += answer[key]
        cursor, count = answer["next"], count + 1
        assert count < 40
        if not cursor:
            return rows


@pytest.fixture(scope="module")
def counted(once):
    return once(count_some)


@pytest.fixture
def standings(counted, world, set_clock):
    set_clock(COUNTED_ON)
    return counted


def test_standings_are_those_of_the_spreadsheet(world, standings, office_key, ask, tmp_path):
    key = office_key("standings.read")
    rows = pages(ask, key, "/programmes/p4-district/standings", "rows")
    with translation.override("en"):
        table = export_standings(by=world.office.actor, programme=standings.pk)
    assert sorted(rows, key=lambda row: row["row"]["name"]) == [
        {"person": oid(world.people[who].person, "organisations.person"), "row": row}
        for who, row in sorted(
            ((world.member(person).key, row) for person, row in named(world, table.rows)), key=lambda pair: pair[1]["name"]
        )
    ]  # fmt: skip
    _status, answer = ask(key, "/programmes/p4-district/standings")
    assert [(c["key"], c["heading"]) for c in answer["columns"]] == [(c.key, c.headings[0]) for c in table.form.columns]
    out = tmp_path / "standings.csv"
    call_command("export", "standings", programme="p4-district", out=out, name="office", language="en")
    headings = next(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [c["heading"] for c in answer["columns"]] == headings


def named(world, rows):
    by_name = {member.name: member.person for member in world.everybody}
    return [(by_name[row["name"]], row) for row in rows]


def test_every_page_has_its_line_in_the_log_with_the_name_of_the_key(world, standings, office_key, ask):
    key = office_key(*ALL)
    prefix = ApiKey.objects.get().prefix
    ask(key, "/programmes/p4-district/standings", limit=2)
    ask(key, f"/units/{unit(world.nine_year)}/people", limit=3)
    lines = Line.objects.filter(verb__in=("insight.export_standings", "organisations.export_roster")).order_by("pk")
    assert [(line.verb, line.person, line.grant, line.door, line.unit, line.facts) for line in lines] == [
        ("insight.export_standings", None, None, "rest", None, {"rows": 2, "key": prefix}),
        ("organisations.export_roster", None, None, "rest", world.nine_year, {"rows": 3, "numbers": "masked", "key": prefix}),
    ]  # fmt: skip
    assert Line.objects.filter(verb="accounts.use_key").count() == 1


def test_people_are_those_of_the_roster_without_what_is_nobodys_business(world, office_key, ask):
    key = office_key("people.read")
    rows = pages(ask, key, f"/units/{unit(world.nine_year)}/people", "people")
    roster = export_roster(by=world.office.actor, unit=world.nine_year)
    assert sorted((r["name"], r["staff_number"], r["id_number"], r["group"], r["subject"]) for r in rows) == sorted(
        (r.name, r.staff_number, r.id_number, r.group, r.subject) for r in roster
    )
    assert len(rows) == len(roster) > 5
    text = str(rows)
    assert [m.number for m in world.everybody if m.number in text] == []
    assert [
        phone for phone in Posting.objects.order_by("pk").values_list("person__phone", flat=True) if phone in text
    ] == []
    home = {(r["name"], r["home"]) for r in pages(ask, key, f"/units/{unit(world.maths)}/people", "people")}
    assert (world.two_posts.name, False) in home
    assert (world.teacher.name, True) in home


def test_units_are_those_below_with_what_stands_above_them(world, office_key, ask):
    rows = pages(ask, office_key("figures.read"), "/units", "units")
    below = {
        "district",
        "zone",
        "kindergarten",
        "nine_year",
        "vocational",
        "play",
        "chinese",
        "maths",
        "computing",
        "mechanics",
    }
    assert {row["id"] for row in rows} == {unit(world.units[name]) for name in below}
    parent = {row["id"]: row["parent"] for row in rows}
    assert parent[unit(world.district)] == ""  # the city is out of reach
    assert parent[unit(world.maths)] == unit(world.nine_year)
    names = dict(Unit.objects.order_by("pk").values_list("pk", "name"))
    assert {row["id"]: row["name"] for row in rows} == {
        unit(world.units[name]): names[world.units[name]] for name in below
    }


def test_figures_are_those_of_the_overview(world, standings, office_key, ask):
    key = office_key("figures.read")
    for pk in (world.district, world.nine_year, world.maths):
        status, answer = ask(key, "/programmes/p4-district/figures", unit=unit(pk))
        found = overview(world.office.actor, standings.pk, pk)
        assert status == 200
        assert (answer["title"], answer["total"]["people"], answer["total"]["passed"]) == (
            found.title, found.total.people, found.total.passed,
        )  # fmt: skip
        assert [(row["unit"], row["leaf_kind"], row["people"], row["verdicts"]) for row in answer["rows"]] == [
            (unit(row.unit), row.leaf_kind, row.figures.people, row.figures.verdicts) for row in found.rows
        ]
        assert sum(row["people"] for row in answer["rows"]) == answer["total"]["people"]
    _status, then = ask(key, "/programmes/p4-district/figures", unit=unit(world.nine_year), on="2026-01-31")
    assert (then["on"], then["total"]["verdicts"]["not-begun"]) == ("2026-01-31", 2)


def test_programmes_are_those_within_reach(world, standings, office_key, ask):
    _status, answer = ask(office_key("people.read"), "/programmes")
    assert [row["code"] for row in answer["programmes"]] == ["p4-district"]
    beside = office_key(*ALL, unit=world.sibling, by=world.wu)
    assert ask(beside, "/programmes")[1] == {"programmes": []}
    assert ask(beside, "/programmes/p4-district/standings")[0] == 404


@pytest.mark.parametrize("opens", ["standings", "figures", "people"])
def test_a_key_opens_only_what_its_scopes_say(world, standings, office_key, ask, opens):
    key = office_key(f"{opens}.read")
    urls = {
        "standings": ("/programmes/p4-district/standings", {}),
        "figures": ("/programmes/p4-district/figures", {"unit": unit(world.district)}),
        "people": (f"/units/{unit(world.district)}/people", {}),
    }
    assert {name for name, (url, query) in urls.items() if ask(key, url, **query)[0] == 200} == {opens}
    for list_of in ("records", "deliveries", "refused", "reconciliation"):
        assert ask(key, f"/providers/qingyun/{list_of}")[0] == 404
    revoke_api_key(by=world.office.actor, key=ApiKey.objects.get().pk)
    assert {ask(key, url, **query)[0] for url, query in urls.values()} == {401}


@pytest.mark.slow
def test_what_lies_beside_is_not_found_while_it_is_there(world, standings, office_key, ask):
    key = office_key(*ALL)
    for pk in (world.sibling, world.sibling_school, world.city, world.moved):
        for url, query in (
            ("/programmes/p4-district/standings", {"unit": unit(pk)}),
            ("/programmes/p4-district/figures", {"unit": unit(pk)}), (f"/units/{unit(pk)}/people", {}),
        ):  # fmt: skip
            assert (ask(key, url, **query)[0], pk) == (404, pk)
    text = str([pages(ask, key, url, name) for url, name in (
        ("/programmes/p4-district/standings", "rows"), ("/units", "units"), (f"/units/{unit(world.district)}/people", "people"),
    )])  # fmt: skip
    for member in (world.wu, world.sibling_teacher):
        assert member.name not in text
    assert world.teacher.name in text


@pytest.mark.parametrize(
    ("url", "query", "status", "code"),
    [
        ("/programmes/p4-district/figures", {}, 422, "parameter-unreadable"),
        ("/programmes/p4-district/figures", {"unit": "x"}, 422, "parameter-unreadable"),
        ("/programmes/p4-district/figures", {"unit": "0" * 13}, 404, "not-found"),
        ("/programmes/p4-district/figures", {"unit": "DISTRICT", "on": "2026-02-30"}, 422, "parameter-unreadable"),
        ("/programmes/p4-district/standings", {"unit": "\0"}, 422, "parameter-unreadable"),
        ("/programmes/p4-district/standings", {"cursor": "x"}, 422, "cursor-unknown"),
        ("/programmes/p4-district/standings", {"limit": 1001}, 422, "limit-out-of-range"),
        ("/programmes/none/standings", {}, 404, "not-found"),
        ("/programmes/%00/standings", {}, 404, "not-found"),
        ("/units/0000000000000/people", {}, 404, "not-found"),
        ("/units/x/people", {}, 404, "not-found"),
    ],
)
def test_what_cannot_be_read_is_told_by_name(world, standings, office_key, ask, url, query, status, code):
    query = {name: unit(world.district) if value == "DISTRICT" else value for name, value in query.items()}
    answered, error = ask(office_key(*ALL), url, **query)
    assert (answered, error["code"]) == (status, code)


def test_a_programme_without_a_document_says_so(world, standings, office_key, ask):
    other = type(standings).objects.create(code="new", owner_id=world.district, title={"en": "New"})
    assert Version.objects.filter(programme=other).count() == 0
    answered, error = ask(office_key(*ALL), "/programmes/new/standings")
    assert (answered, error["code"]) == (422, "programme-without-version")


def test_a_page_takes_as_many_queries_with_three_rows_as_with_one(
    world, standings, office_key, ask, django_assert_num_queries
):
    key = office_key(*ALL)
    ask(key, "/programmes")  # the day's first use of the key is noted
    for url, query, count in (
        ("/programmes/p4-district/standings", {}, 18), ("/units", {}, 7), (f"/units/{unit(world.district)}/people", {}, 11),
    ):  # fmt: skip
        for limit in (1, 3):
            with django_assert_num_queries(count):
                ask(key, url, limit=limit, **query)
