"""Two records of one person: found, compared, merged and parted, each exactly as it was shown beforehand."""

import re
from datetime import date

import pytest
from django.db import connection

from tests.certification.conftest import certificate, p4, passed, scene  # noqa: F401 (somebody who has passed)
from tests.learning.test_accept_records import row as hours
from tests.learning.test_accept_records import send
from tests.settling import run_once
from tests.web.looking import press
from tests.web.reading import text
from tests.world import id_number
from weineng.accounts.actions import open_accounts
from weineng.accounts.models import Account, Grant
from weineng.assessment.models import Result
from weineng.certification.models import Certificate
from weineng.kernel.clock import today
from weineng.learning.models import Record
from weineng.organisations.actions import change_person, enter_person, merge_people, unmerge_people
from weineng.organisations.models import Merge, Person
from weineng.organisations.reach import units_below
from weineng.organisations.rules import Number, Post, mask
from weineng.progress.models import Standing
from weineng.progress.queries import figures_of
from weineng.web.shell.addresses import oid
from weineng.web.shell.following import what_follows

pytestmark = pytest.mark.slow

NOT_COMPARED = ("django_", "progress_drained", "accounts_account", "accounts_browsersession")
OUR_TABLES = "select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'"


@pytest.fixture
def visit(client, sign_in, certificate):  # noqa: F811 (fixture)
    def go(member, url, data=None, role=""):
        post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
        sign_in(client, member, post)
        return client.post(url, data) if data is not None else client.get(url)

    return go


@pytest.fixture
def twin(world, scene):  # noqa: F811 (fixture)
    """The teacher who has passed, entered once more by another school, with hours of their own."""
    row = enter_person(
        by=world.office.actor, name="林晓岚", post=Post(world.play, subject="学前综合"), on=date(2026, 2, 1), phone="19911112222",
    )  # fmt: skip
    enrolment = scene.enrol(row.pk)
    scene.hours(enrolment, 225, course="T", day=date(2026, 4, 1))
    scene.recount(enrolment)
    open_accounts(by=world.office.actor, unit=world.play, people=[row.pk])
    run_once()
    return row


def everything():
    """Every row of every table but those of sessions and loops (and, of accounts, when they were used): nothing may be kept."""
    accounts = list(Account.objects.order_by("pk").values("pk", "is_active", "yields_to"))
    with connection.cursor() as cursor:
        cursor.execute(OUR_TABLES)
        names = sorted(name for (name,) in cursor.fetchall() if not name.startswith(NOT_COMPARED))
        sums = (
            f"select '{n}', count(*), md5(string_agg(r::text, chr(10) order by r::text)) from \"{n}\" r" for n in names
        )
        cursor.execute(" union all ".join(sums))
        return {"accounts": accounts} | {name: (rows, digest) for name, rows, digest in cursor.fetchall()}


def person(pk, tail=""):
    return f"/units/people/{oid(pk, 'organisations.person')}/{tail}"


def pair(one, two):
    return person(one, f"merge/{oid(two, 'organisations.person')}/")


def sent(kept, **more):
    return {"kept": oid(kept, "organisations.person"), "reason": "同一位教师", **more}


def told(page):
    """The figures of a page on what follows: heading → its lines, without markup."""
    plain = re.sub(r"<[^>]+>", " ", page.split("<h2>", 1)[1])
    return re.sub(r"\s+", " ", plain)


def standings():
    rows = Standing.objects.order_by("enrolment", "demand")
    return {(row.enrolment_id, row.demand): (row.have, row.verdict) for row in rows}


def figures(world):
    """The figures of every unit of the district today."""
    programme = Standing.objects.order_by("pk").values_list("programme", flat=True).first()
    names = dict(units_below({world.district}).order_by("pk").values_list("pk", "name"))
    return {names[unit]: row for unit, row in figures_of(programme, list(names), today()).items()}


# --- Found ---------------------------------------------------------------------------------------------------------
def test_likely_twins_are_offered_with_what_they_have_in_common(world, visit, twin):
    page = text(visit(world.office, person(world.teacher.person, "merge/"), role="office"))
    assert re.findall(r'<a class="name" href="([^"]+)">([^<]+)', page) == [
        (pair(world.teacher.person, twin.pk), "林晓岚")
    ]
    change_person(by=world.office.actor, person=twin.pk, birth_date=date(1985, 5, 15), mail="TEACHER@example.invalid")
    page = text(visit(world.office, person(world.teacher.person, "merge/"), role="office"))
    assert len(re.findall(r'class="status info"', page)) == 3  # name, date of birth, mail
    named = text(visit(world.office, person(world.teacher.person, "merge/?q=陈亦舟"), role="office"))
    assert re.findall(r'<a class="name" href="([^"]+)', named) == [pair(world.teacher.person, world.colleague.person)]
    by_number = text(visit(world.office, person(world.teacher.person, f"merge/?q={world.loner.number}"), role="office"))
    assert re.findall(r'<a class="name" href="([^"]+)', by_number) == [pair(world.teacher.person, world.loner.person)]


