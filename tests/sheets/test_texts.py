"""Every code has its sentence in the reader's language, and a marked file in any language is read again."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from tests.sheets.conftest import TODAY, file_of
from weineng.sheets import SchoolRegister, annotate_workbook, read_roster, read_workbook, say
from weineng.sheets.texts import TEXTS

SOURCE = Path(annotate_workbook.__code__.co_filename).parent


def test_every_code_in_the_source_has_a_sentence() -> None:
    codes = re.compile(
        r'"((?:id|name|school|date|phone|code|number|value|cell|too|file|quote|no|columns|status|help|sheet)-[a-z-]+)"'
    )
    used = {code for place in SOURCE.glob("*.py") for code in codes.findall(place.read_text(encoding="utf-8"))}
    assert used - TEXTS.keys() == set()


@pytest.mark.parametrize(
    ("language", "status"), [("en", "Check result"), ("zh-hans", "检查结果"), ("zh-hant", "檢查結果")]
)
def test_the_result_column_is_known_again_in_every_language(
    language: str, status: str, schools: SchoolRegister
) -> None:
    workbook = read_workbook(file_of("11").read_bytes(), "x.xlsx")
    reading = read_roster(workbook, schools=schools, today=TODAY)
    with translation.override(language):
        data = annotate_workbook(reading.table, reading.rows, say)
        again = read_roster(read_workbook(data, "x.xlsx"), schools=schools, today=TODAY)
    assert again.rows == reading.rows
    assert (again.unknown_columns, again.table.status_column) == ((), 16)
    assert again.table.sheet.rows[0][16] == status


def test_a_refusal_speaks_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert say("too-many-rows", {"limit": 5}) == "文件超过5行。请拆分后分别上传。"
