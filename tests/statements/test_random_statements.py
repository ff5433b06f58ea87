"""Statements as no example has them: whatever the specification allows is stored in both versions, comes back as it was said, and is
found by what it names."""

import json
import uuid
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weineng.kernel.refusals import Refused
from weineng.statements.actions import accept_statements
from weineng.statements.describing import lately
from weineng.statements.queries import Asked, page_of, statement_of
from weineng.statements.rules.comparing import same
from weineng.statements.rules.keys import identity
from weineng.statements.rules.statements import PLACES, check

pytestmark = pytest.mark.slow

TEXT = st.text(max_size=8).map(lambda text: text.encode("utf-8", "ignore").decode())
PLAIN = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
IRI = st.builds(
    "{}:{}".format, st.sampled_from(["http", "urn", "tag", "https"]), st.builds("//{}.example/{}".format, PLAIN, PLAIN)
)
UUID = st.uuids().map(str)
LANGUAGES = st.dictionaries(
    st.sampled_from(["en", "zh-Hans", "zh-Hant-TW", "de-CH-1996", "x-own", "und"]), TEXT, max_size=3
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
EXTENSIONS = st.dictionaries(IRI, ANYTHING, max_size=2)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)).map(lambda at: at.isoformat())
DURATION = st.builds(
    "P{}DT{}H{}M{}S".format, *(st.integers(0, 50) for _ in range(3)), st.decimals(0, 60, places=2).map(str)
)


def whole(**needed):
    """Objects with these members, and `optional` ones or not."""
    optional = needed.pop("optional", {})
    return st.fixed_dictionaries(needed, optional=optional)


IDENTIFIED = st.one_of(
    whole(mbox=st.builds("mailto:{}@{}.example".format, PLAIN, PLAIN)),
    whole(mbox_sha1sum=st.text("0123456789abcdef", min_size=40, max_size=40)),
    whole(openid=IRI),
    whole(account=whole(homePage=IRI, name=TEXT)),
)
AGENT = st.builds(
    lambda who, more: who | more, IDENTIFIED, whole(optional={"name": TEXT, "objectType": st.just("Agent")})
)
MEMBERS = st.lists(AGENT, min_size=1, max_size=3)
GROUP = st.one_of(
    whole(objectType=st.just("Group"), member=MEMBERS, optional={"name": TEXT}),
    st.builds(
        lambda who, more: who | more, IDENTIFIED, whole(objectType=st.just("Group"), optional={"member": MEMBERS})
    ),
)
ACTOR = AGENT | GROUP
DEFINITION = whole(
    optional={"name": LANGUAGES, "description": LANGUAGES, "type": IRI, "moreInfo": IRI, "extensions": EXTENSIONS}
)
ACTIVITY = whole(id=IRI, optional={"objectType": st.just("Activity"), "definition": DEFINITION})
REFERENCE = whole(objectType=st.just("StatementRef"), id=UUID)
VERB = whole(id=IRI, optional={"display": LANGUAGES})
SCORE = whole(
    optional={
        "scaled": st.floats(-1, 1),
        "raw": st.integers(0, 10),
        "min": st.integers(-9, 0),
        "max": st.integers(10, 99),
    }
)
RESULT = whole(
    optional={
        "score": SCORE, "success": st.booleans(), "completion": st.booleans(), "response": TEXT, "duration": DURATION,
        "extensions": EXTENSIONS,
    }
)  # fmt: skip
AROUND = st.dictionaries(st.sampled_from(PLACES), ACTIVITY | st.lists(ACTIVITY, max_size=2))
CONTEXT = {
    "registration": UUID, "instructor": ACTOR, "team": GROUP, "contextActivities": AROUND, "language": st.just("zh"),
    "statement": REFERENCE, "extensions": EXTENSIONS,
}  # fmt: skip
MORE = {"result": RESULT, "timestamp": MOMENT}


def said(about, context, **more):
    return whole(actor=ACTOR, verb=VERB, object=about, optional={**MORE, "context": whole(optional=context), **more})


ON_ACTIVITY = said(ACTIVITY, CONTEXT | {"platform": TEXT, "revision": TEXT})
TYPED = st.builds(lambda agent: agent | {"objectType": agent.get("objectType", "Agent")}, ACTOR)
SUB = st.builds(lambda inner: {"objectType": "SubStatement", **inner}, ON_ACTIVITY)
STATEMENT = st.one_of(ON_ACTIVITY, said(TYPED | SUB | REFERENCE, CONTEXT))


@pytest.mark.parametrize("new", [True, False])
@given(st.lists(STATEMENT, min_size=1, max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_allowed_is_stored_and_found(world, new, statements):
    lately.forget()
    by = world.provider
    ids = accept_statements(by=by, statements=deepcopy(statements), new=new)
    assert (
        accept_statements(
            by=by, statements=[one | {"id": sid} for one, sid in zip(deepcopy(statements), ids, strict=True)], new=new
        )
        == ids
    )
    for sid, one in zip(ids, statements, strict=True):
        found = json.loads(statement_of(by, uuid.UUID(sid))[1])
        check(one, new=new)
        assert same(found, one)
        kept = {
            name: value
            for name, value in found.items()
            if name not in ("id", "stored", "authority", "version", "timestamp")
        }
        assert kept == {name: value for name, value in one.items() if name != "timestamp"}
        if who := identity(one["actor"]):
            assert sid in ids_of(by, agent=who)
        assert sid in ids_of(by, verb=one["verb"]["id"])
        if one["object"].get("objectType", "Activity") == "Activity":
            assert sid in ids_of(by, activity=one["object"]["id"], verb=one["verb"]["id"])


def ids_of(by, **asked):
    return [json.loads(body)["id"] for body in page_of(by, Asked(**asked)).bodies.values()]


@given(STATEMENT, st.data())
def test_a_member_that_nobody_knows_is_never_taken(statement, data):
    for new in (True, False):
        check(deepcopy(statement), new=new)
    place = data.draw(st.sampled_from(["", "actor", "verb", "object"]))
    at = statement[place] if place else statement
    at["no such member"] = 1
    for new in (True, False):
        with pytest.raises(Refused):
            check(deepcopy(statement), new=new)
