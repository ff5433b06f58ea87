"""Parameters as text: agents, IRIs, registrations and instants that can be read, and what cannot."""

import pytest

from tests.statements.test_document_rules import code_of
from weineng.feeds.xapi.parameters import iri, moment, single_agent, uuid

ACCOUNT = '{"account":{"homePage":"https://x.cn","name":"甲"}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"mbox":"mailto:a@x.cn"}', '{"objectType":"Agent","name":"甲","mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}',
        '{"openid":"https://x.cn/a"}', ACCOUNT,
    ],
)  # fmt: skip
def test_agents(text):
    assert single_agent({"agent": text}, "agent")


@pytest.mark.parametrize(
    "text",
    [
        "", "true", "not JSON", "[]", "{}", '{"name":"甲"}', '{"mbox":"a@x.cn"}', '{"mbox":"mailto:a"}', '{"mbox":["mailto:a@x.cn"]}',
        '{"mbox_sha1sum":"ebd3"}', '{"openid":"a"}', '{"account":"a"}', '{"account":{"homePage":"https://x.cn"}}',
        '{"account":{"homePage":"x","name":"a"}}', '{"account":{"homePage":"https://x.cn","name":1}}',
        '{"account":{"homePage":"https://x.cn","name":"a","more":1}}', '{"objectType":"Group","mbox":"mailto:a@x.cn"}',
        '{"objectType":"Person","mbox":["mailto:a@x.cn"]}', '{"mbox":"mailto:a@x.cn","openid":"https://x.cn"}',
        '{"mbox":"mailto:a@x.cn","name":1}', '{"mbox":"mailto:a@x.cn","more":1}', '{"mbox":"mailto:a@x.cn"', "[" * 20_000,
        '{"mbox":null}', '{"mbox":"mailto:a@x.cn\\ud800"}',
    ],
)  # fmt: skip
def test_what_is_no_agent(text):
    assert code_of(single_agent, {"agent": text}, "agent") == "parameter-unreadable"


def test_other_parameters():
    assert iri({"a": "tag:x.cn,2026:课"}, "a") == "tag:x.cn,2026:课"
    wrong = ("", "true", "x.cn/a", "https://x .cn", ":a", "a:", "1a:b")
    assert {code_of(iri, {"a": text}, "a") for text in wrong} == {"parameter-unreadable"}
    text = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"
    assert str(uuid({"a": text.upper()}, "a")) == text
    wrong = ("", "true", text[1:], f"{{{text}}}", f"urn:uuid:{text}", text.replace("-", ""))
    assert {code_of(uuid, {"a": word}, "a") for word in wrong} == {"parameter-unreadable"}
    same = ("2026-03-07T01:30:00Z", "2026-03-07T09:30:00+08:00", "2026-03-07T01:30:00.000", "2026-03-07t01:30:00z")
    assert {moment({"a": one}, "a").isoformat() for one in same} == {"2026-03-07T01:30:00+00:00"}
    wrong = ("", "not a timestamp", "2026-03-07", "2026-13-07T01:30:00Z", "T", "0001-01-01T00:00:00+08:00", "1")
    assert {code_of(moment, {"a": one}, "a") for one in wrong} == {"parameter-unreadable"}