def test_a_name_that_is_only_read_alike_is_called_so(world, visit, twin):
    change_person(by=world.office.actor, person=twin.pk, name="林小兰")
    page = text(visit(world.office, person(world.teacher.person, "merge/"), role="office"))
    assert re.findall(r'<a class="name" href="[^"]+">([^<]+)', page) == ["林小兰"]
    assert ("姓名读音相同" in page, "姓名相同" in page) == (True, False)


def test_the_list_of_people_finds_those_who_may_have_been_entered_twice(world, visit, twin):
    url = f"/units/{oid(world.district, 'organisations.unit')}/people/"
    page = text(visit(world.office, url, role="office"))
    chip = re.search(r'href="\?twice=1"[^>]*>(.*?)</a>', page, re.DOTALL)[1]
    assert re.findall(r"\w+", re.sub(r"<[^>]+>", " ", chip)) == ["可能重复录入", "2"]
    found = text(visit(world.office, f"{url}?twice=1", role="office"))
    assert re.findall(r'<th scope="row" class="name"><a href="([^"]+)', found) in (
        [person(world.teacher.person), person(twin.pk)], [person(twin.pk), person(world.teacher.person)],
    )  # fmt: skip
    school = text(visit(world.office, f"/units/{oid(world.nine_year, 'organisations.unit')}/people/", role="office"))
    assert "twice=1" not in school
    assert "twice=1" not in text(visit(world.auditor, url, role="auditor"))  # who may not merge is not asked to look


def test_no_record_of_another_office_is_offered_found_or_compared(world, visit, twin):
    change_person_of_sibling = Person.objects.filter(pk=world.sibling_teacher.person)
    change_person_of_sibling.update(name="林晓岚", name_order=Person.objects.get(pk=world.teacher.person).name_order)
    page = text(visit(world.office, person(world.teacher.person, "merge/"), role="office"))
    assert oid(world.sibling_teacher.person, "organisations.person") not in page
    found = text(
        visit(world.office, person(world.teacher.person, f"merge/?q={world.sibling_teacher.number}"), role="office")
    )
    assert oid(world.sibling_teacher.person, "organisations.person") not in found
    for url in (
        pair(world.teacher.person, world.sibling_teacher.person),
        pair(world.sibling_teacher.person, world.teacher.person),
    ):
        assert visit(world.office, url, role="office").status_code == 404
        assert visit(world.office, url, sent(world.teacher.person, do="apply"), "office").status_code == 404
    for member, role in (
        (world.cio, "cio"),
        (world.principal, "principal"),
        (world.auditor, "auditor"),
        (world.wu, "office"),
    ):
        assert visit(member, pair(world.teacher.person, twin.pk), role=role).status_code == 404
    assert Merge.objects.count() == 0


# --- Compared, merged, parted ----------------------------------------------------------------------------------------
def test_both_records_lie_side_by_side_with_numbers_masked(world, visit, twin, certificate):  # noqa: F811 (fixture)
    page = text(visit(world.office, pair(world.teacher.person, twin.pk), role="office"))
    one, two = (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)) for part in page.split('class="twin-side"')[1:3])
    minutes = sum(Record.objects.filter(person=world.teacher.person).values_list("minutes", flat=True))
    assert f" {minutes:,} ".replace(",", "") in one.replace(",", "")
    assert (" 225 " in two, certificate.number in one, certificate.number in two) == (True, True, False)
    assert (world.teacher.number in page, mask(world.teacher.number) in one) == (False, True)
    assert ("<code>teacher</code>" in page, Account.objects.get(person=twin.pk).name in two) == (True, True)


