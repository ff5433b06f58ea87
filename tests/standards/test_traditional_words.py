"""In traditional script the standard, the plans and the pages use the words of docs/glossary.md; official names keep theirs."""

import csv
import re
from pathlib import Path

import polib
import pytest

import weineng

PACKAGE = Path(weineng.__file__).parent
EDITION = PACKAGE / "standards/data/ecnu-2019-unofficial"
# What is said on the mainland → what is said here.
ELSEWHERE = {
    "視頻": "影片", "音頻": "音訊", "網絡": "網路", "信息": "資訊", "數據": "資料", "數字": "數位 (digital)", "軟件": "軟體",
    "硬件": "硬體", "屏幕": "螢幕", "鏈接": "連結", "設置": "設定", "反饋": "回饋", "交互": "互動", "文檔": "文件", "文件夾": "資料夾",
    "演示": "簡報, 示範", "課件": "教材", "字段": "欄位", "質量": "品質", "渠道": "管道", "採集": "蒐集", "彙總": "彙整", "身份": "身分",
    "打開": "開啟", "可視化": "視覺化", "查看": "檢視", "查找": "尋找", "壓縮包": "壓縮檔", "默認": "預設", "賬號": "帳號",
    "在線": "線上", "服務器": "伺服器", "數據庫": "資料庫", "用戶": "使用者", "鼠標": "滑鼠", "打印": "列印", "激活": "啟用",
    "緩存": "快取", "博客": "部落格", "短信": "簡訊", "互聯網": "網際網路",
}  # fmt: skip
# On pages these are said here too: to open a page, digits, to look at a list.
ON_PAGES = {"打開", "數字", "查看"}


def rows(name):
    with (EDITION / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def sentences():
    """Every text of the edition in traditional script but the names of the points, which are official."""
    for name in ("evidence.csv", "indicators.csv"):
        for row in rows(name):
            where = f"{name} {row['point']} {row['seq']}"
            yield from ((where, text) for column, text in row.items() if column.endswith("hant"))


def found_in(texts, words):
    return [(where, word, text) for where, text in texts for word in words if word in text]


def test_no_sentence_of_the_standard_is_in_the_words_of_elsewhere():
    assert found_in(sentences(), ELSEWHERE) == []
    assert sum(1 for _sentence in sentences()) > 500


def test_names_of_points_keep_their_official_characters():
    titles = {row["code"]: row["hant"] for row in rows("points.csv")}
    assert titles["A2"] == "數字教育資源獲取與評價"
    assert titles["A12"] == "評價數據的伴隨性採集"
    assert len(titles) == 30


def test_no_line_of_a_plan_is_in_the_words_of_elsewhere():
    lines = [
        (f"{place.name}:{number}", said)
        for place in sorted((PACKAGE / "programmes/plans").glob("*.yaml"))
        for number, line in enumerate(place.read_text(encoding="utf-8").split("\n"), 1)
        for said in re.findall(r"zh-hant: ['\"]?([^,}'\"]+)", line)
    ]
    assert found_in(lines, ELSEWHERE) == []
    assert len(lines) > 30


def test_no_message_of_a_page_is_in_the_words_of_elsewhere():
    folder = PACKAGE / "locale/zh_Hant/LC_MESSAGES"
    messages = [
        (f"{place.name} {entry.msgid[:40]}", text)
        for place in sorted(folder.glob("parts/*.po"))
        for entry in polib.pofile(str(place), encoding="utf-8")
        for text in ([entry.msgstr] if entry.msgstr else entry.msgstr_plural.values())
    ]
    assert found_in(messages, ELSEWHERE.keys() - ON_PAGES) == []
    assert len(messages) > 1_000


@pytest.mark.parametrize("name", ["points.csv", "evidence.csv", "indicators.csv"])
def test_every_line_of_the_standard_is_there_in_three_languages(name):
    """English has no Chinese left in it, simplified no traditional sign of the commonest, and nothing is empty."""
    for row in rows(name):
        for prefix in ("", "requirement_") if name == "evidence.csv" else ("",):
            hans, hant, english = (row[f"{prefix}{language}"].strip() for language in ("hans", "hant", "en"))
            assert hans, row
            assert hant, row
            assert re.fullmatch(r"[A-Z0-9][\x20-\x7e\u2010-\u201d×]+", english), english
            assert not set(hans) & set("個學與點評價資說師課實這"), hans
            assert not set(hant) & set("个学与点评价资说师课实这"), hant
