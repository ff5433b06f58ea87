"""Tokens for an hour instead of a key: what they open, what they leave out, when they end; keys shown as name and password."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import forget_expired, issue_access_token, revoke_api_key
from weineng.accounts.models import AccessToken
from weineng.accounts.queries import actor_of_key, key_named, key_shown
from weineng.accounts.rules import name_and_password, name_of_key
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.learning.actions import issue_api_key
from weineng.learning.permissions import DELIVER, VIEW

BOTH = ["records.write", "records.read"]


@pytest.fixture
def key(world):
    return keys_of(world)


def keys_of(world, scopes=BOTH, label="主服务器"):
    common = {"unit": world.district, "provider": "qingyun", "label": label, "scopes": scopes}
    return issue_api_key(by=world.office.actor, **common)


def token_of(key, scopes=()):
    return issue_access_token(by=actor_of_key(key, "rest"), key=key.pk, scopes=scopes)


def refusal_of(action, *given, **words):
    with pytest.raises(Refused) as refusal:
        action(*given, **words)
    return refusal.value.code


def test_a_token_does_what_its_key_does_in_one_query_and_is_kept_as_a_hash(key, django_assert_num_queries):
    row, plain = token_of(key[0])
    assert plain not in str(vars(AccessToken.objects.get()))
    assert plain not in str([line.facts for line in Line.objects.filter(verb="accounts.issue_token")])
    with django_assert_num_queries(1):
        shown = key_shown(plain)
    assert (shown, shown.scopes, row.scopes) == (key[0], BOTH, BOTH)
    assert actor_of_key(shown, "rest") == actor_of_key(key_shown(key[1]), "rest")


def test_it_may_do_less_but_never_more(world, key):
    _row, less = token_of(key[0], ["records.read"])
    assert actor_of_key(key_shown(less), "rest").source_permissions == {VIEW.code}
    assert actor_of_key(key_shown(key[1]), "rest").source_permissions == {VIEW.code, DELIVER.code}
    reader, _plain = keys_of(world, ["records.read"])
    for more in (["records.write"], ["records.read", "statements.write"], ["everything"], ["statements/write"]):
        assert refusal_of(token_of, reader, more) == "scopes-unknown"
    assert [token_of(reader, wanted)[0].scopes for wanted in ([], ["all"], ["records.read"])] == [["records.read"]] * 3


def test_the_words_of_the_xapi_are_understood(world):
    sender, _plain = keys_of(world, ["statements.write", "statements.read", "state", "profile"])
    wanted = ["profile", "statements/read/mine", "statements/write"]
    assert token_of(sender, wanted)[0].scopes == ["statements.write", "statements.read", "profile"]
    assert refusal_of(token_of, sender, ["statements/read"]) == "scopes-unknown"  # what others sent


def test_it_ends_after_an_hour_and_is_forgotten(key, noon, at):
    at(noon)
    _row, plain = token_of(key[0])
    at(noon + timedelta(seconds=3599))
    assert key_shown(plain) == key[0]
    at(noon + timedelta(hours=1))
    assert refusal_of(key_shown, plain) == "token-expired"
    _row, later = token_of(key[0])
    at(noon + timedelta(hours=1, seconds=1))
    assert forget_expired(by=platform("settle")) == 1
    assert key_shown(later) == key[0]


def test_two_keys_of_a_platform_open_until_the_old_one_is_revoked_with_its_tokens(world, key):
    new, new_plain = keys_of(world, label="新服务器")
    (_old_row, old_token), (_new_row, new_token) = token_of(key[0]), token_of(new)
    assert [key_shown(plain).pk for plain in (key[1], old_token, new_plain, new_token)] == [key[0].pk] * 2 + [
        new.pk
    ] * 2
    revoke_api_key(by=world.office.actor, key=key[0].pk)
    assert [refusal_of(key_shown, plain) for plain in (key[1], old_token)] == ["key-revoked"] * 2
    assert [key_shown(plain).pk for plain in (new_plain, new_token)] == [new.pk] * 2


def test_nobody_gets_a_token_for_another_key(world, key):
    other, _plain = keys_of(world)
    assert refusal_of(issue_access_token, by=actor_of_key(other, "rest"), key=key[0].pk) == "not-found"
    for who in (world.office, world.teacher):
        assert refusal_of(issue_access_token, by=who.actor, key=key[0].pk) == "not-found"
    assert not AccessToken.objects.exists()


def test_a_key_is_also_a_name_and_a_password(world, key):
    row, plain = key
    other, other_plain = keys_of(world)
    _row, token = token_of(row)
    assert [key_named(name, plain) for name in (f"wn_{row.prefix}", row.prefix, "qingyun")] == [row] * 3
    assert key_named(name_of_key(other_plain), other_plain) == other
    wrong = [
        (f"wn_{other.prefix}", plain), (f"wn_{row.prefix}", plain[:-1]), ("zhixing", plain), ("", plain),
        (f"wn_{row.prefix}", ""), ("", ""), ("wt", token), ("", token), (plain, plain),
    ]  # fmt: skip
    assert {refusal_of(key_named, *pair) for pair in wrong} == {"key-unknown"}


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("Basic YTpi", ("a", "b")), ("basic  YTpi", ("a", "b")), ("Basic YTpiOmM=", ("a", "b:c")), ("Basic Og==", ("", "")),
        ("", None), ("Basic", None), ("Basic YQ==", None), ("Basic YTpi!", None), ("Basic /w==", None), ("Basic:YTpi", None),
        ("Bearer YTpi", None), ("Basic \u4e00", None),
    ],
)  # fmt: skip
def test_basic_headers(header, pair):
    assert name_and_password(header) == pair
