"""The table of standings: every demand in minutes and periods, reasons in words and codes, only what one reaches."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.progress.scene import ZONE, Scene, plan
from tests.standard import load_standard
from weineng.audit.models import Line
from weineng.insight.actions import export_standings
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.programmes.models import Programme
from weineng.programmes.rules import Demand
from weineng.progress.queries import standing_of
from weineng.sheets import Kind, read_workbook


@pytest.fixture
def scene(world, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    return Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)


@pytest.fixture
def standings(scene, world):
    """The teacher has finished, the colleague is 135 minutes short online; others elsewhere have not begun."""
    done, short = scene.enrol(world.teacher.person), scene.enrol(world.colleague.person)
    scene.finish(done)
    scene.choose(short, ["A1", "A3", "A5"])
    scene.hours(short, 765)
    others = [scene.enrol(m.person) for m in (world.kindergarten_teachers[0], world.sibling_teacher, world.loner)]
    scene.recount(done, short, *others)
    return scene.programme.pk


def by_name(table):
    return {row["name"]: row for row in table.rows}


def test_every_number_of_everybody_in_the_order_of_the_tree(standings, world):
    table = export_standings(by=world.office.actor, programme=standings)
    assert [row["name"] for row in table.rows] == [
        world.kindergarten_teachers[0].name, world.loner.name, world.teacher.name, world.colleague.name,
    ]  # fmt: skip
    teacher, colleague = by_name(table)[world.teacher.name], by_name(table)[world.colleague.name]
    assert teacher["path"] == "岷岭省 / 澄州市 / 锦霖区 / 城区片 / 锦霖区白石镇九年一贯制学校 / 数学教研组"
    assert (teacher["school"], teacher["group"]) == ("锦霖区白石镇九年一贯制学校", "数学教研组")
    assert teacher["identity"] == f"{world.teacher.number[:3]}{'*' * 13}{world.teacher.number[-2:]}"
    assert (teacher["total_minutes"], teacher["total_periods"], teacher["total_need"]) == (2250, 50.0, 50.0)
    assert (teacher["points_have"], teacher["points_need"], teacher["verdict_code"]) == (3, 3, "pass")
    assert (teacher["reasons"], teacher["reason_codes"], teacher["met"], teacher["asked"]) == ("", "", 7, 7)
    assert (colleague["online_minutes"], colleague["online_periods"], colleague["online_need"]) == (765, 17.0, 20.0)
    assert colleague["verdict_code"] == "in-progress"
    assert "minutes-short:demand=online:have=765:missing=135:need=900" in colleague["reason_codes"].split()
    assert table.form.columns[6].headings[0] == "在线网络课程：分钟"
    keys = {column.key for column in table.form.columns}
    assert [row.keys() - keys for row in table.rows] == [set()] * 4


def test_credits_are_credits_and_what_a_share_needs_is_rounded_up_as_on_the_page(world, set_clock):
    load_standard()
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    document = plan("p4-district")
    further = (
        Demand("credits", "credits", {"en": "Credits"}, 3000),
        Demand("part", "share", {"en": "Online"}, 0, kinds=("online",), share=33, of="total", base="required"),
    )
    points = replace(document.points, credits=1000, credits_for={"A1": 750})
    document = replace(document, demands=(*document.demands, *further), points=points)
    scene = Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    table = export_standings(by=world.office.actor, programme=scene.programme.pk)
    [row] = table.rows
    assert (row["credits_have"], row["credits_need"]) == (27.5, 30.0)
    assert (row["part_minutes"], row["part_periods"], row["part_need"]) == (900, 20.0, 16.6)  # 742.5 minutes are asked
    page = {demand.code: demand for demand in standing_of(world.teacher.actor, enrolment).demands}
    assert (page["credits"].have_text, page["credits"].need_text, page["part"].need_text) == ("27.5", "30", "16.6")
    kinds = {column.key: column.kind for column in table.form.columns}
    assert (kinds["credits_have"], kinds["credits_need"], kinds["points_have"]) == (
        Kind.NUMBER, Kind.NUMBER, Kind.INTEGER,
    )  # fmt: skip


def test_a_programme_with_a_profile_gives_a_column_to_each_cell(world, set_clock):
    load_standard()
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    document = replace(plan("p4-district"), profile=True)
    scene = Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year)
    enrolment = scene.enrol(world.teacher.person)
    scene.result(enrolment, "A3", "excellent")
    scene.recount(enrolment)
    table = export_standings(by=world.office.actor, programme=scene.programme.pk)
    cells = {key: value for key, value in table.rows[0].items() if key.startswith("profile_")}
    levels = Counter(cells.values())
    assert cells["profile_multimedia_teaching-design"] == "excellent"
    assert levels == {"none": 10, "excellent": 1, "not-applicable": 1}
    headings = {column.key: column.headings[0] for column in table.form.columns if column.key in cells}
    assert headings.keys() == cells.keys()
    assert headings["profile_smart_academic-assessment"] == "智慧学习环境：学业评价"


def test_each_takes_out_only_what_they_reach(standings, world):
    def names(who, **options):
        return {row["name"] for row in export_standings(by=who, programme=standings, **options).rows}

    own = {world.teacher.name, world.colleague.name, world.loner.name}
    assert names(world.cio.actor) == own
    assert names(world.kindergarten_cio.actor) == {world.kindergarten_teachers[0].name}
    assert names(world.wu.actor) == {world.sibling_teacher.name}
    assert names(world.office.actor, unit=world.maths) == {world.teacher.name, world.colleague.name}
    assert len(names(platform("ops"))) == 5
    for who, options in (
        (world.teacher.actor, {}), (world.auditor.actor, {}), (world.cio.actor, {"unit": world.kindergarten}),
        (world.wu.actor, {"unit": world.maths}),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            names(who, **options)
        assert refusal.value.code == "not-found"


def test_the_log_keeps_who_took_out_how_much(standings, world):
    export_standings(by=world.cio.actor, programme=standings)
    line = Line.objects.get(verb="insight.export_standings")
    assert (line.person, line.thing, line.facts) == (world.cio.person, standings, {"rows": 3})


def test_a_programme_without_a_document_is_refused(scene, world):
    bare = Programme.objects.create(code="bare", owner_id=world.district, title={})
    for programme, code in ((bare.pk, "programme-without-version"), (0, "not-found")):
        with pytest.raises(Refused) as refusal:
            export_standings(by=world.office.actor, programme=programme)
        assert refusal.value.code == code


def test_more_rows_ask_no_more(standings, scene, world):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            export_standings(by=world.office.actor, programme=standings)
        return len(asked)

    before = queries()
    more = [scene.enrol(m.person) for m in (world.leader, world.chinese_teachers[0])]
    scene.recount(*more)
    assert queries() == before


def test_the_command_writes_both_formats_with_the_same_values(standings, world, tmp_path, capsys):
    book, text = tmp_path / "standings.xlsx", tmp_path / "standings.csv"
    for place in (book, text):
        call_command("export", "standings", "--programme", "p4-district", "--out", str(place), "--as", "office")
    assert capsys.readouterr().out.splitlines() == [f"{book}: 4 rows", f"{text}: 4 rows"]
    sheet = read_workbook(book.read_bytes(), book.name).sheets[0]
    lines = list(csv.reader(io.StringIO(text.read_bytes().decode("utf-8-sig"))))
    assert len(lines) == 5
    written = [["" if value is None else value for value in row] for row in rows_of(sheet)]
    assert [[plain(value) for value in row] for row in written] == [[plain(value) for value in row] for row in lines]
    assert Line.objects.filter(verb="insight.export_standings", door="ops", person=world.office.person).count() == 2


def rows_of(sheet):
    return [list(row) for row in sheet.rows]


def plain(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--out", "x.pdf"], "must end in .xlsx or .csv"),
        (["--out", "x.csv", "--as", "nobody"], "no account has the sign-in name"),
        (["--out", "x.csv", "--as", "teacher"], "not-found"),
        (["--out", "x.csv", "--unit", "000"], "no unit has the code"),
        (["--out", "/nowhere/x.csv"], "cannot be written"),
    ],
)
def test_the_command_says_what_is_wrong(standings, options, says):
    with pytest.raises(CommandError, match=says):
        call_command("export", "standings", "--programme", "p4-district", *options)


@pytest.mark.slow
def test_a_unit_s_page_hands_the_same_table_out(standings, scene, world, client, sign_in):
    from weineng.accounts.models import Grant
    from weineng.kernel.ids import seal_id

    scene.programme.title = {"en": "P4"}
    scene.programme.save()
    here = f"/progress/unit/{seal_id('organisations.unit', world.nine_year)}/"

    def post(member, role):
        sign_in(client, member, f"grant:{Grant.objects.get(person=member.person, role=role).pk}")
        return client

    page = post(world.cio, "cio").get(here)
    assert f"{here}export/" in page.content.decode()
    book, text = (client.post(f"{here}export/", {"as": kind}) for kind in ("xlsx", "csv"))
    assert book["Content-Disposition"] == 'attachment; filename="standings-p4-district-2026-11-02.xlsx"'
    assert len(read_workbook(book.content, "x.xlsx").sheets[0].rows) == 4
    assert [line[3] for line in csv.reader(io.StringIO(text.content.decode("utf-8-sig")))][1:] == [
        world.loner.name, world.teacher.name, world.colleague.name,
    ]  # fmt: skip
    assert Line.objects.filter(verb="insight.export_standings", unit=world.nine_year).count() == 2
    assert f"{here}export/" not in post(world.leader, "group-leader").get("/progress/", follow=True).content.decode()
    for member, role in ((world.auditor, "auditor"), (world.wu, "office"), (world.kindergarten_cio, "cio")):
        assert post(member, role).post(f"{here}export/", {"as": "csv"}).status_code == 404
