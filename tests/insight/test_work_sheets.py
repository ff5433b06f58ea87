"""Hours and results from sheets: every refusal in words at its cell, warnings, times of day that change nothing."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from tests.planning.plans import enrol
from weineng.accounts.models import Grant
from weineng.assessment.models import Result
from weineng.insight.sheets import apply_hours, apply_results, read_hours, read_results
from weineng.kernel.clock import CIVIL
from weineng.learning.models import HoursSheet, Record
from weineng.organisations.rules import same_name

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
HEAD = "姓名,证件号码,学习方式,课程代码,日期,学时,分钟,记录编号,开始时间,结束时间"


@pytest.fixture
def hours(world, p4, set_clock):
    set_clock(NOW)

    def bring(*lines, dry_run=False):
        text = "\n".join((HEAD, *(line.format(number=world.teacher.number) for line in lines)))
        reading = read_hours(text.encode(), "学时.csv")
        return apply_hours(
            by=world.office.actor, provider="qingyun", rows=reading.rows, period_minutes=45, name="学时.csv", dry_run=dry_run
        )  # fmt: skip

    return bring


def test_the_sheet_counts_what_was_wrong_already_when_it_was_read(hours):
    good = "林晓岚,{number},线上,c1,2026-03-02,,60,,,"
    hours(good, "林晓岚,{number},线上,c2,2026-03-03,,,,,", "林晓岚,{number},线上,c3,二月,,60,,,")
    sheet = HoursSheet.objects.get()
    assert (sheet.rows, sheet.created, sheet.refused, sheet.unchanged) == (3, 1, 2, 0)


def told(rows):
    return [
        (row.verdict, [(issue.column, issue.code, str(issue.text)) for issue in (*row.errors, *row.warnings)])
        for row in rows
    ]


def times():
    rows = Record.objects.in_force().order_by("source_id")
    return {
        r.source_id: (r.event_on, r.starts_at.astimezone(CIVIL).time(), r.ends_at.astimezone(CIVIL).time())
        for r in rows
    }


def test_refusals_are_sentences_at_their_cell(hours):
    rows = hours(
        "林晓岚,{number},线上,c1,2026-03-01,0.55,,,,",
        "林晓岚,{number},线上,c1,2026-03-02,1,45,,,",
        "林晓岚,{number},线上,c1,2026-03-03,,,,,",
        "林晓岚,{number},线上,c1,2026-09-01,1,,,,",
        "林晓岚,{number},线上,c1,2026-03-04,,60,,25:00,",
        "林晓岚,{number},线上,c1,2026-03-05,,60,,10:00,09:00",
    )
    assert told(rows) == [
        ("error", [("periods", "fraction-of-minute", "0.55学时（每学时45分钟）不是整分钟。")]),
        ("error", [("minutes", "minutes-and-periods", "分钟和学时只能填一种。")]),
        ("error", [("minutes", "minutes-missing", "没有填写分钟数。")]),
        ("ok", []),
        ("error", [("start", "time-invalid", "")]),
        ("error", [("day", "ends-before-start", "结束日期早于开始日期。")]),
    ]


def test_another_name_or_an_unknown_number_is_a_warning(hours, world):
    unknown = "519901199001010119"[:17]
    number = next(n for last in "0123456789X" if (n := unknown + last) and _valid(n))
    rows = hours(
        "别的人,{number},线上,c1,2026-03-01,1,,,,",
        f"无名氏,{number},线上,c1,2026-03-01,1,,,,",
        " 林 晓岚 ,{number},线上,c2,2026-03-02,1,,,,",
        dry_run=True,
    )
    assert told(rows) == [
        ("warning", [("name", "name-differs", "")]), ("warning", [("id_number", "person-unknown", "")]), ("ok", []),
    ]  # fmt: skip
    assert Record.objects.count() == 0


def _valid(number):
    from weineng.sheets.cells import read_identity

    return read_identity(number, resident=True, today=date(2026, 9, 1))[1] is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("阿依·古丽", "阿依•古丽", True),
        ("林 晓岚", "林晓岚", True),
        ("Ｌｉｎ", "lin", True),
        ("林晓岚", "林晓兰", False),
    ],
)
def test_writings_of_a_name(one, other, same):
    assert same_name(one, other) is same


def test_two_lessons_of_a_day_follow_each_other_and_count_both(hours):
    hours(
        "林晓岚,{number},线上,c1,2026-03-01,2,,a,,",
        "林晓岚,{number},线上,c1,2026-03-01,1,,b,,",
        "林晓岚,{number},线上,c2,2026-03-01,1,,c,,",
        "林晓岚,{number},线上,c1,2026-03-02,1,,d,,",
    )
    assert times() == {
        "a": (date(2026, 3, 1), time(8), time(9, 30)), "b": (date(2026, 3, 1), time(9, 30), time(10, 15)),
        "c": (date(2026, 3, 1), time(10, 15), time(11)), "d": (date(2026, 3, 2), time(8), time(8, 45)),
    }  # fmt: skip


def test_part_of_the_sheet_again_in_another_order_is_known(hours):
    line = "林晓岚,{number},线上,c1,2026-03-01,"
    first, second = f"{line}2,,a,,", f"{line}1,,b,,"
    hours(first, second)
    before = times()
    assert [row.verdict for row in hours(second)] == ["duplicate-of"]
    assert [row.verdict for row in hours(second, first)] == ["duplicate-of", "duplicate-of"]
    third = hours("林晓岚,{number},线上,c1,2026-03-01,1,,c,,", first)
    assert [row.verdict for row in third] == ["ok", "duplicate-of"]
    assert times() == before | {"c": (date(2026, 3, 1), time(10, 15), time(11))}
    assert [row.verdict for row in hours("林晓岚,{number},线上,c1,2026-03-01,3,,a,,")] == ["error"]


def test_an_event_stays_on_its_day_however_long(hours):
    hours(
        "林晓岚,{number},线上,c1,2026-03-31,25,,a,,",
        "林晓岚,{number},线上,c1,2026-04-01,30,,b,,",
        "林晓岚,{number},线上,c2,2026-04-01,30,,c,,",
        "林晓岚,{number},线上,c3,2026-04-02,,300,d,22:00,",
        "林晓岚,{number},线上,c3,2026-04-03,,60,e,,01:00",
    )
    assert times() == {
        "a": (date(2026, 3, 31), time(0), time(18, 45)),
        "b": (date(2026, 4, 1), time(0), time(11, 59, 59)), "c": (date(2026, 4, 1), time(11, 59, 59), time(23, 59, 58)),
        "d": (date(2026, 4, 2), time(22), time(23, 59, 59)), "e": (date(2026, 4, 3), time(0), time(1)),
    }  # fmt: skip
    assert dict(Record.objects.values_list("source_id", "minutes").order_by("source_id")) == {
        "a": 1125, "b": 1350, "c": 1350, "d": 300, "e": 60,
    }  # fmt: skip


@pytest.fixture
def office(world, client, sign_in, set_clock, p4):
    set_clock(NOW)
    grant = Grant.objects.get(person=world.office.person, role="office")
    return sign_in(client, world.office, f"grant:{grant.pk}")


def marks(data):
    """(title, heading of the last column, row → (comment of any cell, text of the last column)) of a marked workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    rows = {
        row[0].row: ([cell.comment.text for cell in row if cell.comment], row[-1].value)
        for row in sheet.iter_rows(min_row=2)
    }
    return sheet.title, sheet.cell(1, sheet.max_column).value, rows


