"""The page for engineers is made from what the API says of itself: every operation, every field, every code."""

import json
import re
from html import unescape

import pytest

from weineng.feeds.xapi.codes import CODES
from weineng.ops.contract import served
from weineng.rest.refusals import MEANINGS

LANGUAGES = ("zh-hans", "zh-hant", "en")


@pytest.fixture
def page(client, db):
    def get(language="en"):
        client.cookies["weineng_language"] = language
        answer = client.get("/api/")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def operations():
    for path, methods in json.loads(served())["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_every_operation_and_every_code_in_three_languages(page, language):
    text = page(language)
    for method, path, operation in operations():
        assert f'<span class="method">{method}</span> <code>{path}</code>' in text
        assert f'id="{operation["operationId"]}"' in text
        for refusal in (*operation["x-refusals"], *operation.get("x-row-refusals", ())):
            assert f'<a href="#code-{refusal["code"]}">' in text
    used = {code for code in MEANINGS if f'id="code-{code}"' in text}
    assert used == MEANINGS.keys() - {"broken", "unavailable"}
    said = {"zh-hans": "查验证书。", "zh-hant": "查驗證書。", "en": "Check a certificate."}
    assert [said[other] in text for other in LANGUAGES] == [other == language for other in LANGUAGES]


def test_every_code_of_the_record_store_stands_below_with_its_status_and_its_meaning(page):
    below = page().partition('<section id="xapi-codes"><h2>Record store (xAPI)</h2>')[2]
    rows = re.findall(r'<tr id="xapi-code-([a-z-]+)">(.*?)</tr>', below, flags=re.DOTALL)
    cells = {code: [unescape(cell) for cell in re.findall(r"<td[^>]*>([^<]*)</td>", row)] for code, row in rows}
    assert (len(rows), cells) == (len(CODES), {code: [str(status), means] for code, (status, means) in CODES.items()})


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_no_sentence_of_it_is_left_in_english(page, language):
    text = re.sub(r"<(pre|script|code|title)\b.*?</\1>", "", page(language), flags=re.DOTALL)
    sentences = [
        said for said in re.findall(r">([^<>]+)<", text) if re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", said)
    ]
    assert sentences == []


def test_every_field_is_explained(page):
    text = page()
    forms = json.loads(served())["components"]["schemas"]
    for name, form in forms.items():
        if name != "Error":
            assert [
                field for field in form["properties"] if not re.search(rf"<code>[\w.\[\]]*\b{field}</code>", text)
            ] == [], name


def test_it_opens_without_a_database_query_and_without_anybodys_script(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        text = client.get("/api/").content.decode()
    assert re.findall(r"<script[^>]*>", text) == [
        found for found in re.findall(r"<script[^>]*>", text) if "/static/weineng/" in found
    ]
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []
    assert client.get("/").content.decode().count('href="/api/"') == 1


def test_both_tables_head_codes_as_those_of_errors(page):
    for language, says in (("zh-hans", "错误代码"), ("zh-hant", "錯誤代碼"), ("en", "Error code")):
        assert page(language).count(f'<th scope="col">{says}</th>') == 2
