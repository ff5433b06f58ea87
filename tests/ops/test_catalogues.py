import gettext
import re
from pathlib import Path

import polib
import pytest

import weineng
from weineng.__main__ import main
from weineng.ops.catalogues import compile_catalogues, merge, misplaced, missing


def catalogue(place, **messages):
    place.parent.mkdir(parents=True, exist_ok=True)
    entries = "".join(f'msgid "{k}"\nmsgstr "{v}"\n\n' for k, v in messages.items())
    place.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{entries}', encoding="utf-8")


def test_parts_win_over_the_catalogue_and_are_compiled(tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    catalogue(folder / "django.po", Hours="old", Pass="kept")
    (folder / "parts").mkdir()
    (folder / "parts" / "anna.po").write_text('msgid "Hours"\nmsgstr "new"\n', encoding="utf-8")
    assert compile_catalogues(tmp_path) == 1
    with (folder / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert (read.gettext("Hours"), read.gettext("Pass"), read.gettext("Other")) == ("new", "kept", "Other")
    merge(folder).save(str(folder / "django.po"))
    assert {e.msgid: e.msgstr for e in polib.pofile(str(folder / "django.po"))} == {"Hours": "new", "Pass": "kept"}


def test_every_command_speaks_all_languages_from_the_first_one_on(monkeypatch):
    done = []
    monkeypatch.setattr("sys.argv", ["weineng", "export"])
    monkeypatch.setattr("weineng.__main__.compile_catalogues", lambda place: done.append(place))
    monkeypatch.setattr("weineng.__main__.execute_from_command_line", done.append)
    main()
    assert done == [Path(weineng.__file__).parent / "locale", ["weineng", "export"]]


def test_where_nothing_can_be_written_the_compiled_ones_are_used(tmp_path, monkeypatch):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    catalogue(folder / "django.po", Hours="old")
    monkeypatch.setattr("os.access", lambda place, _mode: place != folder)
    assert (compile_catalogues(tmp_path), sorted(p.name for p in folder.iterdir())) == (0, ["django.po"])


def test_what_is_not_translated_is_named_with_its_place(tmp_path):
    package = tmp_path / "package"
    (package / "web" / "templates").mkdir(parents=True)
    (package / "web" / "views.py").write_text(
        'from x import _\n\nA = _("Pass")\nB = _("It\'s late")\nC = other("No")\n'
        'D = pgettext("month", "May")\nE = say("a-code", {})\nF = say("Good")\nconsole.say("Done")\n'
    )
    (package / "web" / "templates" / "home.html").write_text(
        "{% load i18n %}<p title=\"{% translate 'Hours' %}\">\n"
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}</p>"
    )
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    catalogue(folder / "django.po", Pass="x")
    assert missing(package, folder) == {
        "It's late": "web/views.py:4",
        "month\x04May": "web/views.py:6",
        "Good": "web/views.py:8",
        "Hours": "web/templates/home.html:1",
        "%(n)s day": "web/templates/home.html:2",
    }


def test_a_translation_that_lost_or_misspelt_a_place_is_named(tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    catalogue(
        folder / "django.po",
        **{"%(a)s of %(b)s": "%(b)s, %(a)s", "{day} {time}": "{day}", "in %(n)s": "in %(m)s", "100 %%": "100 %%"},
    )
    with (folder / "django.po").open("a", encoding="utf-8") as file:
        file.write('msgid "one day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d d"\n')
    assert misplaced(folder) == {"{day} {time}": "{day}", "in %(n)s": "in %(m)s"}


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_every_translation_keeps_the_rules_of_the_glossary(language):
    folder = Path(weineng.__file__).parent / "locale" / language / "LC_MESSAGES"
    assert misplaced(folder) == {}
    texts = [text for entry in merge(folder) for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if "您" in text] == []
    assert [text for text in texts if re.search("[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff] (?=\\d|%\\()", text)] == []
    if language == "zh_Hant":
        assert [text for text in texts if re.search("[“”]|視頻|網絡|軟件|激活|打印|導入|默認|記錄|平臺|賬", text)] == []


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_no_two_parts_say_one_thing_differently(language):
    """The later one would win, and whoever wrote the other would not know."""
    said = {}
    for place in sorted((Path(weineng.__file__).parent / "locale" / language / "LC_MESSAGES" / "parts").glob("*.po")):
        for entry in polib.pofile(str(place), encoding="utf-8"):
            text = entry.msgstr or tuple(entry.msgstr_plural.values())
            said.setdefault((entry.msgctxt, entry.msgid), {})[place.name] = text
    assert {key: texts for key, texts in said.items() if len(set(texts.values())) > 1} == {}


# --- One word for one thing (docs/glossary.md) -----------------------------------------------------------------------
DECIDED_AGAINST = {
    "zh_Hans": (
        "参训",
        "基础文件",
        "细化文件",
        "主管部门",
        "管理机构",
        "身份号码",
        "研修形式",
        "分配给",
        "达标情况",
        "理由",
    ),
    "zh_Hant": (
        "參訓",
        "基礎文件",
        "細化文件",
        "管理機構",
        "身分號碼",
        "研修形式",
        "分配給",
        "操作紀錄",
        "達標情況",
        "理由",
    ),
}


def translations(language):
    place = Path(weineng.__file__).parent / "locale" / language / "LC_MESSAGES" / "django.po"
    return {(e.msgctxt, e.msgid): e.msgstr or "".join(e.msgstr_plural.values()) for e in polib.pofile(str(place))}


@pytest.mark.parametrize("language", sorted(DECIDED_AGAINST))
def test_words_that_were_decided_against_stand_nowhere(language):
    said = translations(language)
    assert len(said) > 2_000
    wrong = {key: text for key, text in said.items() if any(word in text for word in DECIDED_AGAINST[language])}
    assert wrong == {}


def test_a_persons_record_has_one_name_in_each_script():
    simplified, traditional = translations("zh_Hans"), translations("zh_Hant")
    about = {key for key, text in simplified.items() if "档案" in text}
    merging = {
        key
        for key, text in simplified.items()
        if re.search(r"\bmerg\w+ (two|with)|(two|both) records", key[1], re.IGNORECASE)
    }
    assert len(merging) > 8
    assert {key: simplified[key] for key in merging - about if "合并后" not in simplified[key]} == {}
    assert {
        key: traditional[key] for key in about if "檔案" in traditional[key] or "資料" not in traditional[key]
    } == {}
