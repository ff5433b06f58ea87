"""Keys of training platforms: shown once, found in one query, gone when revoked or over."""

from datetime import timedelta

import pytest

from weineng.accounts.actions import note_key_use, revoke_api_key
from weineng.accounts.models import ApiKey
from weineng.accounts.queries import actor_of_key, key_shown, keys_within
from weineng.accounts.rules import key_digests
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.learning.actions import issue_api_key
from weineng.learning.models import Provider
from weineng.learning.permissions import DELIVER, VIEW


def issue(world, by="office", **words):
    common = {"unit": world.district, "provider": "qingyun", "label": "生产环境", "scopes": ["records.write"]}
    return issue_api_key(by=world.people[by].actor, **common | words)


def refusal_of(action, *given, **words):
    with pytest.raises(Refused) as refusal:
        action(*given, **words)
    return refusal.value.code


def test_the_key_is_shown_once_and_opens_in_one_query(world, django_assert_num_queries):
    key, plain = issue(world)
    assert plain.startswith(f"wn_{key.prefix}_")
    assert plain not in str(vars(ApiKey.objects.get()))
    assert plain not in str([line.facts for line in Line.objects.filter(verb="accounts.issue_key")])
    with django_assert_num_queries(1):
        actor = actor_of_key(key_shown(plain), "rest")
    assert (actor.person, actor.door, actor.sources) == (None, "rest", {"qingyun"})
    assert actor.source_permissions == {DELIVER.code}
    assert (actor.holds(DELIVER), actor.holds(VIEW), dict(actor.nodes)) == (True, False, {})


def test_scopes(world):
    _key, plain = issue(world, scopes=["records.read", "records.write"])
    assert actor_of_key(key_shown(plain), "rest").source_permissions == {DELIVER.code, VIEW.code}


@pytest.mark.parametrize("token", ["", "wn_", "wn_00000000_" + "0" * 40, "\0"])
def test_what_is_no_key(world, token):
    issue(world)
    assert refusal_of(key_shown, token) == "key-unknown"


def test_it_ends_on_its_day_and_when_revoked(world, noon, at):
    key, plain = issue(world, expires_on=today() + timedelta(days=1))
    midnight = noon + timedelta(hours=12)
    at(midnight - timedelta(seconds=1))
    assert key_shown(plain) == key
    for seconds in (0, 1):
        at(midnight + timedelta(seconds=seconds))
        assert refusal_of(key_shown, plain) == "key-expired"
    at(noon)
    revoke_api_key(by=world.office.actor, key=key.pk, reason="泄露")
    assert refusal_of(key_shown, plain) == "key-revoked"
    assert refusal_of(revoke_api_key, by=world.office.actor, key=key.pk) == "key-revoked"


@pytest.mark.parametrize("by", ["cio", "principal", "auditor", "teacher", "wu"])
def test_nobody_else_issues_sees_or_revokes(world, by):
    key, _plain = issue(world)
    assert refusal_of(issue, world, by) == "not-found"
    assert list(keys_within(world.people[by].actor)) == []
    with pytest.raises(NotFound):
        revoke_api_key(by=world.people[by].actor, key=key.pk)


def test_refusals(world):
    assert refusal_of(issue, world, label=" ") == "label-missing"
    assert refusal_of(issue, world, provider="") == "provider-missing"
    assert refusal_of(issue, world, scopes=[]) == "scopes-unknown"
    assert refusal_of(issue, world, scopes=["everything"]) == "scopes-unknown"
    assert refusal_of(issue, world, expires_on=today()) == "key-dates"


def test_use_is_noted_to_the_minute(world, noon, at):
    key, _plain = issue(world)
    by = platform("rest")
    assert [note_key_use(by=by, key=key.pk), note_key_use(by=by, key=key.pk)] == [True, False]
    at(noon + timedelta(seconds=60))
    assert note_key_use(by=by, key=key.pk) is False
    at(noon + timedelta(seconds=61))
    assert note_key_use(by=by, key=key.pk) is True
    assert Line.objects.filter(verb="accounts.use_key").count() == 1


def test_a_key_outlives_a_change_of_the_data_key(world, settings):
    _key, plain = issue(world)
    settings.DATA_KEYS = [*settings.DATA_KEYS, "a newer data key"]
    assert actor_of_key(key_shown(plain), "rest").sources == {"qingyun"}
    assert len(key_digests(plain)) == 2


def test_a_key_is_for_a_platform_that_the_office_has_admitted(world):
    """An office elsewhere cannot open a platform's records by issuing a key for it, and none opens what nobody admitted."""
    Provider.objects.create(code="zhixing", name="别处的平台", owner_id=world.sibling, created_at=now())
    for who, unit, provider in (
        ("wu", world.sibling, "qingyun"), ("office", world.district, "zhixing"), ("office", world.district, "nowhere"),
        ("office", world.nine_year, "qingyun"),
    ):  # fmt: skip
        assert refusal_of(issue, world, who, unit=unit, provider=provider) == "not-found"
    assert not ApiKey.objects.exists()
    key, _plain = issue(world, "wu", unit=world.sibling, provider=" zhixing ")
    assert (key.provider, key.unit_id) == ("zhixing", world.sibling)
