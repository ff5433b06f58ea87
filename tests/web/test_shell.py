"""The frame: languages, light and dark, refusals, errors, and what a browser may load."""

import re

import pytest
from django.conf import settings


@pytest.mark.parametrize("path", ["/", "/about/edition/", "/about/privacy/", "/about/accessibility/"])
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_public_pages_open_in_every_language(client, db, path, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(path)
    assert answer.status_code == 200
    lang = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}[language]
    assert f'<html lang="{lang}"' in answer.text


def test_no_script_or_style_stands_in_a_page_and_none_is_allowed_to(client, db):
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\bsrc=)", answer.text) == []


def test_what_is_not_there_is_our_own_page(client, db):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "<code>not-found</code>" in answer.text
