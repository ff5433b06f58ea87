"""Units and people in the browser's words: looked at, found, changed with a day, and taken back."""

import re
from datetime import date, datetime

import pytest

from tests.web.looking import press
from tests.web.reading import text
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.clock import CIVIL
from weineng.organisations.actions import found_unit
from weineng.organisations.models import Edge, Person, Posting, Unit
from weineng.organisations.queries import path_of
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)


@pytest.fixture
def visit(visitor, set_clock):
    set_clock(NOW)
    return visitor


def there(answer):
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[:4000]
    return answer.headers["Location"]


def unit(pk, tail=""):
    return f"/units/{oid(pk, 'organisations.unit')}/{tail}"


def person(member, tail=""):
    return f"/units/people/{oid(member.person, 'organisations.person')}/{tail}"


def word(pk):
    return oid(pk, "organisations.unit")


def names(page):
    return re.findall(r'<th scope="row" class="name"><a href="[^"]+">([^<]+)', page)


# --- Units ---------------------------------------------------------------------------------------------------------
def test_an_office_founds_renames_marks_corrects_and_closes_a_unit(world, visit):
    office = world.office
    assert 'value="school:primary"' in text(visit(office, unit(world.district, "found/"), role="office"))
    new = {
        "name": "锦霖区桃源中心小学附属幼儿园",
        "shape": "school:kindergarten",
        "stages": ["preschool"],
        "flags": ["rural"],
    }
    place = there(visit(office, unit(world.district, "found/"), new, "office"))
    row = Unit.objects.get(name=new["name"])
    assert (place, row.level, row.kind, row.code, row.flags) == (
        unit(row.pk),
        "school",
        "kindergarten",
        None,
        ["rural"],
    )
    assert new["name"] in text(visit(office, place, role="office"))
    again = visit(office, unit(world.district, "found/"), new, "office")
    assert (again.status_code, Unit.objects.filter(name=new["name"]).count()) == (422, 1)
    there(visit(office, unit(row.pk, "rename/"), {"name": "桃源幼儿园", "on": "2026-08-01"}, "office"))
    there(visit(office, unit(row.pk, "marks/"), {"flag": "pilot", "held": "1", "on": "2026-08-01"}, "office"))
    kind = {"kind": "special", "stages": ["special"], "code": "", "official_code": "1151990099", "place": "7"}
    there(visit(office, unit(row.pk, "details/"), kind, "office"))
    row.refresh_from_db()
    assert (row.name, row.flags, row.kind, row.official_code, row.place) == (
        "桃源幼儿园", ["pilot", "rural"], "special", "1151990099", 7,
    )  # fmt: skip
    page = text(visit(office, unit(row.pk), role="office"))
    assert new["name"] in page  # its former name stands in its history
    there(press(visit, office, unit(row.pk, "close/"), {"on": "2026-09-01"}, "office"))
    assert Unit.objects.get(pk=row.pk).closed_on == date(2026, 9, 1)
    assert "桃源幼儿园" in text(visit(office, f"{unit(world.district)}?state=closed", role="office"))
    there(visit(office, unit(row.pk, "close/"), {}, "office"))
    assert Unit.objects.get(pk=row.pk).closed_on is None
    full = visit(office, unit(world.nine_year, "close/"), {"on": "2026-09-01"}, "office")
    assert full.status_code == 422


def test_a_move_says_what_goes_along_and_is_taken_back(world, visit):
    moved = {"to": word(world.zone), "on": "2026-08-01", "reason": "布局调整"}
    lines, edges = Line.objects.count(), Edge.objects.count()
    told = text(visit(world.office, unit(world.vocational, "move/"), moved | {"do": "look"}, "office"))
    assert (Line.objects.count(), Edge.objects.count()) == (lines, edges)
    counts = re.findall(r"<li>(\d+)", told.split('class="after"')[1])
    assert counts == ["2", "6", "6"]  # two groups; everybody posted there
    there(press(visit, world.office, unit(world.vocational, "move/"), moved, "office"))
    assert world.zone in [row.pk for row in path_of(world.vocational)]
    there(visit(world.office, unit(world.vocational, "move/undo/"), {"reason": "误录"}, "office"))
    assert world.zone not in [row.pk for row in path_of(world.vocational)]
    same = visit(
        world.office, unit(world.vocational, "move/"), moved | {"to": word(world.district), "do": "look"}, "office"
    )
    assert same.status_code == 422
    assert visit(world.office, unit(world.vocational, "move/undo/"), {}, "office").status_code == 404


