"""What we export comes back as nothing new, whatever stands in it; what was changed in it is what changes."""

import io

import openpyxl
import pytest

from tests.organisations.rosters import whole
from tests.world import id_number
from weineng.insight.sheets import export_roster_file, read_roster_file
from weineng.insight.sheets.marks import mark_row, recognise_row
from weineng.insight.sheets.rosters import template_file
from weineng.kernel.actors import platform
from weineng.organisations.actions import (
    change_person,
    enter_person,
    found_unit,
    merge_people,
    post_person,
    transfer_person,
)
from weineng.organisations.models import Person, Posting, Roster
from weineng.organisations.rules import Number, Post
from weineng.organisations.rules.rosters import PROBLEMS
from weineng.sheets import RosterValues, roster_texts, say, sentence
from weineng.sheets.formats import roster_format

pytestmark = pytest.mark.slow

SAME = {"new": 0, "changed": 0, "wrong": 0, "warning": 0, "twice": 0}
COLUMNS = [column.key for column in roster_format().columns]


@pytest.fixture
def odd(world):
    """Everybody whose row could not be read if it had not been written by us."""
    by = world.office.actor
    enter_person(by=by, name="无号", post=Post(world.maths, subject="数学"))
    enter_person(by=by, name="John Smith", post=Post(world.maths), numbers=[Number("passport", "E12345678")])
    change_person(by=by, person=world.teacher.person, phone="0755-1234567")
    change_person(by=by, person=world.colleague.person, phone="+8619900001234")
    enter_person(by=by, name="机器人", post=Post(world.maths, subject="机器人", staff_number="S3"))
    enter_person(by=by, name="高中", post=Post(world.maths, stage="senior", staff_number="S4"))
    for name, number in (("同名", 700), ("同掩", 710)):  # the same digits in sight, and the same staff number
        enter_person(
            by=by, name=name, post=Post(world.maths, staff_number="S5"), numbers=[Number("id-card", id_number(number))]
        )
    post_person(by=by, person=world.teacher.person, post=Post(world.chinese, subject="语文", staff_number="T1"))
    small = found_unit(by=by, name="锦霖区杨柳教学点", level="school", kind="teaching-point", parent=world.zone)
    enter_person(by=by, name="12", post=Post(small.pk, post="  主任  兼职 "))
    twin = enter_person(by=by, name="林晓岚", post=Post(world.play, subject="学前综合"))
    merge_people(by=by, kept=world.teacher.person, gone=twin.pk, reason="one person")
    return world


def out(world, unit=None, by=None, **call):
    return export_roster_file(by or world.office.actor, unit or world.district, **call)


def back(world, data, unit=None, by=None):
    return read_roster_file(by or world.office.actor, unit or world.district, data, "back.xlsx")