@pytest.mark.parametrize("kept", ["teacher", "twin"])
def test_what_follows_a_merge_and_its_undo_is_said_exactly_and_then_happens(world, visit, twin, certificate, kept):  # noqa: F811
    keep, lose = (world.teacher.person, twin.pk) if kept == "teacher" else (twin.pk, world.teacher.person)
    enrolments = dict(Standing.objects.filter(demand="overall").values_list("enrolment__person", "enrolment"))
    before, was, summed = everything(), standings(), figures(world)
    url = pair(world.teacher.person, twin.pk)
    page = text(visit(world.office, url, sent(keep, do="look"), "office"))
    assert everything() == before
    assert ("20 → 25" in told(page)) is (kept == "teacher")  # periods online, 20 of the one and 5 of the other
    assert (certificate.number in page) is (kept == "twin")  # the certificate names the record that goes
    following = what_follows(
        world.office.actor, lambda: merge_people(by=world.office.actor, kept=keep, gone=lose, reason="xx")
    )
    done = press(visit, world.office, url, sent(keep), "office")
    assert done.headers["Location"] == person(keep)
    run_once()
    now = standings()
    assert (enrolments[lose], "overall") not in now
    foretold = {
        (s.after.enrolment, d.code): (d.have, d.verdict) for s in following.stands if s.after for _old, d in s.demands
    }
    changed = {key: value for key, value in now.items() if was.get(key) != value and key[1] != "overall"}
    assert foretold == changed
    assert {f.unit: (f.before, f.after) for f in following.figures} == {
        name: (summed[name], after) for name, after in figures(world).items() if after != summed[name]
    }
    shown = text(visit(world.office, person(keep), role="office"))
    assert re.findall(r'href="/progress/([^"/]+)/"', shown) == [oid(enrolments[keep], "programmes.enrolment")]
    assert following.closing == (Account.objects.get(is_active=False, yields_to__isnull=False).name,)
    in_force = Certificate.objects.filter(revoked_at__isnull=True)
    assert (in_force.count(), in_force.get().person_id) == (1, keep)
    # … and back
    row = Merge.objects.get()
    assert f"/units/merges/{oid(row)}/undo/" in text(visit(world.office, person(keep), role="office"))
    before = everything()
    undo = text(visit(world.office, f"/units/merges/{oid(row)}/undo/", {"reason": "两个人", "do": "look"}, "office"))
    assert everything() == before
    assert ("25 → 20" in told(undo)) is (kept == "teacher")
    done = press(visit, world.office, f"/units/merges/{oid(row)}/undo/", {"reason": "两个人"}, "office")
    assert done.headers["Location"] == person(keep)
    run_once()
    assert standings() == was
    assert Account.objects.filter(person__in=[keep, lose], is_active=True).count() == 2
    assert Certificate.objects.get(revoked_at__isnull=True).person_id == world.teacher.person


def test_the_merged_records_page_says_where_it_went(world, visit, twin):
    merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="名册录了两次")
    page = text(visit(world.office, person(twin.pk), role="office"))
    assert re.search(r'class="note info".*?林晓岚', page, re.DOTALL)
    assert 'class="note info"' not in text(visit(world.office, person(world.teacher.person), role="office"))
    own = text(visit(world.teacher, person(world.teacher.person)))
    assert ("名册录了两次" in own, "/undo/" in own) == (True, False)


# --- Refused -------------------------------------------------------------------------------------------------------
def test_two_numbers_of_one_kind_have_to_be_decided(world, visit, twin):
    change_person(by=world.office.actor, person=twin.pk, numbers=[Number("id-card", id_number(800))])
    url, kept = pair(world.teacher.person, twin.pk), world.teacher.person
    page = text(visit(world.office, url, sent(kept, do="look"), "office"), 422)
    assert re.search(r'name="end_numbers"', page)
    assert "id-card" not in re.sub(r"<[^>]+>", " ", page)
    text(visit(world.office, url, sent(kept, do="look", end_numbers="on"), "office"))
    text(visit(world.office, url, sent(kept, do="apply", end_numbers="on"), "office"), 422)
    assert Merge.objects.count() == 0  # it has not been shown
    press(visit, world.office, url, sent(kept, end_numbers="on"), "office")
    assert Merge.objects.get().gone_id == twin.pk


def test_refusals_stand_beside_the_form_or_lead_to_the_record_in_force(world, visit, twin):
    url = pair(world.teacher.person, twin.pk)
    for form in (sent(world.teacher.person, reason=" "), sent(world.loner.person), {"reason": "x"}):
        assert visit(world.office, url, form | {"do": "apply"}, "office").status_code == 422
    same = visit(world.office, pair(twin.pk, twin.pk), role="office")
    assert same.headers["Location"] == person(twin.pk)
    merge_people(by=world.office.actor, kept=world.loner.person, gone=twin.pk, reason="xx")
    chained = visit(world.office, url, role="office")
    assert chained.headers["Location"] == pair(world.teacher.person, world.loner.person)
    late = text(visit(world.office, url, sent(twin.pk, do="apply"), "office"), 422)
    assert world.loner.name in late
    row = Merge.objects.get()
    merge_people(
        by=world.office.actor, kept=world.teacher.person, gone=world.loner.person, reason="xx", end_numbers=True
    )
    further = visit(world.office, f"/units/merges/{oid(row)}/undo/", {"reason": "xx", "do": "apply"}, "office")
    assert further.headers["Location"] == person(world.teacher.person)
    assert Merge.objects.filter(undone_at__isnull=True).count() == 2
    assert (
        visit(world.wu, f"/units/merges/{oid(row)}/undo/", {"reason": "xx", "do": "apply"}, "office").status_code == 404
    )


