"""Keys of an office's own systems: they read at the unit and below, never more than their issuer, and they end."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from weineng.accounts.actions import delegate, issue_office_key, revoke_api_key, revoke_delegation
from weineng.accounts.models import Account, ApiKey, Grant
from weineng.accounts.queries import NAMES, actor_for, actor_of_key, key_over, key_shown, keys_within
from weineng.accounts.roles import ROLES
from weineng.accounts.rules import OFFICE_SCOPES
from weineng.audit.models import Line
from weineng.kernel.clock import CIVIL, today
from weineng.kernel.refusals import Refused
from weineng.learning.actions import issue_api_key
from weineng.organisations.permissions import EXPORT_PEOPLE, VIEW_PEOPLE, VIEW_UNIT
from weineng.organisations.reach import people_within, units_within
from weineng.progress.permissions import EXPORT


def issue(world, by="office", **words):
    common = {
        "unit": world.district,
        "label": "教师管理系统",
        "scopes": ["people.read"],
        "expires_on": today() + timedelta(days=1),
    }
    return issue_office_key(by=world.people[by].actor, **common | words)


def refusal_of(action, *given, **words):
    with pytest.raises(Refused) as refusal:
        action(*given, **words)
    return refusal.value.code


def test_it_reads_at_the_unit_and_below_and_nothing_else(world):
    key, plain = issue(world)
    by = actor_of_key(key_shown(plain), "rest")
    assert (by.person, by.door, by.machine, by.sources, by.source_permissions) == (
        None,
        "rest",
        key.prefix,
        frozenset(),
        frozenset(),
    )
    assert by.nodes.keys() == {"organisations.export_people"} | NAMES
    assert set(units_within(by, VIEW_UNIT)) == set(units_within(world.office.actor, VIEW_UNIT))
    assert set(people_within(by, EXPORT_PEOPLE)) == set(people_within(world.office.actor, EXPORT_PEOPLE))
    assert (by.holds(EXPORT), by.holds(VIEW_PEOPLE), people_within(by, VIEW_PEOPLE).count()) == (False, False, 0)


def test_it_is_shown_once_and_its_issue_is_in_the_log(world):
    key, plain = issue(world, scopes=["standings.read", "people.read"])
    assert plain.startswith(f"wn_{key.prefix}_")
    assert plain not in str(vars(ApiKey.objects.get()))
    line = Line.objects.get(verb="accounts.issue_key")
    assert plain not in str(line.facts)
    assert (line.unit, line.facts["provider"], line.facts["scopes"]) == (
        world.district,
        "",
        ["standings.read", "people.read"],
    )
    assert key in keys_within(world.office.actor)
    revoke_api_key(by=world.office.actor, key=key.pk)
    assert refusal_of(key_shown, plain) == "key-revoked"


@pytest.mark.parametrize("by", ["cio", "principal", "auditor", "teacher", "wu"])
def test_nobody_else_issues_one(world, by):
    assert refusal_of(issue, world, by) == "not-found"


def test_an_office_gives_none_for_the_district_beside_or_the_city_above(world):
    for unit in (world.sibling, world.city):
        assert refusal_of(issue, world, unit=unit) == "not-found"
    key, _plain = issue(world, unit=world.nine_year)
    assert set(units_within(actor_of_key(key, "rest"), VIEW_UNIT).values_list("pk", flat=True)) == {
        world.nine_year, world.chinese, world.maths,
    }  # fmt: skip


def test_nobody_hands_out_more_than_they_hold(world, monkeypatch):
    """A role that manages keys but takes out no standings gives no key that does."""
    less = ROLES["office"].permissions - {"progress.export"}
    monkeypatch.setitem(ROLES, "office", type(ROLES["office"])(**vars(ROLES["office"]) | {"permissions": less}))
    assert refusal_of(issue, world, scopes=["standings.read"]) == "scope-not-yours"
    issue(world, scopes=["people.read", "figures.read"])


def test_it_ends_within_a_year(world):
    for days, code in ((0, "key-dates"), (-1, "key-dates"), (367, "key-dates")):
        assert refusal_of(issue, world, expires_on=today() + timedelta(days=days)) == code
    for days in (1, 366):
        issue(world, expires_on=today() + timedelta(days=days))


def test_other_refusals(world):
    assert refusal_of(issue, world, label=" ") == "label-missing"
    assert refusal_of(issue, world, scopes=[]) == "scopes-unknown"
    assert refusal_of(issue, world, scopes=["records.write"]) == "scope-not-yours"
    assert refusal_of(issue, world, scopes=["everything"]) == "scopes-unknown"
    platform = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": ["people.read"]}
    assert refusal_of(issue_api_key, by=world.office.actor, **platform) == "scopes-unknown"
    assert ApiKey.objects.count() == 0


def test_the_database_holds_what_a_key_may_be(world):
    key, _plain = issue(world)
    for wrong in ({"provider": "qingyun"}, {"scopes": ["records.read"]}, {"expires_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiKey.objects.filter(pk=key.pk).update(**wrong)


def test_it_does_not_end_with_the_post_of_its_issuer(world):
    _key, plain = issue(world, scopes=OFFICE_SCOPES)
    Grant.objects.filter(person=world.office.person).update(ends_on=today())
    assert actor_of_key(key_shown(plain), "rest").units(EXPORT) == {world.district}


def lent(world, days=5):
    """The colleague acts for the office until a day."""
    office = actor_for(Account.objects.get(pk=world.office.account), "web")
    grant = Grant.objects.get(person=world.office.person, role="office")
    row = delegate(by=office, grant=grant.pk, agent=world.colleague.person, ends_on=today() + timedelta(days=days))
    return row, actor_for(Account.objects.get(pk=world.colleague.account), "web", row.pk)


def opens(plain):
    try:
        key_shown(plain)
    except Refused as refusal:
        return refusal.code
    return "opens"


@pytest.mark.parametrize("kind", ["office", "platform"])
def test_a_key_that_a_deputy_issued_ends_with_the_delegation(world, set_clock, kind):
    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    row, deputy = lent(world)
    if kind == "office":
        given = {"label": "系统", "scopes": ["people.read"], "expires_on": today() + timedelta(days=300)}
        key, plain = issue_office_key(by=deputy, unit=world.district, **given)
    else:
        key, plain = issue_api_key(
            by=deputy, unit=world.district, provider="qingyun", label="平台", scopes=["records.write"]
        )
    assert (key.expires_on, key.delegation_id, opens(plain)) == (row.ends_on, row.pk, "opens")
    set_clock(datetime(2026, 9, 6, 9, tzinfo=CIVIL))
    assert opens(plain) == "key-expired"


def test_a_key_that_a_deputy_issued_ends_when_the_delegation_is_taken_back_or_its_role_ends(world, set_clock):
    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    row, deputy = lent(world)
    given = {"label": "系统", "scopes": ["people.read"], "expires_on": today() + timedelta(days=2)}
    key, plain = issue_office_key(by=deputy, unit=world.district, **given)
    own, kept = issue_office_key(by=world.office.actor, unit=world.district, **given)
    assert (key.expires_on, own.delegation_id, opens(plain)) == (today() + timedelta(days=2), None, "opens")
    Grant.objects.filter(pk=row.grant_id).update(ends_on=today())
    assert (opens(plain), opens(kept), key_over(key), key_over(own)) == ("key-expired", "opens", True, False)
    Grant.objects.filter(pk=row.grant_id).update(ends_on=None)
    assert opens(plain) == "opens"
    revoke_delegation(by=actor_for(Account.objects.get(pk=world.office.account), "web"), delegation=row.pk)
    assert (opens(plain), opens(kept)) == ("key-expired", "opens")