def test_a_unit_is_found_by_name_former_name_and_code(world, visit):
    def found(query):
        page = text(visit(world.office, f"{unit(world.district)}?q={query}", role="office"))
        return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)', page)

    nine = Unit.objects.get(pk=world.nine_year).name
    assert found("白石镇") == [nine]
    assert found("3151990032") == [nine]
    assert found("青石") == []
    there(visit(world.office, unit(world.nine_year, "rename/"), {"name": "白石实验学校", "on": "2026-08-01"}, "office"))
    assert found("九年一贯制") == ["白石实验学校"]


def test_who_may_not_see_or_change_a_unit_finds_nothing(world, visit):
    acts = ("found/", "rename/", "move/", "close/", "marks/", "details/")
    for member, role in ((world.wu, "office"), (world.cio, "cio"), (world.auditor, "auditor")):
        for tail in acts:
            assert visit(member, unit(world.nine_year, tail), role=role).status_code == 404
            assert visit(member, unit(world.nine_year, tail), {"name": "x"}, role).status_code == 404
    assert visit(world.wu, unit(world.nine_year), role="office").status_code == 404
    assert visit(world.cio, unit(world.nine_year), role="cio").status_code == 200
    assert visit(world.cio, unit(world.district), role="cio").status_code == 404
    assert visit(world.teacher, unit(world.nine_year)).status_code == 404


# --- People --------------------------------------------------------------------------------------------------------
def test_people_are_listed_found_and_narrowed(world, visit):
    here = unit(world.nine_year, "people/")
    everybody = {m.name for m in world.everybody if m.school == world.nine_year} | {world.two_posts.name}
    assert set(names(text(visit(world.cio, here, role="cio")))) == everybody
    assert names(text(visit(world.cio, f"{here}?q=lxl", role="cio"))) == [world.teacher.name]
    assert names(text(visit(world.cio, f"{here}?q=%E6%99%93%E5%B2%9A", role="cio"))) == [world.teacher.name]
    assert names(text(visit(world.cio, f"{here}?state=retired", role="cio"))) == [world.retired.name]
    assert names(text(visit(world.cio, f"{here}?state=no-post", role="cio"))) == [world.unplaced.name]
    without = {world.loner.name, world.principal.name}
    assert set(names(text(visit(world.cio, f"{here}?lacks=group", role="cio")))) == without
    assert names(text(visit(world.cio, f"{here}?lacks=identity", role="cio"))) == []
    assert names(text(visit(world.wu, unit(world.sibling, "people/") + "?q=lxl", role="office"))) == []
    assert visit(world.wu, here, role="office").status_code == 404


def test_a_number_is_masked_and_shown_in_full_only_for_a_reason_in_the_log(world, visit):
    number, page = world.teacher.number, person(world.teacher)
    for member, role in (
        (world.office, "office"),
        (world.cio, "cio"),
        (world.leader, "group-leader"),
        (world.teacher, ""),
    ):
        assert number not in text(visit(member, page, role=role))
    assert number[:3] + "*" in text(visit(world.cio, page, role="cio"))
    assert number[:3] + "*" not in text(visit(world.leader, page, role="group-leader"))
    ask = {"type": "id-card", "reason": "核对继续教育学分"}
    assert (
        text(visit(world.office, person(world.teacher, "number/"), ask | {"reason": ""}, "office"), 422).count(number)
        == 0
    )
    answer = visit(world.office, person(world.teacher, "number/"), ask, "office")
    assert number in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    line = Line.objects.get(verb="organisations.reveal_identity")
    assert (line.person, line.subject, reasons_of([line])[line.pk]) == (
        world.office.person,
        world.teacher.person,
        ask["reason"],
    )
    assert visit(world.cio, person(world.teacher, "number/"), ask, "cio").status_code == 404
    assert visit(world.wu, person(world.teacher, "number/"), ask, "office").status_code == 404


