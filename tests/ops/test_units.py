"""The tree from a csv file: the shared lists' words and codes, refusals that name the list, the same file twice."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from weineng.ops.management.commands.units import WORDS
from weineng.organisations.models import KINDS, LEVELS, STAGES, Unit

DISTRICT = Path(__file__).parents[1] / "sheets" / "dirty-workbooks" / "district-units.csv"


@pytest.fixture
def found(db, tmp_path, capsys):
    def found(*lines):
        file = tmp_path / "units.csv"
        file.write_text("\n".join(lines), encoding="utf-8-sig")
        call_command("units", str(file))
        return capsys.readouterr().out

    return found


def told():
    """The units founded here, beside those of the invented world."""
    fields = ("code", "official_code", "name", "level", "kind", "stages", "flags")
    return list(Unit.objects.filter(code__startswith="x").order_by("pk").values_list(*fields))


def test_chinese_headings_words_and_codes(found):
    lines = (
        "单位代码,学校标识码,名称,层级,类型,上级代码,学段,标记",
        "x1,,北原省,省,行政区,,,",
        "x2,510001,锦霖区,县级,區域,x1,,",
        "x3,,白石镇九年一贯制学校,学校,九年一貫制學校,x2,小学段；3,town;rural",
    )
    assert found(*lines) == "3 founded, 0 known already\n"
    assert told() == [
        ("x1", None, "北原省", "province", "area", [], []), ("x2", "510001", "锦霖区", "county", "area", [], []),
        ("x3", None, "白石镇九年一贯制学校", "school", "nine-year", ["primary", "junior"], ["rural", "town"]),
    ]  # fmt: skip
    assert found(*lines) == "0 founded, 3 known already\n"


def test_without_a_column_of_official_codes_the_code_is_the_official_one(found):
    found(
        "code,name,level,kind,parent,stages", "x1,北原省,province,area,,", "x2,实验小学,school,primary,x1,primary 初中"
    )
    assert [(*row[:2], row[5]) for row in told()] == [("x1", "x1", []), ("x2", "x2", ["primary", "junior"])]


def test_the_units_file_of_the_project(found):
    lines = DISTRICT.read_text(encoding="utf-8").replace("5190", "x190").replace("5199", "x199").splitlines()
    assert found(*lines) == f"{len(lines) - 1} founded, 0 known already; not read: former_names\n"
    codes = dict(Unit.objects.values_list("code", "official_code"))
    assert (codes["x19901T001"], codes["11x1990011"]) == (None, "11x1990011")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("x2,一小,school,primary,x1,小小", "line 3: stages: “小小” is none of 学前, 小学, 初中, 高中, 中职, 特教."),
        ("x2,一小,village,primary,x1,", ("line 3: level: “village” is none of province 省, city 市, county 县, "
         "zone 片区, school 学校, group 教研组.")),
        ("x2,一小,school,area,x1,", ("line 3: kind: a school cannot be “area”, only office, kindergarten, primary, junior, nine-year, "
         "twelve-year, complete-middle, senior, vocational, special, teaching-point.")),
        ("x2,一小,school,primary,x9,", "line 3: parent: no unit has the code x9."),
        (",一小,school,primary,x1,", "line 3: the code is missing."),
    ],
)  # fmt: skip
def test_a_refusal_names_line_column_and_list(found, line, says):
    with pytest.raises(CommandError) as refused:
        found("code,name,level,kind,parent,stages", "x1,北原省,province,area,,", line)
    assert str(refused.value).endswith(says)
    assert told() == []


def test_columns_that_lack_are_named_with_their_headings(found):
    with pytest.raises(CommandError) as refused:
        found("name,level,kind,parent,stages", "岷岭省,province,area,,")
    assert str(refused.value).endswith(
        "the column code is missing (it may also be called unit_code, 单位代码, 机构代码)."
    )


def test_every_word_of_the_tree_has_its_writings():
    assert [set(WORDS[name].values()) for name in ("level", "kind", "stages")] == [set(LEVELS), set(KINDS), set(STAGES)]
