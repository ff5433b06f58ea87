"""Documents as bytes: what merging makes of two, when a call may change one, what can be given back."""

from uuid import UUID

import pytest

from weineng.kernel.refusals import Refused
from weineng.statements.rules.documents import (
    NAME_LONGEST,
    Care,
    Condition,
    Context,
    Kind,
    check_condition,
    check_json,
    check_media_type,
    check_name,
    is_json,
    merged,
    place_of,
    tag_of,
)

DEEP = b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
NO_OBJECTS = [
    b"",
    b"[1]",
    b"1",
    b'"a"',
    b"null",
    b'{"a":}',
    b'{"a":1',
    b'{"a":1}{',
    b'{"a":NaN}',
    b'{"a":"\xff"}',
    b"{a:1}",
    DEEP,
]


def code_of(action, *given, **words):
    """The refusal, '' where there is none."""
    try:
        action(*given, **words)
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        (b'{"x":"foo","y":"bar"}', b'{"x":"bash","z":"faz"}', b'{"x":"bash","y":"bar","z":"faz"}'),
        (b'{"a":{"b":1,"c":2}}', b'{"a":{"b":3}}', b'{"a":{"b":3}}'),  # one level deep
        (
            b'{"a":1.10,"n":12345678901234567890123}',
            b'{"b": 1e400}',
            b'{"a":1.10,"n":12345678901234567890123,"b":1e400}',
        ),
        (b'{"a":1}', b"{}", b'{"a":1}'),
        (b"{}", b'{"a":null}', b'{"a":null}'),
        (b'{"a":1,"a":2}', b'{"b":1}', b'{"a":2,"b":1}'),
        ('{"名":"甲"}'.encode(), '{"名":"乙"}'.encode(), '{"名":"乙"}'.encode()),
    ],
)
def test_members_are_laid_over_each_other_in_the_text_they_were_written_in(before, after, result):
    assert merged(before, after) == result


@pytest.mark.parametrize("wrong", NO_OBJECTS)
def test_only_objects_are_merged(wrong):
    assert [code_of(merged, *pair) for pair in ((b"{}", wrong), (wrong, b"{}"))] == ["document-not-object"] * 2


def test_what_says_it_is_json_is_json():
    assert [code_of(check_json, text) for text in (b"{}", b"[1]", b"1", b"null", b' {"a": [true]} ')] == [""] * 5
    for wrong in (b"", b"{", b"{}{}", b"{'a':1}", b'"\xff"', b"tru", DEEP):
        assert code_of(check_json, wrong) == "document-not-json"
    assert [is_json(t) for t in ("application/json", "Application/JSON; charset=utf-8", "text/json", "", "application/jsonx")] == [
        True, True, False, False, False,
    ]  # fmt: skip


HAS, NOT, EXISTS = "a" * 40, "b" * 40, "document-exists"


@pytest.mark.parametrize(
    ("match", "none_match", "there", "putting", "posting"),
    [
        ("", "", None, "", ""),
        ("", "", HAS, EXISTS, ""),
        (f'"{HAS}"', "", HAS, "", ""),
        (f'W/"{HAS}"', "", HAS, "", ""),  # a proxy packed the answer
        (f'"{NOT}", "{HAS}"', "", HAS, "", ""),
        (f'"{NOT}"', "", HAS, "precondition-failed", "precondition-failed"),
        (f'"{HAS}"', "", None, "precondition-failed", "precondition-failed"),
        ("*", "", HAS, "", ""),
        ("*", "", None, "precondition-failed", "precondition-failed"),
        ("", "*", None, "", ""),
        ("", "*", HAS, "precondition-failed", "precondition-failed"),
        ("", f'"{HAS}"', HAS, "precondition-failed", "precondition-failed"),
        ("", f'"{NOT}"', HAS, "", ""),
        ("", f'"{NOT}"', None, "", ""),
        (f'"{HAS}"', f'"{NOT}"', HAS, "", ""),
    ],
)
def test_conditions(match, none_match, there, putting, posting):
    careful, free = Condition(match, none_match, Care.REPLACING), Condition(match, none_match)
    assert code_of(check_condition, careful, there, replacing=True) == putting
    assert code_of(check_condition, free, there, replacing=True) == posting
    always = Condition(match, none_match, Care.ALWAYS)
    silent = (match, none_match, there) == ("", "", None)
    assert code_of(check_condition, always, there, replacing=True) == ("condition-missing" if silent else putting)
    assert {code_of(check_condition, one, there, replacing=False) for one in (careful, free, always)} == {posting}


def test_a_tag_is_the_sha_1_of_the_content():
    assert tag_of(b"") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_no_two_documents_share_a_place():
    agents = [
        None,
        {"mbox": "mailto:a@x.cn"},
        {"mbox_sha1sum": "0" * 40},
        {"account": {"homePage": "https://x.cn", "name": "a"}},
    ]
    contexts = [
        Context(kind, agent=agent, activity=activity, registration=registration)
        for kind in Kind for agent in agents for activity in ("", "https://x.cn/1", "https://x.cn/1 ")
        for registration in (None, UUID(int=1))
    ]  # fmt: skip
    places = [
        place_of(source, context, name) for source in (1, 11) for context in contexts for name in ("a", "1", "a\n", "")
    ]
    assert len({*places}) == len(places) == 2 * 4 * 72
    same = Context(Kind.AGENT, agent={"objectType": "Agent", "name": "甲", "mbox": "mailto:a@X.cn"})
    assert place_of(1, same, "a") == place_of(1, Context(Kind.AGENT, agent=agents[1]), "a")


def test_names_and_media_types_that_can_be_given_back():
    assert [code_of(check_name, name) for name in ("a", "书签", "a" * NAME_LONGEST, " ")] == [""] * 4
    assert {code_of(check_name, name) for name in ("", "a\0", "a" * (NAME_LONGEST + 1))} == {"parameter-unreadable"}
    good = ("text/plain", "not/json", "application/json; charset=UTF-8", 'a/b; c="d e"')
    assert [code_of(check_media_type, kind) for kind in good] == [""] * 4
    bad = ("", "json", "a/b\r\nX: y", "a/b; c=\u4e00", "/b", "a b/c", "a/" + "b" * 254)
    assert {code_of(check_media_type, kind) for kind in bad} == {"content-type-unreadable"}