def test_a_cio_enters_corrects_and_posts_people(world, visit):
    new = {
        "name": "欧阳慕容", "gender": "f", "licence": "yes", "number_type": "id-card", "number": "", "unit": word(world.chinese),
        "on": "2026-09-01", "stage": "junior", "subject": "语文", "post": "教师", "establishment": "contract", "in_post": "in-post",
        "staff_number": "30001",
    }  # fmt: skip
    enter = unit(world.nine_year, "people/enter/")
    assert visit(world.cio, enter, new | {"number": "519901198505150011"}, "cio").status_code == 422
    page = there(visit(world.cio, enter, new, "cio"))
    row = Person.objects.get(name="欧阳慕容")
    post = Posting.objects.get(person=row)
    assert (post.unit_id, post.school_id, post.establishment) == (world.chinese, world.nine_year, "contract")
    known = {
        "name": "欧阳慕蓉",
        "gender": "f",
        "licence": "no",
        "number_type": "id-card",
        "number": "",
        "phone": "19900009999",
    }
    there(visit(world.cio, f"{page}details/", known, "cio"))
    row.refresh_from_db()
    assert (row.name, row.licence, row.phone) == ("欧阳慕蓉", False, "19900009999")
    change = f"/units/posts/{oid(post)}/"
    text(visit(world.cio, change, role="cio"))
    otherwise = {k: new[k] for k in ("stage", "subject", "post", "staff_number")} | {
        "form": "change", "unit": word(world.chinese), "on": "2026-09-01", "establishment": "established", "in_post": "long-leave",
    }  # fmt: skip
    before = Line.objects.count()
    told = text(visit(world.cio, change, otherwise | {"do": "look"}, "cio"))
    assert (Line.objects.count(), 'class="after"' in told) == (before, True)
    there(press(visit, world.cio, change, otherwise, "cio"))
    post = Posting.objects.get(person=row)
    assert (post.in_post, post.establishment) == ("long-leave", "established")
    change = f"/units/posts/{oid(post)}/"
    there(press(visit, world.cio, change, {"form": "end", "last_on": "2026-10-31"}, "cio"))
    assert Posting.objects.get(person=row).during.upper == date(2026, 11, 1)
    there(visit(world.cio, change, {"form": "unend"}, "cio"))
    assert Posting.objects.get(person=row).during.upper is None
    there(press(visit, world.cio, change, {"form": "begun", "on": "2026-08-01"}, "cio"))
    assert Posting.objects.get(person=row).during.lower == date(2026, 8, 1)


def test_an_office_transfers_and_gives_a_second_post(world, visit):
    post = {
        "unit": word(world.computing), "on": "2026-08-01", "stage": "vocational", "subject": "计算机应用", "post": "教师",
        "in_post": "in-post",
        "establishment": "established", "staff_number": "",
    }  # fmt: skip
    where = person(world.teacher, "transfer/")
    text(visit(world.office, where, role="office"))
    told = text(visit(world.office, where, post | {"do": "look"}, "office"))
    assert "计算机教研组" in told.split('class="after"')[1]
    assert Posting.objects.filter(person=world.teacher.person).count() == 1
    there(press(visit, world.office, where, post, "office"))
    assert Posting.objects.get(person=world.teacher.person, during__contains=NOW.date()).unit_id == world.computing
    second = post | {"unit": word(world.chinese), "last_on": "2027-06-30"}
    there(press(visit, world.office, person(world.teacher, "post/"), second, "office"))
    held = Posting.objects.filter(person=world.teacher.person, during__contains=NOW.date())
    assert sorted(held.values_list("unit", "home")) == sorted([(world.computing, True), (world.chinese, False)])
    foreign = post | {"unit": word(world.sibling_group), "do": "apply"}
    assert visit(world.office, where, foreign, "office").status_code == 422


def test_who_may_not_edit_people_finds_nothing(world, visit):
    post = Posting.objects.get(person=world.teacher.person)
    pages = (
        person(world.teacher, "details/"),
        person(world.teacher, "transfer/"),
        person(world.teacher, "post/"),
        f"/units/posts/{oid(post)}/",
    )
    for member, role in (
        (world.wu, "office"),
        (world.principal, "principal"),
        (world.auditor, "auditor"),
        (world.teacher, ""),
    ):
        for url in pages:
            assert visit(member, url, role=role).status_code == 404
            assert visit(member, url, {"form": "end", "last_on": "2026-09-01"}, role).status_code == 404
    assert visit(world.wu, person(world.teacher), role="office").status_code == 404
    assert visit(world.colleague, person(world.teacher)).status_code == 404
    assert visit(world.teacher, person(world.teacher)).status_code == 200


def test_everybody_comes_to_their_unit_or_to_themselves(world, visit):
    assert there(visit(world.office, "/units/", role="office")) == unit(world.district, "people/")
    assert there(visit(world.leader, "/units/", role="group-leader")) == unit(world.maths, "people/")
    assert there(visit(world.teacher, "/units/")) == person(world.teacher)


def test_many_units_are_searched_instead_of_listed(world, visit):
    for number in range(65):
        found_unit(
            by=world.office.actor, name=f"第{number:02}小学", level="school", kind="primary", parent=world.district
        )
    page = text(visit(world.office, person(world.teacher, "transfer/"), role="office"))
    assert 'name="find"' in page
    found = text(visit(world.office, person(world.teacher, "transfer/"), {"find": "第42", "do": "find"}, "office"))
    assert re.findall(r"<option value=\"\w+\"[^>]*>([^<]*第\d+小学)", found) == ["第42小学"]
