"""What platforms said of somebody erased goes by whichever name they said it: account, OpenID, mail, its hash; also after a merge.
What they said of others stays."""

import hashlib
from datetime import datetime, timedelta

import pytest

from tests.district import second_office
from tests.learning.saying import COMPLETED, HOME, say, sid_of, statement
from weineng.accounts.actions import erase_from_accounts
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import (
    agree_home,
    agree_rule,
    end_home,
    erase_from_learning,
    name_person,
    read_statements,
    unname_person,
)
from weineng.learning.models import AccountHome, Naming, Provider, Record
from weineng.learning.rules import AgreedRule
from weineng.organisations.actions import ask_erasure, change_person, confirm_erasure, end_posting, merge_people
from weineng.organisations.models import Erasure, Posting
from weineng.organisations.rules import Number
from weineng.statements.actions import erase_from_statements
from weineng.statements.models import Agent, Statement

NOW = datetime(2026, 3, 10, 9, tzinfo=CIVIL)
AT = NOW - timedelta(days=3)
PASSPORTS = "https://id.qingyun.example/passports"


def hashed(mail):
    return {"mbox_sha1sum": hashlib.sha1(f"mailto:{mail}".encode()).hexdigest()}


def said(number, actor, **changes):
    say(statement(number, "", AT, actor=actor, **changes))


def left():
    """The numbers of the statements of which something is left."""
    return [
        int(str(sid)[-12:]) for sid in Statement.objects.exclude(body="").order_by("seq").values_list("sid", flat=True)
    ]


@pytest.fixture
def agreed(world, set_clock):
    """The platform's own accounts, and others whose names are passports; completed courses become records."""
    set_clock(NOW)
    source = Provider.objects.get(code="qingyun").pk
    agree_home(by=world.office.actor, provider=source, home_page=HOME, person_type="platform:qingyun")
    agree_home(by=world.office.actor, provider=source, home_page=PASSPORTS, person_type="passport")
    agree_rule(by=world.office.actor, provider=source, rule=AgreedRule(frozenset({COMPLETED}), "online", below=True))
    return source


@pytest.fixture
def known(world, agreed):
    """The colleague has numbers of several kinds; the teacher has others."""
    numbers = [
        Number("passport", "E 519900"),
        Number("openid", "https://me.example/c"),
        Number("mail", "Other@Example.com"),
    ]
    change_person(by=world.office.actor, person=world.colleague.person, mail="c@example.com", numbers=numbers)
    numbers = [Number("passport", "E519901"), Number("openid", "https://me.example/t")]
    change_person(by=world.office.actor, person=world.teacher.person, mail="t@example.com", numbers=numbers)
    return world.colleague


def erase(world, member):
    posting = Posting.objects.get(person=member.person, home=True)
    end_posting(by=world.office.actor, posting=posting.pk, on=posting.during.lower.replace(month=12))
    asked = ask_erasure(by=world.office.actor, person=member.person, reason="request 1")
    confirm_erasure(by=second_office(world).actor, erasure=asked.pk)
    for step in (erase_from_accounts, erase_from_learning, erase_from_statements):
        assert step(by=platform("erase")) == 1


def test_it_goes_by_whichever_name_they_said_it(world, known):
    did = {"id": "urn:x:opened"}  # of which no record is made
    said(1, {"account": {"homePage": PASSPORTS, "name": "e519900"}}, verb=did)
    said(2, {"openid": "https://me.example/c"}, verb=did)
    said(3, {"mbox": "mailto:C@example.com"}, verb=did)
    said(4, hashed("c@example.com"))
    said(5, {"mbox": "mailto:other@example.com"}, verb=did)
    said(6, hashed("other@example.com"), verb=did)
    others = [
        {"account": {"homePage": PASSPORTS, "name": "E519901"}}, {"openid": "https://me.example/t"}, {"mbox": "mailto:t@example.com"},
        {"account": {"homePage": "https://elsewhere.example", "name": "E519900"}}, hashed("t@example.com"),
    ]  # fmt: skip
    for number, actor in enumerate(others, 7):
        said(number, actor, verb=did)
    said(12, others[0], context={"instructor": {"openid": "https://me.example/c"}})
    read_statements(by=platform("settle"))
    erase(world, known)
    assert left() == [7, 8, 9, 10, 11]
    assert Agent.objects.count() == 5
    assert not Agent.objects.filter(person__isnull=False).exists()


def test_an_account_that_an_office_gave_to_somebody_goes_with_them_whatever_became_of_the_agreement(world, agreed):
    for number, account in ((1, "c1"), (2, "c1"), (3, "t1")):
        said(number, {"account": {"homePage": HOME, "name": account}})
    read_statements(by=platform("settle"))
    name_person(by=world.office.actor, record=Record.objects.get(source_id=sid_of(1)).pk, person=world.colleague.person)
    end_home(by=world.office.actor, home=AccountHome.objects.get(home_page=HOME).pk)
    read_statements(by=platform("settle"))
    erase(world, world.colleague)
    assert left() == [3]


def test_after_a_merge_it_goes_by_the_names_of_both(world, known):
    twin = world.enter("林小岚", world.maths)
    change_person(
        by=world.office.actor,
        person=twin.person,
        mail="twin@example.com",
        numbers=[Number("platform:qingyun", "twin-1")],
    )
    said(1, {"account": {"homePage": HOME, "name": "TWIN-1"}})
    said(2, {"mbox": "mailto:twin@example.com"})
    said(3, hashed("c@example.com"))
    said(4, {"mbox": "mailto:t@example.com"})
    read_statements(by=platform("settle"))
    posting = Posting.objects.get(person=twin.person)
    end_posting(by=world.office.actor, posting=posting.pk, on=NOW.date() - timedelta(days=30))
    merge_people(by=world.office.actor, kept=known.person, gone=twin.person, reason="one person", end_numbers=True)
    read_statements(by=platform("settle"))
    erase(world, known)
    assert left() == [4]


def test_a_number_that_names_somebody_else_by_now_is_not_theirs(world, agreed):
    said(1, {"account": {"homePage": HOME, "name": "c1"}})
    read_statements(by=platform("settle"))
    name_person(by=world.office.actor, record=Record.objects.get().pk, person=world.colleague.person)
    unname_person(by=world.office.actor, naming=Naming.objects.get().pk, reason="认错人了")
    name_person(by=world.office.actor, record=Record.objects.get().pk, person=world.teacher.person)
    erase(world, world.colleague)
    assert left() == [1]


def test_the_store_erases_only_after_it_was_told_whom_it_holds(world, known):
    said(1, {"openid": "https://me.example/c"})
    Erasure.objects.create(
        person_id=known.person, asked_by=1, asked_at=NOW, expires_at=NOW + timedelta(days=9), state="confirmed",
        records=[known.person], erased_by=["accounts"], reason="left", ended_at=NOW,
    )  # fmt: skip
    assert (erase_from_statements(by=platform("erase")), left()) == (0, [1])
    assert erase_from_learning(by=platform("erase")) == 1
    assert Agent.objects.get().person_id == known.person
    assert (erase_from_statements(by=platform("erase")), left()) == (1, [])
