"""Sheets by command: counts, warnings and refusals say what a person at a terminal can act on."""

import pytest
from django.core.management import CommandError, call_command

from weineng.learning.models import Record

HEAD = "姓名,证件号码,学习方式,课程代码,日期,分钟"
ROSTER = "姓名,证件类型,证件号码,学校标识码,学校名称"


@pytest.fixture
def bring(tmp_path, p4, capsys):
    def bring(kind, text, *options):
        place = tmp_path / f"{kind}.csv"
        place.write_text(text)
        call_command("import", kind, str(place), "--programme", "p4-district", *options)
        said = capsys.readouterr()
        return said.out, said.err

    return bring


def test_rows_that_go_in_with_a_warning_are_counted_and_named(world, bring):
    number = world.teacher.number
    text = f"{HEAD}\n林晓岚,{number},线上,c1,2026-03-01,45\n别的人,{number},线上,c2,2026-03-02,45\n"
    sentence = "名册中此证件号码对应另一个姓名，请核对号码。"
    assert bring("hours", text, "--provider", "qingyun") == (
        "new=2 same=0 wrong=0 warning=1\n", f"row 3: look: name: name-differs: {sentence}\n"
    )  # fmt: skip
    assert Record.objects.count() == 2
    assert bring("hours", text, "--provider", "qingyun") == ("new=0 same=2 wrong=0 warning=0\n", "")


def test_columns_that_nobody_understood_are_named(world, bring):
    text = f"{HEAD},何人\n林晓岚,{world.teacher.number},线上,c1,2026-03-01,45,甲\n"
    _out, err = bring("hours", text, "--provider", "qingyun", "--dry-run")
    assert err == "columns not understood, passed over: 何人\n"
    _out, err = bring("roster", f"{ROSTER},属相\n林晓岚,居民身份证,{world.teacher.number},3151990032,\n", "--dry-run")
    assert err.splitlines()[0] == "columns not understood, passed over: 属相"


def test_a_roster_names_its_warnings_too(world, bring):
    text = f"{ROSTER}\n林晓岚,居民身份证,{world.teacher.number},3151990032,白石镇九年一贯\n"
    out, err = bring("roster", text, "--dry-run")
    assert out == "new=0 changed=0 same=1 wrong=0 warning=1 twice=0\n"
    assert err.startswith("row 2: look: school_name: school-name-differs: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--programme", "p9", "--provider", "qingyun"), "--programme p9: there is none; there is: p4-district."),
        (("--programme", "p4-district", "--provider", "qing"), "--provider qing: there is none; there is: qingyun."),
        (("--programme", "p4-district", "--provider", "qing", "--as", "teacher"), "--provider qing: there is none within your reach."),
        (("--programme", "p4-district"), "Hours need --provider; there is: qingyun."),
    ],
)  # fmt: skip
def test_a_wrong_option_is_named_with_what_there_is(world, p4, tmp_path, options, says):
    file = tmp_path / "hours.csv"
    file.write_text(f"{HEAD}\n林晓岚,{world.teacher.number},线上,c1,2026-03-01,45\n")
    with pytest.raises(CommandError) as refused:
        call_command("import", "hours", str(file), *options)
    assert (str(refused.value), refused.value.returncode) == (says, 2)
    assert Record.objects.count() == 0


def test_exports_name_a_wrong_programme_too(p4, tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("export", "standings", "--programme", "p9", "--out", str(tmp_path / "x.csv"))
    assert str(refused.value) == "--programme p9: there is none; there is: p4-district."