@pytest.mark.slow
def test_the_file_comes_back_with_its_marks_by_page_and_by_command(world, p4, office, tmp_path, capsys):
    number = world.teacher.number
    text = f"姓名,证件号码,学习方式,课程代码,日期,学时\n林晓岚,{number},线上,c1,2026-03-01,2\n林晓岚,{number},线上,c2,2026-03-01,0.55\n"
    wanted = (
        "学时", "检查结果",
        {2: ([], "正确"), 3: (["0.55学时（每学时45分钟）不是整分钟。"], "未导入: 0.55学时（每学时45分钟）不是整分钟。")},
    )  # fmt: skip
    file = SimpleUploadedFile("学时.csv", text.encode())
    where = office.post("/imports/hours/", {"file": file, "provider": "qingyun"}).headers["Location"]
    page = office.get(where).content.decode()
    assert "0.55学时（每学时45分钟）不是整分钟。" in page
    assert "periods" not in page.split("<main")[1]
    path, _mark, query = where.partition("?")
    assert marks(office.get(f"{path}annotated/?{query}").content) == wanted
    source, out = tmp_path / "学时.csv", tmp_path / "out.xlsx"
    source.write_text(text)
    arguments = ("import", "hours", str(source), "--programme", "p4-district", "--provider", "qingyun", "--dry-run")
    with pytest.raises(SystemExit):
        call_command(*arguments, "--annotated", str(out))
    assert "0.55学时（每学时45分钟）不是整分钟。" in capsys.readouterr().err
    assert marks(out.read_bytes()) == wanted


