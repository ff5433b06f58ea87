"""Lists that are longer than one page: whatever is beyond the first page is found by going on, or by a search."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from tests.assessment.panel import enrolled, hand_in, through_advice
from tests.district import start_p4
from tests.planning.plans import enrol
from tests.progress.scene import Here
from tests.web.reading import text
from weineng.activities.actions import SessionPlan, plan_session
from weineng.activities.models import Session
from weineng.assessment.models import Assignment
from weineng.kernel.clock import CIVIL
from weineng.learning.models import Batch, Provider, RefusedRow
from weineng.organisations.effects import rebuild_closure, since
from weineng.organisations.models import Edge, Unit
from weineng.programmes.actions import enrol_people, enrol_school
from weineng.programmes.models import Enrolment, Exemption, Programme
from weineng.web.account import grants
from weineng.web.components.tables import Table
from weineng.web.programmes import enrolling
from weineng.web.progress import overviews, standing
from weineng.web.shell import crumbs, programmes
from weineng.web.shell.addresses import oid
from weineng.web.units import picking

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 9, tzinfo=CIVIL)


@pytest.fixture
def visit(visitor, set_clock):
    set_clock(NOW)
    return visitor


@pytest.fixture
def short(monkeypatch):
    """Every table's page has two rows."""
    begin = Table.__init__
    monkeypatch.setattr(Table, "__init__", lambda self, *args, **options: begin(self, *args, **(options | {"size": 2})))


def walk(visit, member, url, pattern, *, role="", prefix=""):
    """What fits the pattern on a page and on all that follow it, by their button; and how many pages those were."""
    met, pages, further = [], 0, ""
    while further is not None:
        page = text(visit(member, f"{url}{further}", role=role))
        met += re.findall(pattern, page)
        pages += 1
        found = re.search(rf'rel="next" href="(\?(?:[^"]*&amp;)?{prefix}after=[^"&]*)"', page)
        further = unescape(found[1]) if found else None
    return met, pages


def test_deliveries_and_refusals_of_a_platform(world, visit):
    provider = Provider.objects.get(code="qingyun")
    batches = Batch.objects.bulk_create(
        Batch(provider=provider, door="feeds", name=f"delivery-{n:02}", rows=1, at=NOW - timedelta(hours=n))
        for n in range(31)
    )
    RefusedRow.objects.bulk_create(
        RefusedRow(batch=batches[n % 2], place=n, source_id=f"source-{n:02}", status="refused", code="id-too-long")
        for n in range(21)
    )
    url = f"/learning/providers/{oid(provider)}/"
    met = walk(visit, world.office, url, r"delivery-\d\d", role="office", prefix="d-")
    assert met == ([f"delivery-{n:02}" for n in range(31)], 2)
    kept_out = walk(visit, world.office, url, r">(source-\d\d)<", role="office", prefix="r-")
    order = [f"source-{n:02}" for n in (*range(1, 21, 2), *range(0, 21, 2))]  # the newest delivery first
    assert kept_out == (order, 2)


def test_sessions_to_come(world, p4, visit):
    starts = NOW + timedelta(days=1)
    plan = SessionPlan(
        kind="school-research", form="lesson-study", title="coming-00", starts_at=starts, ends_at=starts + timedelta(minutes=90),
        duration=90, points=(), place_name="",
    )  # fmt: skip
    row = plan_session(by=world.leader.actor, unit=world.maths, programme=p4.code, plan=plan)
    for n in range(1, 21):
        row.pk, row.title = None, f"coming-{n:02}"
        row.starts_at, row.ends_at = (at + timedelta(days=1) for at in (row.starts_at, row.ends_at))
        row.save(force_insert=True)
    assert Session.objects.count() == 21
    met = walk(visit, world.teacher, "/sessions/", r"coming-\d\d", prefix="c-")
    assert met == ([f"coming-{n:02}" for n in range(21)], 2)


def test_the_group_a_session_is_planned_for_is_searched_among_many(world, p4, visit, monkeypatch):
    monkeypatch.setattr(picking, "FEW", 1)
    address = f"/sessions/plan/{oid(world.maths, 'organisations.unit')}/"
    page = text(visit(world.cio, "/sessions/", role="cio"))
    assert 'name="find"' in page
    assert "/sessions/plan/" not in page
    found = text(visit(world.cio, "/sessions/?find=数学", role="cio"))
    assert re.findall(r"/sessions/plan/\w+/", found) == [address]


@pytest.fixture
def running(world, visit):
    row = start_p4(world)
    for unit in (world.kindergarten, world.nine_year, world.vocational):
        enrol_school(by=world.office.actor, programme=row.pk, unit=unit, batch="pilot")
    return row