def test_results_of_both_stand_beside_each_other(world, visit, twin, scene):  # noqa: F811 (fixture)
    enrolment = Standing.objects.get(enrolment__person=twin.pk, demand="overall").enrolment_id
    scene.result(enrolment, "A1", "excellent")
    page = text(visit(world.office, pair(world.teacher.person, twin.pk), role="office"))
    assert Result.objects.filter(person=twin.pk).count() == 1
    assert (
        len(re.findall(r'class="status (?:done|refused)"', page.split('class="twin-side"')[2].split("</section>")[0]))
        == 1
    )


def test_the_roles_that_join_are_told_and_nobody_merges_themselves_into_one(world, visit, twin):
    world.grant(twin.pk, "group-leader", world.play)
    url = pair(world.teacher.person, twin.pk)
    looked = told(text(visit(world.office, url, sent(world.teacher.person, do="look"), "office")))
    assert re.findall(r"林晓岚在([^ ]+)担任([^ ]+)", looked) == [("学前综合教研组", "教研组长")]
    same = told(text(visit(world.office, url, sent(twin.pk, do="look"), "office")))
    assert "担任" not in same  # the kept record leads already, and none joins it
    own = pair(world.office.person, twin.pk)
    for do in ("look", "apply"):
        text(visit(world.office, own, sent(world.office.person, do=do, end_numbers="on"), "office"), 422)
    assert Merge.objects.count() == 0


def test_a_number_given_again_is_told_on_the_page_and_stays_only_if_one_says_so(world, visit, twin):
    number = Number("id-card", id_number(800))
    change_person(by=world.office.actor, person=twin.pk, numbers=[number])
    row = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="xx", end_numbers=True)
    enter_person(by=world.office.actor, name="林小岚", post=Post(world.play), on=date(2026, 3, 1), numbers=[number])
    url = f"/units/merges/{oid(row)}/undo/"
    assert 'name="leave_numbers"' not in text(visit(world.office, url, role="office"))
    page = text(visit(world.office, url, {"reason": "两个人", "do": "look"}, "office"), 422)
    assert ("林小岚" in page, 'name="leave_numbers"' in page) == (True, True)
    looked = text(visit(world.office, url, {"reason": "两个人", "do": "look", "leave_numbers": "on"}, "office"))
    assert 'type="hidden" name="leave_numbers" value="on"' in looked


def test_hours_that_came_in_between_are_counted_and_listed_before_two_are_parted(world, visit, twin):
    change_person(by=world.office.actor, person=twin.pk, numbers=[Number("passport", "E12345678")])
    row = merge_people(by=world.office.actor, kept=world.teacher.person, gone=twin.pk, reason="xx")
    had = {pk: Record.objects.filter(person=pk, void_of__isnull=True).count() for pk in (world.teacher.person, twin.pk)}
    sent_in = {"person_type": "passport", "person_number": "E12345678"}
    send(world, hours(world.teacher, "theirs", **sent_in), hours(world.teacher, "unclear", title="无号码的课"))
    Record.objects.filter(source_id="unclear").update(person_type="person", person_cipher=None, person_digest="")
    run_once()
    before = everything()
    looked = text(visit(world.office, f"/units/merges/{oid(row)}/undo/", {"reason": "两个人", "do": "look"}, "office"))
    assert everything() == before
    teacher, other = had[world.teacher.person], had[twin.pk]
    steps = re.findall(r"林晓岚 ： (\d+) → (\d+)", told(looked))
    assert steps == [(str(teacher + 2), str(teacher + 1)), (str(other), str(other + 1))]
    unclear = Record.objects.get(source_id="unclear")
    assert re.findall(r'href="(/learning/[^"]+)">([^<]+)', looked) == [(f"/learning/{oid(unclear)}/", "无号码的课")]
    unmerge_people(by=world.office.actor, merge=row.pk, reason="xx")
    run_once()
    assert Record.objects.get(source_id="theirs").person_id == twin.pk
