"""What a statement may be, word for word from the specification, in both versions: valid ones and, each differing from one in a
single place, those that are not."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from weineng.kernel.refusals import Refused
from weineng.statements.rules.comparing import same
from weineng.statements.rules.formats import bare, canonical, preferred
from weineng.statements.rules.keys import identity, key_of
from weineng.statements.rules.rows import digest_of, row_of
from weineng.statements.rules.statements import VOIDED, check
from weineng.statements.rules.times import first_at, instant, written

ID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
AGENT = {"objectType": "Agent", "name": "王老师", "mbox": "mailto:wang@example.com"}
ACCOUNT = {"account": {"homePage": "https://platform.example/", "name": "T1"}}
GROUP = {"objectType": "Group", "name": "数学组", "member": [AGENT, ACCOUNT]}
ACTIVITY = {
    "objectType": "Activity",
    "id": "https://platform.example/courses/1",
    "definition": {
        "name": {"zh-Hans": "第一课", "en-US": "Lesson 1"}, "description": {"en": "x"}, "type": "http://adlnet.gov/expapi/activities/lesson",
        "moreInfo": "https://platform.example/1", "interactionType": "choice", "correctResponsesPattern": ["a[,]b"],
        "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}], "extensions": {"https://x.example/e": {"any": [None]}},
    },
}  # fmt: skip
REFERENCE = {"objectType": "StatementRef", "id": ID}
FULL = {
    "id": ID,
    "actor": AGENT,
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed"}},
    "object": ACTIVITY,
    "result": {
        "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": True, "completion": False, "response": "",
        "duration": "PT12M30.5S", "extensions": {},
    },
    "context": {
        "registration": ID, "instructor": ACCOUNT, "team": GROUP, "revision": "1", "platform": "x", "language": "zh-Hans",
        "statement": REFERENCE, "extensions": {"https://x.example/e": None},
        "contextActivities": {"parent": [{"id": "https://x.example/p"}], "grouping": [], "category": [], "other": []},
    },
    "timestamp": "2026-03-01T08:00:00.123+08:00",
    "stored": "2026-03-01T08:00:00Z",
    "authority": ACCOUNT,
    "version": "1.0.3",
    "attachments": [
        {
            "usageType": "https://x.example/u", "display": {"en": "x"}, "description": {"en": "x"}, "contentType": "text/plain",
            "length": 3, "sha2": "a" * 64, "fileUrl": "https://x.example/f",
        }
    ],
}  # fmt: skip
SUB = {"objectType": "SubStatement", "actor": GROUP, "verb": {"id": "https://x.example/v"}, "object": ACTIVITY}
NOTHING = object()


def changed(path, value, whole=FULL):
    """The statement with another value at a place; `NOTHING`: without it."""
    copy = deepcopy(whole)
    *way, last = path.split("/")
    at = copy
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is NOTHING:
        del at[last]
    else:
        at[last] = value
    return copy


def passes(statement, new):
    try:
        check(deepcopy(statement), new=new)
    except Refused as refusal:
        return refusal.code != "statement-malformed"
    return True


def verdicts(statement):
    """Whether 1.0.3 and 2.0 take it."""
    return passes(statement, new=False), passes(statement, new=True)


BESIDE = {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["https://x.example/t"]}
TEAM = {"objectType": "contextGroup", "group": GROUP}
GOOD = [
    ("id", "6690E6C9-3EF0-4ED3-8B37-7F3964730BEE"), ("id", NOTHING), ("actor", GROUP), ("actor/objectType", NOTHING),
    ("actor", {"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}), ("actor", {"openid": "https://me.example/"}),
    ("actor", {"objectType": "Group", "mbox": "mailto:g@example.com"}), ("verb/display", NOTHING), ("object/objectType", NOTHING),
    ("object", {"id": "urn:x:1"}), ("object/definition", {}), ("result", {}), ("result/score/scaled", -1), ("result/duration", "P4W"),
    ("result/duration", "P3Y1M29DT4H35M59.14S"), ("context/instructor", GROUP), ("context/contextActivities/parent", ACTIVITY),
    ("timestamp", "2026-03-01T08:00:00"), ("timestamp", "20260301T080000Z"), ("version", "1.0"), ("version", "1.0.9"),
    ("authority", {"objectType": "Group", "member": [AGENT, ACCOUNT]}), ("attachments", []), ("context/language", "zh-cmn-Hans-CN"),
]  # fmt: skip
NEW_ONLY = [("version", "2.0.0"), ("context/contextAgents", [BESIDE]), ("context/contextGroups", [TEAM])]
BAD = [
    ("actor", NOTHING),
    ("verb", NOTHING),
    ("object", NOTHING),
    ("Actor", AGENT),
    ("extra", 1),
    ("id", "6690e6c9"),
    ("id", 1),
    ("id", None),
    ("actor", []),
    ("actor/mbox", "wang@example.com"),
    ("actor/mbox", "mailto:wang"),
    ("actor/mbox", NOTHING),
    ("actor/name", 1),
    ("actor/openid", "https://me.example/"),
    ("actor/member", []),
    ("actor/objectType", "agent"),
    ("actor/objectType", "Activity"),
    ("actor", {"mbox_sha1sum": "ebd3"}),
    ("actor", {"account": {"homePage": "platform.example", "name": "x"}}),
    ("actor", {"account": {"homePage": "https://platform.example"}}),
    ("actor", {"objectType": "Group"}),
    ("actor", {"objectType": "Group", "member": []}),
    ("actor", {"objectType": "Group", "member": [GROUP]}),
    ("actor", GROUP | ACCOUNT | {"openid": "https://me.example/"}),
    ("verb/id", "completed"),
    ("verb/id", NOTHING),
    ("verb/display", "x"),
    ("verb/display", {"something": "x"}),
    ("verb/display", {"en": None}),
    ("object/id", ""),
    ("object/id", NOTHING),
    ("object/objectType", "activity"),
    ("object/objectType", ["Activity"]),
    ("object/definition/name", []),
    ("object/definition/type", "lesson"),
    ("object/definition/extensions", {"x": 1}),
    ("object/definition/interactionType", NOTHING),
    ("object/definition/interactionType", "guess"),
    ("object/definition/interactionType", "likert"),
    ("object/definition/correctResponsesPattern", "a"),
    ("object/definition/choices", [{"id": "a"}, {"id": "a"}]),
    ("object/definition/choices", [{"description": {"en": "x"}}]),
    ("object", {"mbox": "mailto:a@example.com"}),
    ("object", {"objectType": "StatementRef"}),
    ("object", REFERENCE | {"extra": 1}),
    ("result", None),
    ("result/score/scaled", 1.1),
    ("result/score/raw", 11),
    ("result/score/raw", -1),
    ("result/score/min", 10),
    ("result/score/raw", "5"),
    ("result/score/raw", True),
    ("result/success", "true"),
    ("result/duration", "12:30"),
    ("result/duration", "P"),
    ("result/duration", "PT"),
    ("result/duration", "P4W1D"),
    ("result/response", 1),
    ("context/registration", "x"),
    ("context/team", AGENT),
    ("context/contextActivities/parents", []),
    ("context/contextActivities/parent", [AGENT]),
    ("context/language", "a12345678"),
    ("context/statement", {"id": ID}),
    ("context/platform", 1),
    ("timestamp", "2026-03-01"),
    ("timestamp", "yesterday"),
    ("timestamp", "2026-13-01T08:00:00Z"),
    ("timestamp", "2026-03-01T08:00:00-00:00"),
    ("timestamp", "2026-03-01T08:00:00-0000"),
    ("timestamp", "2026-03-01T08:00:00-00"),
    ("timestamp", 1),
    ("stored", "now"),
    ("version", "0.9.9"),
    ("version", "1.1.0"),
    ("version", 1),
    ("authority", GROUP | ACCOUNT),
    ("authority", {"objectType": "Group", "member": [AGENT]}),
    ("attachments", {}),
    ("attachments/0/sha2", NOTHING),
    ("attachments/0/length", "3"),
    ("attachments/0/usageType", "u"),
    ("attachments/0/display", NOTHING),
    ("attachments/0/fileUrl", "f"),
    ("attachments/0/contentType", NOTHING),
    ("context/contextAgents", [BESIDE | {"objectType": "Agent"}]),
    ("context/contextAgents", [BESIDE | {"agent": GROUP}]),
    ("context/contextAgents", [BESIDE | {"relevantTypes": []}]),
    ("context/contextAgents", [BESIDE | {"relevantTypes": ["t"]}]),
    ("context/contextGroups", [TEAM | {"group": AGENT}]),
]


def test_both_versions_take_what_the_specification_allows():
    assert [(path, value) for path, value in GOOD if verdicts(changed(path, value)) != (True, True)] == []
    assert verdicts(FULL) == (True, True)


def test_what_came_with_2_0_is_refused_before():
    assert [verdicts(changed(path, value)) for path, value in NEW_ONLY] == [(False, True)] * len(NEW_ONLY)


def test_both_versions_refuse_what_it_does_not():
    assert [(path, value) for path, value in BAD if verdicts(changed(path, value)) != (False, False)] == []
    assert [whole for whole in (None, [], "x", 1, {}) if verdicts(whole) != (False, False)] == []


def test_a_statement_inside_another_is_as_strict():
    plain = {"actor": AGENT, "verb": FULL["verb"], "object": SUB}
    assert verdicts(plain) == (True, True)
    wrong = [
        ("object/id", ID),
        ("object/object", SUB),
        ("object/authority", AGENT),
        ("object/actor/member/0/mbox", "x"),
        ("object/verb", {}),
    ]
    assert [verdicts(changed(path, value, plain)) for path, value in wrong] == [(False, False)] * len(wrong)
    held = changed("object/object", REFERENCE, plain)
    assert verdicts(held) == (True, True)


def test_what_is_only_for_statements_about_an_activity():
    for about in (AGENT, GROUP, REFERENCE):
        for name in ("platform", "revision"):
            whole = {"actor": AGENT, "verb": FULL["verb"], "object": about, "context": {name: "x"}}
            assert (verdicts(whole), verdicts(whole | {"context": {}})) == ((False, False), (True, True))


def test_who_voids_names_a_statement():
    whole = {"actor": AGENT, "verb": {"id": VOIDED}, "object": REFERENCE}
    assert (verdicts(whole), verdicts(whole | {"object": ACTIVITY})) == ((True, True), (False, False))


def test_what_can_be_written_in_two_ways_is_kept_in_one():
    one = changed("context/contextActivities/parent", {"id": "https://x.example/p"})
    check(one, new=True)
    assert one["context"]["contextActivities"]["parent"] == [{"id": "https://x.example/p"}]
    assert one["timestamp"] == "2026-03-01T00:00:00.123000Z"
    old = changed("timestamp", FULL["timestamp"])
    check(old, new=False)
    assert old["timestamp"] == FULL["timestamp"]


# --- Comparing -------------------------------------------------------------------------------------------------------
def test_which_differences_do_not_count():
    told = [
        ("verb/display", {"de": "fertig"}), ("object/definition", NOTHING), ("timestamp", "2026-03-01T00:00:00.123Z"), ("authority", AGENT),
        ("stored", "2027-01-01T00:00:00Z"), ("version", "1.0.0"), ("attachments", []), ("result/duration", "PT12M30.5S"),
        ("context/team", GROUP | {"member": [ACCOUNT, AGENT]}), ("actor/objectType", NOTHING),
    ]  # fmt: skip
    assert [path for path, value in told if not same(FULL, changed(path, value))] == []
    counts = [
        ("verb/id", "https://x.example/v"),
        ("object/id", "urn:x:1"),
        ("timestamp", "2026-03-01T00:00:00.124Z"),
        ("result", NOTHING),
        ("result/score/raw", 6),
        ("result/duration", "PT750.5S"),
        ("context/platform", "y"),
        ("actor/name", "李老师"),
        ("context/team", NOTHING),
    ]
    assert [path for path, value in counts if same(FULL, changed(path, value))] == []
    fine = changed("result/duration", "PT12M30.57S")
    assert same(fine, changed("result/duration", "PT12M30.5799S"))
    assert same(FULL, changed("timestamp", NOTHING))
    assert digest_of(FULL) == digest_of(dict(reversed(FULL.items())) | {"id": "x", "stored": "x"})


# --- What a statement is found by ------------------------------------------------------------------------------------
def test_keys_of_a_statement():
    whole = deepcopy(FULL) | {"actor": GROUP | ACCOUNT}
    row = row_of(7, ID, whole)
    mail, account = "mbox mailto:wang@example.com", "account https://platform.example/ T1"
    assert (row.actor, row.activity) == (key_of(7, "agent", account), key_of(7, "activity", ACTIVITY["id"]))
    assert (row.verb, row.registration) == (key_of(7, "verb", FULL["verb"]["id"]), key_of(7, "registration", ID))
    assert row.relations == {
        key_of(7, "named", mail), key_of(7, "named", account), key_of(7, "related", mail), key_of(7, "related", account),
        key_of(7, "around", "https://x.example/p"),
    }  # fmt: skip
    assert row_of(8, ID, whole).relations.isdisjoint(row.relations)
    inside = row_of(7, ID, {"actor": ACCOUNT, "verb": FULL["verb"], "object": SUB})
    assert (inside.activity, inside.target) == (None, None)
    assert inside.relations == {
        key_of(7, "related", mail), key_of(7, "related", account), key_of(7, "around", ACTIVITY["id"]),
    }  # fmt: skip


def test_identities():
    assert identity({"mbox": "mailto:Wang@Example.COM"}) == "mbox mailto:Wang@example.com"
    assert (identity(GROUP), identity({"openid": "https://me.example/"})) == ("", "openid https://me.example/")


def test_places_are_instants_in_order():
    at = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert (instant(first_at(at) + 4095), written(at)) == (at, "2026-03-01T08:00:00.123456Z")
    assert first_at(at, after=True) == first_at(at + timedelta(microseconds=1)) == first_at(at) + 4096
    assert first_at(datetime(9999, 1, 1, tzinfo=UTC)) == (1 << 63) - 1


# --- Formats ---------------------------------------------------------------------------------------------------------
def test_identifiers_only():
    shown = bare(FULL | {"actor": GROUP, "object": SUB})
    members = [{"mbox": "mailto:wang@example.com"}, ACCOUNT]
    assert shown["actor"] == {"objectType": "Group", "member": members}
    assert shown["verb"] == {"id": FULL["verb"]["id"]}
    assert shown["object"] == SUB | {"actor": shown["actor"], "object": {"id": ACTIVITY["id"]}}
    assert shown["context"]["team"] == shown["actor"]
    assert shown["context"]["contextActivities"]["parent"] == [{"id": "https://x.example/p"}]


def test_one_language_and_what_is_known():
    known = {ACTIVITY["id"]: {"name": {"en": "Lesson", "zh-Hant": "第一課"}, "type": "urn:x:t"}}
    shown = canonical(FULL, known, preferred("zh, en;q=0.5"))
    assert shown["object"]["definition"] == {"name": {"zh-Hant": "第一課"}, "type": "urn:x:t"}
    assert shown["verb"] == {"id": FULL["verb"]["id"], "display": {"en": "completed"}}
    own = canonical(FULL, {}, preferred("en-US"))["object"]["definition"]
    assert (own["name"], own["description"]) == ({"en-US": "Lesson 1"}, {"en": "x"})
    assert own["choices"] == [{"id": "a", "description": {"en": "A"}}, {"id": "b"}]


@pytest.mark.parametrize(
    ("header", "languages"),
    [("", []), ("en-GB,en;q=0.5, zh;q=0.8", ["en-gb", "zh", "en"]), ("de;q=0, *;q=0.1", ["*"]), ("en;q=x", [])],
)
def test_languages_wanted(header, languages):
    assert preferred(header) == languages