def test_schools_that_take_part_and_their_people(world, visit, running, short):
    url = f"/programmes/{oid(running)}/schools/"
    met = walk(visit, world.office, url, rf'{url}(\w+)/"', role="office")
    schools = {oid(unit, "organisations.unit") for unit in (world.kindergarten, world.nine_year, world.vocational)}
    assert (sorted(met[0]), met[1]) == (sorted(schools), 2)
    enrol_people(by=world.office.actor, programme=running.pk, unit=world.nine_year)
    people = [oid(row) for row in Enrolment.objects.filter(programme=running).order_by("pk")]
    inside = walk(
        visit,
        world.office,
        f"{url}{oid(world.nine_year, 'organisations.unit')}/",
        r"/programmes/enrolment/(\w+)/",
        role="office",
    )
    assert (sorted(inside[0]), inside[1]) == (sorted(people), (len(people) + 1) // 2)


def test_schools_that_could_take_part_are_paged_and_searched(world, visit, monkeypatch, short):
    monkeypatch.setattr(enrolling, "MOST", 2)
    running = start_p4(world)
    url = f"/programmes/{oid(running)}/schools/"
    picks = r'name="pick" value="(\w+)"'
    three = {oid(unit, "organisations.unit") for unit in (world.kindergarten, world.nine_year, world.vocational)}
    met = walk(visit, world.office, url, picks, role="office", prefix="out-")
    assert (set(met[0]), len(met[0]), met[1]) == (three, 3, 2)
    found = text(visit(world.office, f"{url}?find=职业", role="office"))
    assert re.findall(picks, found) == [oid(world.vocational, "organisations.unit")]
    assert re.findall(picks, text(visit(world.office, f"{url}?find=石桥", role="office"))) == []  # it moved away


def test_a_host_school_is_searched_among_many(world, visit, running, monkeypatch):
    office = Unit.objects.create(name="社会事业局", level="school", kind="office")
    Edge.objects.create(child=office, parent_id=world.district, during=since(None))
    rebuild_closure(office.pk)
    clerk = world.enter("简一", office.pk)
    enrol_school(by=world.office.actor, programme=running.pk, unit=office.pk, batch="pilot")
    enrol_people(by=world.office.actor, programme=running.pk, unit=office.pk)
    row = Enrolment.objects.get(person=clerk.person)
    url, school = f"/programmes/enrolment/{oid(row)}/", oid(world.nine_year, "organisations.unit")
    assert f'<option value="{school}"' in text(visit(world.office, url, role="office"))
    monkeypatch.setattr(picking, "FEW", 1)
    page = text(visit(world.office, url, role="office"))
    assert ('name="find"' in page, "<option" in page) == (True, False)
    assert re.findall(r'<option value="(\w+)"', text(visit(world.office, f"{url}?find=白石", role="office"))) == [
        school
    ]
    visit(world.office, f"{url}?find=白石", {"form": "host", "host": school}, "office")
    row.refresh_from_db()
    assert row.host_id == world.nine_year


def test_the_office_that_runs_a_programme_is_searched_among_many(world, visit, monkeypatch):
    monkeypatch.setattr(picking, "FEW", 1)
    option = f'<option value="{oid(world.district, "organisations.unit")}"'
    assert option not in text(visit(world.office, "/programmes/publish/", role="office"))
    assert option in text(visit(world.office, "/programmes/publish/?find=锦霖", role="office"))


def test_exemptions(world, visit, running, short):
    rows = [enrol(running, member) for member in (world.teacher, world.colleague, world.loner)]
    asked = {"demand": "online", "during": (NOW.date(), None), "asked_by": world.office.person}
    over = asked | {"granted_by": world.cio.person, "granted_at": NOW, "ended_at": NOW}
    Exemption.objects.bulk_create(Exemption(enrolment=row, reason=f"reason-{n}", **asked) for n, row in enumerate(rows))
    Exemption.objects.bulk_create(
        Exemption(enrolment=row, reason="x", end_reason=f"ended-{n}", **over) for n, row in enumerate(rows)
    )
    url = f"/programmes/{oid(running)}/exemptions/"
    assert walk(visit, world.office, url, r"reason-\d", role="office", prefix="w-") == (
        ["reason-2", "reason-1", "reason-0"],
        2,
    )
    assert walk(visit, world.office, url, r"ended-\d", role="office", prefix="d-") == (
        ["ended-2", "ended-1", "ended-0"],
        2,
    )


@pytest.fixture
def copies(world, visit):
    """Three programmes concern a teacher; the first is the newest."""
    first = start_p4(world)
    enrol(first, world.teacher)
    found = [first]
    for n in (1, 2):
        version = first.versions.get()
        row = Programme.objects.get(pk=first.pk)
        row.pk, row.code, row.started_on = None, f"p4-copy-{n}", first.started_on - timedelta(days=n)
        row.title = dict.fromkeys(row.title, f"programme-{n}")
        row.save(force_insert=True)
        version.pk, version.programme = None, row
        version.save(force_insert=True)
        Enrolment.objects.create(person_id=world.teacher.person, programme=row, version=version, since=first.started_on)
        found.append(row)
    return found


def test_of_many_programmes_one_beyond_the_switcher_can_be_chosen(world, visit, copies, monkeypatch, short):
    monkeypatch.setattr(programmes, "FEW", 1)
    page = text(visit(world.teacher, "/"), 302)
    assert page == ""
    listed = walk(visit, world.teacher, "/programme/", r'name="programme" value="(\w+)"')
    assert set(listed[0]) == {oid(row) for row in copies}
    assert visit(world.teacher, "/programme/", {"programme": oid(copies[2])}).status_code == 302
    shown = text(visit(world.teacher, "/messages/"))
    assert "programme-2" in shown
    outside = Programme.objects.create(code="elsewhere", title={"en": "x"}, started_on=NOW.date())
    assert visit(world.teacher, "/programme/", {"programme": oid(outside)}).status_code == 404


def test_programmes(world, visit, running, short):
    for n in range(3):
        row = Programme.objects.get(pk=running.pk)
        row.pk, row.code = None, f"more-{n}"
        row.save(force_insert=True)
    codes = walk(visit, world.office, "/programmes/", r"\b(p4-district|more-\d)\b", role="office")
    assert (codes[0], codes[1]) == (["more-2", "more-1", "more-0", "p4-district"], 2)


def test_reviews_that_wait_and_that_are_finished(world, p4, visit, set_clock, short):
    for member in (world.teacher, world.colleague, world.leader):
        enrolled(p4, member, "A1", "A2", "A3")
        for point in ("A1", "A2", "A3"):
            through_advice(world, hand_in(p4, member, point))
    rows = Assignment.objects.filter(role="panel", state="assigned", reviewer=world.panel[0].person)
    words = {oid(row) for row in rows}
    assert len(words) > 2
    member = world.panel[0]
    met, pages = walk(visit, member, "/review/", r"/review/(\w{13})/open/")
    assert (set(met), len(met), pages) == (words, len(words), (len(words) + 1) // 2)
    rows.update(state="done", done_at=NOW)
    met, pages = walk(visit, member, "/review/", r'href="/review/(\w{13})/"', prefix="f-")
    assert (set(met), len(met), pages) == (words, len(words), (len(words) + 1) // 2)


def test_who_waits_for_a_reviewer(world, p4, visit, set_clock, short):
    for member in (world.teacher, world.colleague, world.chinese_teachers[0]):
        through_advice(world, hand_in(p4, member))
    set_clock(NOW + timedelta(days=40))
    url = f"/review/stalled/{oid(world.nine_year, 'organisations.unit')}/"
    names = [member.name for member in (world.teacher, world.colleague, world.chinese_teachers[0])]
    met = walk(visit, world.cio, url, rf'<p><span class="name">({"|".join(names)})</span>', role="cio")
    assert (sorted(met[0]), met[1]) == (sorted(names), 2)


def test_more_people_than_a_list_shows_are_said_to_be_there(world, visit, monkeypatch):
    url = f"/accounts/roles/at/{oid(world.nine_year, 'organisations.unit')}/give/"
    said = "符合的人太多，请输入更完整的姓名。"
    assert said not in text(visit(world.cio, url, role="cio"))
    monkeypatch.setattr(grants, "FEW", 1)
    assert said in text(visit(world.cio, url, role="cio"))


def test_a_fold_of_siblings_that_is_cut_leads_to_all(world, p4, visit, monkeypatch):
    monkeypatch.setattr(crumbs, "MOST", 1)
    monkeypatch.setattr(overviews, "BESIDE", 0)
    school = oid(world.nine_year, "organisations.unit")
    above = oid(world.zone, "organisations.unit")
    unit = text(visit(world.office, f"/units/{school}/", role="office"))
    assert f'<a href="/units/{above}/">全部</a>' in unit
    assert f'<a href="/progress/unit/{above}/">全部</a>' in text(
        visit(world.office, f"/progress/unit/{school}/", role="office")
    )


def test_the_log_beside_the_requirements_leads_to_the_whole(world, visit, running, monkeypatch):
    monkeypatch.setattr(standing, "LINES", 1)
    enrol_people(by=world.office.actor, programme=running.pk, unit=world.nine_year)
    row = Enrolment.objects.get(person=world.teacher.person)
    Here(None, owner=world.district, leaf=world.maths, school=world.nine_year).recount(row.pk)
    page = text(visit(world.auditor, f"/progress/{oid(row)}/", role="auditor"))
    assert f'href="/log/people/{oid(world.teacher.person, "organisations.person")}/"' in page
