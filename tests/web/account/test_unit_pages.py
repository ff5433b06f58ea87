"""Accounts, roles and keys of a unit: seen and done by whoever may, not found for everybody else."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from weineng.accounts.actions import delegate, note_failure
from weineng.accounts.models import Account, ActivationCode, ApiKey, Delegation, Grant
from weineng.accounts.queries import actor_of_key, is_locked, key_shown, roles_of
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused
from weineng.learning.models import Provider

pytestmark = pytest.mark.slow

OUTSIDERS = ["teacher", "leader", "panel_1", "auditor", "wu", "kindergarten_cio"]
DAY = timedelta(days=1)


def people(world, unit="nine_year"):
    return reverse("account:people", kwargs={"unit": world.units[unit]})


def roles(world, unit="nine_year"):
    return reverse("account:roles", kwargs={"unit": world.units[unit]})


def word(member):
    return seal_id("accounts.account", member.account)


# --- Accounts --------------------------------------------------------------------------------------------------------
def test_the_list_of_a_school(world, client, sign_in):
    sign_in(client, world.cio)
    assert client.get("/accounts/").headers["Location"] == people(world)
    page = client.get(people(world))
    rows = [one["row"].name for one in page.context["rows"]]
    assert (len(rows), rows[0]) == (10, "顾长青")
    assert [one["row"].name for one in page.context["rows"] if not one["pickable"]] == ["欧阳静", "沈一鸣"]


@pytest.mark.parametrize("key", OUTSIDERS)
def test_outsiders_find_nothing(world, client, sign_in, key):
    sign_in(client, world.people[key])
    for path in (people(world), roles(world), reverse("account:give", kwargs={"unit": world.nine_year})):
        assert client.get(path).status_code == 404
        assert client.post(path, {"do": "slips", "pick": [word(world.teacher)]}).status_code == 404
    assert client.get(reverse("account:account", kwargs={"account": world.teacher.account})).status_code == 404
    assert ActivationCode.objects.count() == 0


def test_the_list_costs_the_same_for_few_and_many(world, client, sign_in):
    def cost(unit):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(people(world, unit))
        return len(page.context["rows"]), len(queries)

    sign_in(client, world.cio)
    client.get(people(world))
    few, many = cost("maths"), cost("nine_year")
    assert few[0] < many[0]
    assert few[1] == many[1]


def test_slips_come_as_a_file_for_those_ticked(world, client, sign_in):
    sign_in(client, world.cio)
    ticked = [word(world.leader), word(world.teacher), word(world.wu), word(world.principal)]
    answer = client.post(people(world), {"do": "slips", "pick": ticked})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="slips-3151990032.pdf"'
    text = pypdfium2.PdfDocument(io.BytesIO(answer.content))[0].get_textpage().get_text_bounded()
    assert ("林晓岚" in text, "曾国强" in text, "吴无名" in text, "欧阳静" in text) == (True, True, False, False)
    assert ActivationCode.objects.filter(revoked_at=None).count() == 2


def test_nothing_ticked_is_told(world, client, sign_in):
    sign_in(client, world.cio)
    assert client.post(people(world), {"do": "slips"}).status_code == 422
    assert client.post(people(world), {"do": "slips", "pick": ["no-such-word"]}).status_code == 404


def test_open_accounts_then_print_for_all_without_a_code(world, client, sign_in):
    Account.objects.filter(name__in=("teacher", "colleague", "leader")).delete()
    sign_in(client, world.cio)
    assert client.get(people(world)).context["without"] == 3
    client.post(people(world), {"do": "open"})
    assert client.get(people(world)).context["without"] == 0
    answer = client.post(people(world), {"do": "slips-new"})
    assert answer.headers["Content-Type"] == "application/pdf"
    states = {one["row"].name: one["row"].state for one in client.get(people(world)).context["rows"]}
    assert [states[name] for name in ("林晓岚", "陈亦舟", "曾国强", "顾长青")] == [
        "waiting",
        "waiting",
        "waiting",
        "active",
    ]


def test_codes_by_mail(world, client, sign_in):
    sign_in(client, world.cio)
    assert client.post(people(world), {"do": "mail", "pick": [word(world.teacher)]}).status_code == 302
    assert Account.objects.get(name="teacher").code_wanted_at is not None


def test_the_office_sees_the_units_below(world, client, sign_in):
    sign_in(client, world.office)
    page = client.get(people(world, "district"))
    assert [(one.name, one.people, one.activated) for one in page.context["below"]] == [
        ("城区片", 13, 13),
        ("锦霖区职业教育中心", 6, 6),
    ]
    assert [one["row"].name for one in page.context["rows"]] == ["白若溪", "严慎之"]


def test_one_account_is_unlocked_closed_and_opened_again(world, client, sign_in):
    sign_in(client, world.cio)
    page = reverse("account:account", kwargs={"account": world.teacher.account})
    for _try in range(5):
        note_failure(by=Actor(door="web"), name="teacher")
    assert client.get(page).context["row"].state == "locked"
    client.post(page, {"form": "unlock"})
    assert not is_locked(Account.objects.get(name="teacher"))
    assert client.post(page, {"form": "close", "reason": ""}).status_code == 422
    client.post(page, {"form": "close", "reason": "调离"})
    assert client.get(page).context["row"].state == "closed"
    client.post(page, {"form": "reopen"})
    assert client.get(page).context["row"].state == "active"
    assert client.post(page, {"form": "nonsense"}).status_code == 404


# --- Roles -----------------------------------------------------------------------------------------------------------
def test_a_role_is_given_with_what_it_allows_and_ended(world, client, sign_in):
    sign_in(client, world.cio)
    give = reverse("account:give", kwargs={"unit": world.maths})
    page = client.get(give)
    assert [code for code, _text in page.context["form"].fields["role"].choices] == ["group-leader"]
    sent = {"person": world.teacher.person, "role": "group-leader", "starts_on": "", "last_on": "", "reason": ""}
    assert client.post(give, sent).headers["Location"] == roles(world, "maths")
    [post] = roles_of(world.teacher.person)
    assert (post.role.code, post.unit) == ("group-leader", world.maths)
    assert client.post(give, sent).status_code == 422  # held already
    assert client.post(give, {**sent, "role": "cio"}).status_code == 422
    client.post(reverse("account:end_role", kwargs={"grant": post.grant}), {"reason": "轮岗"})
    assert roles_of(world.teacher.person) == ()
    line = Line.objects.get(verb="accounts.end_grant")
    assert reasons_of([line]) == {line.pk: "轮岗"}


def test_the_last_day_is_included(world, client, sign_in):
    sign_in(client, world.cio)
    last = today() + 3 * DAY
    sent = {"person": world.teacher.person, "role": "group-leader", "last_on": last.isoformat()}
    client.post(reverse("account:give", kwargs={"unit": world.maths}), sent)
    assert [len(roles_of(world.teacher.person, last + n * DAY)) for n in (0, 1)] == [1, 0]


def test_somebody_from_elsewhere_is_searched_within_reach(world, client, sign_in):
    sign_in(client, world.office)
    give = reverse("account:give", kwargs={"unit": world.nine_year})
    found = client.get(give, {"q": "高宁"}).context["form"].fields["person"].choices
    assert [name for _pk, name in found][1:] == ["高宁"]
    assert len(client.get(give, {"q": "吴无名"}).context["form"].fields["person"].choices) == 1


def test_who_holds_what(world, client, sign_in):
    sign_in(client, world.principal)
    rows = client.get(roles(world)).context["rows"]
    found = {(one["grant"].person.name, one["grant"].role, one["endable"]) for one in rows}
    assert found == {
        ("沈一鸣", "cio", True), ("欧阳静", "principal", False), ("曾国强", "group-leader", True),
        ("高宁", "panel-member", True), ("杜静婷", "panel-member", True), ("钟怡", "panel-member", True),
    }  # fmt: skip


# --- Delegation ------------------------------------------------------------------------------------------------------
def test_somebody_acts_for_the_cio_and_gives_it_back(world, client, sign_in):
    grant = Grant.objects.get(person=world.cio.person)
    sign_in(client, world.cio)
    page = reverse("account:lend", kwargs={"grant": grant})
    sent = {
        "agent": world.teacher.person, "starts_on": today().isoformat(), "last_on": (today() + DAY).isoformat(), "reason": "出差",
    }  # fmt: skip
    assert client.post(page, sent).headers["Location"] == "/account/"
    lent = Delegation.objects.get()
    assert (lent.agent_id, lent.ends_on) == (world.teacher.person, today() + 2 * DAY)

    sign_in(client, world.teacher, post=f"delegation:{lent.pk}")
    answer = client.post(people(world), {"do": "slips", "pick": [word(world.colleague)]})
    assert answer.status_code == 200
    line = Line.objects.get(verb="accounts.issue_code")
    assert (line.person, line.on_behalf_of) == (world.teacher.person, world.cio.person)
    assert client.get(reverse("account:lend", kwargs={"grant": grant})).status_code == 404

    assert client.post(reverse("account:end_lending", kwargs={"delegation": lent})).status_code == 302
    assert client.get(people(world)).status_code == 404


def test_a_deputy_of_a_strong_role_needs_a_second_factor(world, client):
    from tests.world import PASSWORD

    client.post("/sign-in/", {"name": "teacher", "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    delegate(
        by=world.cio.actor, grant=Grant.objects.get(person=world.cio.person).pk, agent=world.teacher.person,
        ends_on=today() + DAY,
    )  # fmt: skip
    assert client.get("/account/").status_code == 302
    assert client.get("/sign-in/", follow=True).redirect_chain[-1][0].startswith("/sign-in/second-factor/new/")


def test_a_post_that_ended_falls_back_to_oneself(world, client, sign_in):
    sign_in(client, world.teacher, post="delegation:999")
    assert client.get("/account/").status_code == 200
    assert client.session["post"] == ""


# --- Keys ------------------------------------------------------------------------------------------------------------
def test_a_key_is_shown_once_and_revoked(world, client, sign_in):
    sign_in(client, world.office)
    sent = {"provider": "qingyun", "label": "生产环境", "scopes": ["records.write"], "last_on": ""}
    answer = client.post("/accounts/keys/new/", sent)
    plain = answer.context["plain"]
    assert plain in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert actor_of_key(key_shown(plain), "rest").sources == {"qingyun"}
    listed = client.get("/accounts/keys/")
    assert plain not in listed.content.decode()
    assert "生产环境" in listed.content.decode()
    assert f'">{Provider.objects.get(code="qingyun").name}</td>' in listed.content.decode()
    client.post(reverse("account:revoke_key", kwargs={"key": ApiKey.objects.get()}))
    with pytest.raises(Refused) as refusal:
        key_shown(plain)
    assert refusal.value.code == "key-revoked"


def test_a_key_that_follows_another_begins_as_that_one_and_both_open(world, client, sign_in):
    sign_in(client, world.office)
    sent = {"provider": "qingyun", "label": "主服务器", "scopes": ["statements.write", "state"], "last_on": ""}
    first = client.post("/accounts/keys/new/", sent).context["plain"]
    following = f"/accounts/keys/new/?like={seal_id('accounts.apikey', ApiKey.objects.get().pk)}"
    assert following in client.get("/accounts/keys/").content.decode()
    assert client.get(following).context["form"].initial == {
        name: sent[name] for name in ("provider", "label", "scopes")
    } | {"sandbox": False}
    for other in ("?like=", "?like=0123456789abc", "?like=x"):
        assert client.get(f"/accounts/keys/new/{other}").context["form"].initial == {}
    second = client.post(following, sent).context["plain"]
    assert {key_shown(plain).scopes == sent["scopes"] for plain in (first, second)} == {True}
    sign_in(client, world.wu)  # an office elsewhere
    assert client.get(following).context["form"].initial == {}


def test_a_key_of_a_sandbox_says_so_wherever_it_stands(world, client, sign_in):
    sign_in(client, world.office)
    sent = {"provider": "qingyun", "label": "联调", "scopes": ["records.write"], "last_on": "", "sandbox": "on"}
    answer = client.post("/accounts/keys/new/", sent)
    assert actor_of_key(key_shown(answer.context["plain"]), "rest").sources == {"qingyun~sandbox"}
    says = "沙箱：其中的内容不计入学时"
    following = f"/accounts/keys/new/?like={seal_id('accounts.apikey', ApiKey.objects.get().pk)}"
    assert client.get(following).context["form"].initial["sandbox"] is True
    assert says in answer.content.decode()
    assert client.get("/accounts/keys/").content.decode().count(says) == 1
    client.post("/accounts/keys/new/", sent | {"sandbox": ""})
    assert client.get("/accounts/keys/").content.decode().count(says) == 1
    wide = {"scopes": ["statements.read_all"], "last_on": str(today() + timedelta(days=9))}
    refused = client.post("/accounts/keys/new/", sent | wide)
    assert refused.context["form"].errors.keys() == {"scopes"}
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("key", ["cio", "principal", "auditor", "teacher"])
def test_only_offices_have_keys(world, client, sign_in, key):
    sign_in(client, world.people[key])
    assert client.get("/accounts/keys/").status_code == 404
    assert client.get("/accounts/keys/new/").status_code == 404


# --- One's own -------------------------------------------------------------------------------------------------------
def test_my_account_and_signing_out_elsewhere(world, client, sign_in):
    from django.test import Client

    other = sign_in(Client(), world.teacher)
    sign_in(client, world.teacher)
    rows = client.get("/account/").context["sessions"]
    assert sorted(row["here"] for row in rows) == [False, True]
    handle = next(row["handle"] for row in rows if not row["here"])
    client.post("/account/sessions/end/", {"session": handle})
    assert other.get("/account/").status_code == 302
    sign_in(other, world.teacher)
    client.post("/account/sessions/end-others/")
    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    assert client.post("/account/sessions/end/", {"session": "nonsense"}).status_code == 404


def test_changing_the_password_keeps_this_browser(world, client, sign_in):
    from django.test import Client

    from tests.world import PASSWORD

    other = sign_in(Client(), world.cio)
    sign_in(client, world.cio)
    wrong = client.post("/account/password/", {"old": "x", "password": "tomato gate 8"})
    assert "old" in wrong.context["form"].errors
    assert client.post("/account/password/", {"old": PASSWORD, "password": "short"}).status_code == 422
    assert client.post("/account/password/", {"old": PASSWORD, "password": "tomato gate 8"}).status_code == 302
    assert client.get("/accounts/").status_code == 302  # still with its second factor
    assert client.get(people(world)).status_code == 200
    assert other.get("/account/").headers["Location"].startswith("/sign-in/")


def test_a_strong_roles_password_grows_old_where_it_is_set_so(world, client, sign_in, settings, at):
    from weineng.kernel.clock import now

    settings.PASSWORD_DAYS = 90
    start = at(now())
    Account.objects.update(password_set_at=start)
    for days, open_ in ((timedelta(days=90) - timedelta(seconds=1), True), (timedelta(days=90), False)):
        at(start + days)
        sign_in(client, world.cio)
        led = client.get(people(world))
        assert (led.status_code == 200) is open_
    assert led.headers["Location"] == f"/account/password/?next={people(world).replace('/', '%2F')}"
    assert client.get("/account/password/").status_code == 200
    sign_in(client, world.teacher)
    assert client.get("/account/").status_code == 200


def test_a_key_for_the_offices_own_system_is_shown_once(world, client, sign_in):
    sign_in(client, world.office)
    last = today() + 30 * DAY
    answer = client.get("/accounts/keys/new/office/")
    assert "锦霖区" in answer.content.decode()
    answer = client.post(
        "/accounts/keys/new/office/", {"label": "管理系统", "scopes": ["people.read"], "last_on": last.isoformat()}
    )
    plain = answer.context["plain"]
    assert (plain in answer.content.decode(), answer.headers["Cache-Control"]) == (True, "private, no-store")
    key = ApiKey.objects.get()
    assert (key.unit_id, key.provider, key.scopes, key.expires_on) == (world.district, "", ["people.read"], last + DAY)
    assert key_shown(plain) == key
    listed = client.get("/accounts/keys/").content.decode()
    assert plain not in listed
    for said in ("管理系统", "自有系统：锦霖区", "读取本单位的人员和岗位"):
        assert said in listed
    for wrong in (
        {"last_on": (today() + 400 * DAY).isoformat()},
        {"scopes": ["records.write"]},
        {"label": " "},
        {"last_on": ""},
    ):
        sent = {"label": "x", "scopes": ["people.read"], "last_on": last.isoformat()} | wrong
        assert client.post("/accounts/keys/new/office/", sent).status_code == 422
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("key", ["cio", "principal", "auditor", "teacher"])
def test_only_offices_issue_keys_of_offices(world, client, sign_in, key):
    sign_in(client, world.people[key])
    assert client.get("/accounts/keys/new/office/").status_code == 404
    assert client.post("/accounts/keys/new/office/", {"label": "x", "scopes": ["people.read"]}).status_code == 404
    assert ApiKey.objects.count() == 0