def test_a_roster_comes_back_with_its_marks(world, office):
    head = "姓名,证件类型,证件号码,学校标识码,学校名称,教研组"
    text = f"{head}\n田错,居民身份证,519901199001010110,3151990032,锦霖区白石镇九年一贯制学校,数学教研组\n"
    where = office.post("/imports/", {"file": SimpleUploadedFile("名册.csv", text.encode())}).headers["Location"]
    title, heading, rows = marks(office.get(f"{where}annotated/").content)
    assert (title, heading, list(rows)) == ("教师名册", "检查结果", [2])
    assert rows[2][0] == ["身份证件号码有误：末位校验码与前面的数字不符。"]
    assert rows[2][1].startswith("未导入")


def test_a_sheet_of_another_kind_is_named(office):
    answer = office.post(
        "/imports/hours/", {"file": SimpleUploadedFile("x.csv", "甲,乙,丙\n1,2,3\n".encode()), "provider": "qingyun"}
    )
    assert answer.status_code == 422
    assert "“学时”" in answer.content.decode()


def test_results_need_the_right_name_and_kind_of_number(world, p4, set_clock):
    set_clock(NOW)
    enrol(p4, world.teacher)
    head, number = "姓名,证件类型,证件号码,能力点,等级,认定日期", world.teacher.number

    def bring(*lines):
        reading = read_results("\n".join((head, *lines)).encode(), "结果.csv")
        return apply_results(
            by=world.office.actor, programme=p4.code, unit=world.district, rows=reading.rows, name="结果.csv"
        )

    rows = bring(
        f"别的人,居民身份证,{number},A1,合格,2026-05-01", f"林晓岚,护照,{number},A1,合格,2026-05-01",
        f"林晓岚,居民身份证,{number},A1,合格,2019-05-01", f"林晓岚,居民身份证,{number},Z9,合格,2026-05-01",
    )  # fmt: skip
    assert told(rows) == [
        ("error", [("name", "name-differs", "名册中此证件号码对应另一个姓名。")]),
        ("error", [("id_number", "person-unknown", "这里没有使用这个号码的人。")]),
        ("warning", [("decided_on", "before-the-cycle", "")]),
        ("error", [("point", "point-unknown", "标准中没有能力点Z9。")]),
    ]
    assert Result.objects.values_list("point", "level", "decided_on").get() == ("A1", "pass", date(2019, 5, 1))
    again = bring(f"林晓岚,居民身份证,{number},A1,优秀,2026-05-01")
    assert told(again) == [("error", [("level", "result-exists", "现有结果为合格；如有误，请用“改判”。")])]
