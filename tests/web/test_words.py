"""Numbers, dates and texts as readers of each language see them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from django import forms
from django.template import engines
from django.utils.translation import override

import weineng
from weineng.kernel.clock import CIVIL
from weineng.web.shell.verbs import VERBS
from weineng.web.templatetags import words


def as_query(address):
    return dict(parse_qsl(address.lstrip("?")))


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(0, "0.0"), (2249, "49.9"), (2250, "50.0"), (2254, "50.0"), (2255, "50.1"), (None, "–"), (54000, "1200.0")],
)
def test_periods_are_rounded_down(minutes, shown):
    assert words.periods(minutes) == shown


def test_a_share_says_hundred_only_when_everybody_is_there():
    assert [words.share(a, b) for a, b in ((199, 200), (200, 200), (0, 3), (1, 0), (None, 5))] == [
        "99%",
        "100%",
        "0%",
        "–",
        "–",
    ]


AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 17:00 in China


@pytest.mark.parametrize(
    ("language", "shown", "other_year"),
    [
        ("zh-hans", "11\u670823\u65e5(\u5468\u4e00)17:00", "2025\u5e7411\u67089\u65e5(\u5468\u65e5)"),
        ("zh-hant", "11\u670823\u65e5(\u9031\u4e00)17:00", "2025\u5e7411\u67089\u65e5(\u9031\u65e5)"),
        ("en", "Mon 23 Nov, 17:00", "Sun 9 Nov 2025"),
    ],
)
def test_dates_speak_the_readers_language(set_clock, language, shown, other_year):
    set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    with override(language):
        assert words.moment(AT) == shown
        assert words.day(date(2025, 11, 9)) == other_year


def test_an_instant_late_in_the_evening_belongs_to_the_civil_day(set_clock):
    set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    with override("en"):
        assert words.day(datetime(2026, 3, 1, 16, 30, tzinfo=UTC)) == "Mon 2 Mar"
        assert [words.away(date(2026, 3, day)) for day in (1, 2, 6)] == ["today", "tomorrow", "in 5 days"]
        assert [words.away(date(2026, 2, day)) for day in (28, 27)] == ["yesterday", "2 days ago"]
        assert not words.is_past(date(2026, 3, 1))
        assert words.is_past(date(2026, 2, 28))


def test_sizes_lengths_and_numbers():
    assert [words.size(n) for n in (0, 999, 1000, 482_133, 734_003_200, 2_500_000_000)] == [
        "0 B", "999 B", "1 kB", "482 kB", "734 MB", "2.5 GB",
    ]  # fmt: skip
    assert [words.duration(n) for n in (5, 245, 3729)] == ["0:05", "4:05", "1:02:09"]
    assert words.number(1126) == "1,126"


def test_texts_in_three_languages_fall_back():
    with override("en"):
        assert words.in_language({"zh-hans": "A", "zh-hant": "B", "en": ""}) == "A"
        assert words.in_language(None) == ""


def test_ids_in_pages_are_opaque_and_the_same_everywhere(world):
    from weineng.organisations.models import Unit

    unit = Unit.objects.get(pk=world.maths)
    template = engines["django"].from_string('{{ unit|oid }} {{ pk|oid:"organisations.unit" }}')
    first, second = template.render({"unit": unit, "pk": unit.pk}).split()
    assert first == second
    assert len(first) == 13
    assert str(unit.pk) != first


def test_every_verb_an_action_writes_into_the_log_has_words():
    package = Path(weineng.__file__).parent
    written = {
        verb for place in package.rglob("*.py") for verb in re.findall(r'verb="(\w+\.\w+)"', place.read_text("utf-8"))
    }
    assert len(written) > 100
    assert written - set(VERBS) == set()
    assert list(VERBS) == sorted(VERBS)


@pytest.mark.parametrize(
    ("language", "required", "long", "whole"),
    [
        (
            "en",
            "This field is required.",
            "Ensure this value has at most 3 characters (it has 5).",
            "Enter a whole number.",
        ),
        ("zh-hans", "请填写或选择此项。", "最多3个字符，现在有5个。", "请输入整数。"),
        ("zh-hant", "請填寫或選擇此項。", "最多3個字元，現在有5個。", "請輸入整數。"),
    ],
)
def test_what_is_wrong_with_a_field_says_what_to_do(language, required, long, whole):
    class Form(forms.Form):
        needed = forms.CharField()
        short = forms.CharField(max_length=3)
        number = forms.IntegerField()

    with override(language):
        wrong = Form({"needed": "", "short": "一二三四五", "number": "x"}).errors
        assert {name: list(said) for name, said in wrong.items()} == {
            "needed": [required],
            "short": [long],
            "number": [whole],
        }


def test_what_a_form_sends_of_itself_is_not_taken_for_what_somebody_wrote():
    sent = ("id-card", "exmzkemxh1604", "2026-11-23", "09:00", "3", "", "写了一半", "Half a sentence.")
    assert [text for text in sent if words.reads_as_text(text)] == ["写了一半", "Half a sentence."]


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "甲。乙。"), ("zh-hant", "甲。乙。"), ("en", "甲。 乙。")])
def test_two_sentences_stand_apart_as_their_language_has_it(language, said):
    with override(language):
        assert engines["django"].from_string("甲。{% gap %}{% if 1 %}乙。{% endif %}").render({}) == said


SENTENCES = re.compile(
    r"""[.?!](?:" %\}|\{% endblocktranslate %\})(?:\{% endif %\})*\s+(?:\{% (?:if|elif|else)[^%]*%\})*\{% (?:block)?translate"""
)


def test_no_page_puts_a_space_between_two_sentences_of_chinese():
    folder = Path(weineng.__file__).parent / "web/templates"
    found = [(path.name, hit[0]) for path in folder.rglob("*.html") for hit in SENTENCES.finditer(path.read_text())]
    assert found == []