def rows_in(data):
    """The workbook, its first sheet, and name → row number (the first one of the name)."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    found = {}
    for row in range(2, sheet.max_row + 1):
        found.setdefault(sheet.cell(row, 1).value, row)
    return book, sheet, found


def put(sheet, row, **cells):
    for column, value in cells.items():
        sheet.cell(row, COLUMNS.index(column) + 1).value = value


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def wrong(sheet):
    return [(row.name, issue.column, issue.code) for row in sheet.judged for issue in row.errors]


@pytest.mark.parametrize("reason", ["", "yearly check"])
def test_an_export_sent_back_is_the_same(odd, reason):
    data = out(odd, reason=reason)
    before = whole()
    sheet = back(odd, data)
    assert wrong(sheet) == []
    assert sheet.counts == {"same": len(sheet.judged), **SAME}
    assert len(sheet.judged) == 30
    assert sheet.apply(odd.office.actor).outcome.roster is None
    assert whole() == before
    assert back(odd, data).outcome.absent == 0
    marked = rows_in(sheet.annotated(data))[1]
    assert marked.max_row == len(sheet.judged) + 1
    assert back(odd, sheet.annotated(data)).counts == sheet.counts


def test_an_office_above_sends_its_own_people_back(world):
    by = platform("ops")
    for unit, name in ((world.city, "市办甲"), (world.province, "省办乙")):
        enter_person(by=by, name=name, post=Post(unit, post="科员"), numbers=[Number("passport", f"P{unit}00000000")])
    for unit, people in ((world.province, 26), (world.city, 25)):
        sheet = back(world, out(world, unit, by), unit, by)
        assert wrong(sheet) == []
        assert sheet.counts == {"same": people, **SAME}


def test_staff_of_offices_come_in_by_roster(world):
    by = platform("ops")
    book = openpyxl.load_workbook(io.BytesIO(template_file(by, world.province)))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]][-1] != roster_format().by_key["row_mark"].headings[0]
    for row, (name, unit, place) in enumerate((("市办甲", "澄州市", 1), ("省办乙", "岷岭省", 2)), start=2):
        put(sheet, row, name=name, id_number=id_number(800 + place), school_name=unit, post="科员", in_post="在岗")
    read = back(world, saved(book), world.province, by)
    assert (wrong(read), read.counts["new"]) == ([], 2)
    read.apply(by)
    posts = Posting.objects.filter(person__name__in=["市办甲", "省办乙"]).order_by("unit__place")
    assert [(post.unit_id, post.school_id) for post in posts] == [(unit, unit) for unit in (world.province, world.city)]


def test_only_what_was_changed_in_an_export_changes(odd):
    """Beside a shortened number, or none at all, the mark of the row says who is meant."""
    book, sheet, found = rows_in(out(odd))
    put(sheet, found["无号"], subject="物理")
    put(sheet, found["John Smith"], phone="19900004321")
    second = next(row for row in range(found["林晓岚"] + 1, sheet.max_row + 1) if sheet.cell(row, 1).value == "林晓岚")
    put(sheet, second, post="组长")
    data = saved(book)
    read = back(odd, data)
    assert wrong(read) == [("林晓岚", "phone", "phone-invalid")]
    put(sheet, second, phone=None)
    read = back(odd, saved(book))
    assert wrong(read) == []
    assert (read.counts["changed"], read.counts["same"]) == (3, len(read.judged) - 3)
    read.apply(odd.office.actor)
    assert Posting.objects.filter(person__name="无号", during__upper_inf=True).get().subject == "物理"
    assert Person.objects.get(name="John Smith").phone == "19900004321"
    posts = Posting.objects.filter(person=odd.teacher.person, post="组长", during__upper_inf=True)
    assert posts.count() == 1
    assert posts.get().unit_id == _unit_of(sheet, second)
    assert Person.objects.get(pk=odd.teacher.person).phone == "0755-1234567"


def _unit_of(sheet, row):
    mark = sheet.cell(row, COLUMNS.index("row_mark") + 1).value
    return recognise_row(mark, ()).unit


def test_rows_that_were_not_touched_do_not_undo_what_happened_since(odd):
    data = out(odd)
    change_person(by=odd.office.actor, person=odd.leader.person, phone="19900007777")
    transfer_person(by=odd.office.actor, person=odd.loner.person, post=Post(odd.computing))
    before = whole()
    sheet = back(odd, data)
    assert sheet.counts == {"same": len(sheet.judged), **SAME}
    sheet.apply(odd.office.actor)
    assert whole() == before


def test_a_row_copied_for_somebody_new_is_somebody_new(odd):
    book, sheet, found = rows_in(out(odd))
    values = [cell.value for cell in sheet[found["曾国强"]]]
    sheet.append(values)
    put(sheet, sheet.max_row, name="新来", id_number=id_number(900), staff_number="N1", phone=None)
    read = back(odd, saved(book))
    assert (wrong(read), read.counts["new"], read.counts["changed"]) == ([], 1, 0)
    sheet.append(values)
    read = back(odd, saved(book))
    assert read.counts["twice"] == 1
    put(sheet, sheet.max_row, name="无证")  # whose number it is nobody can tell
    read = back(odd, saved(book))
    assert {(name, code) for name, _, code in wrong(read)} == {
        ("曾国强", "id-name-conflict"),
        ("无证", "id-name-conflict"),
    }


def test_without_the_marks_a_shortened_number_needs_a_staff_number(odd):
    book, sheet, _found = rows_in(out(odd))
    for row in range(1, sheet.max_row + 1):
        put(sheet, row, row_mark=None)
    read = back(odd, saved(book))
    told = {name: code for name, column, code in wrong(read) if column == "id_number"}
    empty, masked = ("无号", "12", "机器人", "高中"), ("John Smith", "林晓岚")
    assert told == dict.fromkeys(empty, "id-format") | dict.fromkeys(masked, "id-masked")
    assert (read.counts["new"], read.counts["changed"]) == (0, 1)  # +86 is taken off a phone


def test_a_wrong_name_beside_a_mark_is_told(odd):
    book, sheet, found = rows_in(out(odd))
    put(sheet, found["无号"], name="有号")
    assert wrong(back(odd, saved(book))) == [("有号", "name", "name-differs")]


def test_somebody_elses_export_brings_nobody_in(odd):
    """Rows of another office are not within reach, whatever their marks say; nothing is told of their people."""
    data = out(odd, odd.sibling, odd.wu.actor)
    sheet = back(odd, data, odd.nine_year, odd.cio.actor)
    assert {code for _, _, code in wrong(sheet)} == {"school-out-of-reach"}
    book, page, found = rows_in(data)
    for row in found.values():
        put(page, row, school_code="3151990032", school_name="锦霖区白石镇九年一贯制学校", group=None)
    sheet = back(odd, saved(book), odd.nine_year, odd.cio.actor)
    assert {code for _, _, code in wrong(sheet)} == {"works-elsewhere"}
    assert not Roster.objects.exists()


def test_a_row_whose_person_is_gone(odd):
    data = out(odd)
    gone = Person.objects.get(name="无号")
    Posting.objects.filter(person=gone).delete()
    gone.delete()
    sheet = back(odd, data)
    assert wrong(sheet) == [("无号", "name", "person-gone")]
    issue = next(issue for row in sheet.judged for issue in row.errors)
    assert sentence(issue, say) == str(PROBLEMS["person-gone"])


def test_a_mark_is_ours_for_this_row_only():
    values = RosterValues(
        **(dict.fromkeys(COLUMNS[:-1]) | {"name": "甲", "id_number": "519*************17", "unit": "u"})
    )
    texts = roster_texts(values)
    mark = mark_row(7, 9, values)
    own = recognise_row(mark, texts)
    assert (own.person, own.unit, own.unchanged) == (7, 9, True)
    assert recognise_row(mark, ("乙", *texts[1:])).unchanged is False
    other = mark_row(8, 9, values)
    assert recognise_row(f"{other[:28]}{mark[28:]}", texts).unchanged is False
    for foreign in ("", "x", mark[1:], mark.replace("-", ""), f"é{mark[1:]}", f"{mark[:-1]}é"[:14]):
        assert recognise_row(foreign, texts) is None
    assert recognise_row(f"{mark[:-1]}é", texts).unchanged is False
