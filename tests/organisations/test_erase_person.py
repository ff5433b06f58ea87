"""Two people of the office erase somebody who has left: who may, when not, and that it takes two."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.district import enrol_nine_year, second_office, start_p4
from weineng.accounts.actions import delegate, end_grant, open_accounts, reopen_account
from weineng.accounts.models import Account, Grant
from weineng.activities.models import Session
from weineng.assessment.models import Assignment, Dossier, StageRun
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.evidence.models import Submission
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import NotFound, Refused
from weineng.ops.loops import ERASE, Loop, run_once
from weineng.organisations.actions import (
    ask_erasure,
    change_person,
    confirm_erasure,
    end_posting,
    expire_erasures,
    merge_people,
    post_person,
    refuse_erasure,
    unmerge_people,
    withdraw_erasure,
)
from weineng.organisations.models import Erasure, ExternalIdentifier, Merge, Person, Posting
from weineng.organisations.queries import erasure_of, erasures_to_decide, erasures_within, hindrances_of, last_end_of
from weineng.organisations.rules import Post
from weineng.programmes.actions import let_leave
from weineng.programmes.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOW = datetime(2026, 6, 1, 9, tzinfo=CIVIL)
REASON = "request 2026-17"


@pytest.fixture(autouse=True)
def day(set_clock):
    set_clock(NOW)


@pytest.fixture
def second(world):
    return second_office(world)


@pytest.fixture
def gone(world):
    """Somebody who has left: their post ended, nothing of theirs goes on."""
    return world.unplaced


def code_of(action, **given):
    with pytest.raises(Refused) as why, transaction.atomic():
        action(**given)
    assert str(why.value)
    return why.value.code


def ask(world, person, by=None):
    return ask_erasure(by=(by or world.office).actor, person=person, reason=REASON)


def erase(world, second, person):
    confirm_erasure(by=second.actor, erasure=ask(world, person).pk)
    run_once()


# --- Two people ----------------------------------------------------------------------------------------------------
def test_one_asks_another_confirms_and_the_worker_erases(world, second, gone):
    asked = ask(world, gone.person)
    assert (asked.state, asked.asked_by, asked.expires_at) == (
        "asked",
        world.office.person,
        asked.asked_at + timedelta(days=14),
    )
    assert erasure_of(gone.person) == asked
    assert list(erasures_to_decide(second.actor)) == [asked]
    assert list(erasures_to_decide(world.office.actor)) == []  # they asked
    run_once()
    assert Person.objects.get(pk=gone.person).name == gone.name  # nothing is done before the second person
    confirm_erasure(by=second.actor, erasure=asked.pk)
    run_once()
    row = Erasure.objects.get()
    assert (row.state, row.records, row.decided_by) == ("done", [gone.person], second.person)
    assert row.asked_at < row.ended_at < row.done_at
    person = Person.objects.get(pk=gone.person)
    assert (person.erased_at, person.phone, person.mail, person.birth_date, person.name_index) == (
        row.ended_at,
        "",
        "",
        None,
        [],
    )
    assert not ExternalIdentifier.objects.filter(person=gone.person).exists()
    verbs = (
        Line.objects.filter(subject=gone.person, verb__contains="eras").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == [
        "organisations.ask_erasure", "organisations.confirm_erasure", "accounts.erase_person", "files.erase_person",
        "activities.erase_person", "programmes.erase_person", "planning.erase_person", "learning.erase_person",
        "statements.erase_person", "evidence.erase_person", "assessment.erase_person", "certification.erase_person",
        "insight.erase_person", "organisations.erase_person",
    ]  # fmt: skip
    assert {*reasons_of(Line.objects.filter(subject=gone.person)).values()} == {""}  # the request itself keeps it
    assert row.reason == REASON


def test_who_asked_confirms_nothing_nor_does_anybody_acting_for_them(world, second, gone):
    asked = ask(world, gone.person)
    assert code_of(confirm_erasure, by=world.office.actor, erasure=asked.pk) == "self-approval"
    assert code_of(refuse_erasure, by=world.office.actor, erasure=asked.pk, reason="why not") == "self-approval"
    grant = Grant.objects.get(person=world.office.person, role="office")
    lent = delegate(
        by=world.office.actor, grant=grant.pk, agent=world.leader.person, ends_on=date(2026, 7, 1), reason="away"
    )
    deputy = acting(world.leader, lent)
    assert code_of(confirm_erasure, by=deputy, erasure=asked.pk) == "self-approval"
    withdraw_erasure(by=deputy, erasure=asked.pk)
    again = ask_erasure(by=deputy, person=gone.person, reason=REASON)
    assert code_of(confirm_erasure, by=world.office.actor, erasure=again.pk) == "self-approval"
    assert confirm_erasure(by=second.actor, erasure=again.pk).state == "confirmed"


def acting(member, lent):
    from weineng.accounts.queries import actor_for

    return actor_for(Account.objects.get(pk=member.account), "web", lent.pk)


def test_the_database_refuses_one_person_for_both(world, gone):
    asked = ask(world, gone.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.filter(pk=asked.pk).update(decided_by=world.office.person)


def test_only_offices_within_reach(world, second, gone):
    for member in (world.cio, world.principal, world.auditor, world.leader, world.wu):
        with pytest.raises(NotFound):
            ask(world, gone.person, member)
    asked = ask(world, gone.person)
    for member in (world.cio, world.auditor, world.wu):
        for action, given in ((confirm_erasure, {}), (refuse_erasure, {"reason": "why not"}), (withdraw_erasure, {})):
            with pytest.raises(NotFound):
                action(by=member.actor, erasure=asked.pk, **given)
        assert list(erasures_within(member.actor)) == []
    assert list(erasures_within(second.actor)) == [asked]
    Erasure.objects.all().delete()
    with pytest.raises(NotFound):
        confirm_erasure(by=second.actor, erasure=asked.pk)


def test_a_request_is_refused_with_a_reason_and_can_be_asked_anew(world, second, gone):
    asked = ask(world, gone.person)
    assert code_of(refuse_erasure, by=second.actor, erasure=asked.pk, reason=" ") == "reason-missing"
    refused = refuse_erasure(by=second.actor, erasure=asked.pk, reason="ten years are not over")
    assert (refused.state, refused.decided_by, refused.end_reason) == (
        "refused",
        second.person,
        "ten years are not over",
    )
    assert (erasure_of(gone.person), last_end_of(gone.person)) == (None, refused)
    for action, by, given in (
        (confirm_erasure, second, {}), (refuse_erasure, second, {"reason": "again"}), (withdraw_erasure, world.office, {}),
    ):  # fmt: skip
        assert code_of(action, by=by.actor, erasure=asked.pk, **given) == "erasure-ended"
    assert ask(world, gone.person).state == "asked"


def test_who_asked_withdraws_it(world, second, gone):
    asked = ask(world, gone.person)
    assert code_of(withdraw_erasure, by=second.actor, erasure=asked.pk) == "not-your-request"
    assert withdraw_erasure(by=world.office.actor, erasure=asked.pk).state == "withdrawn"
    assert code_of(confirm_erasure, by=second.actor, erasure=asked.pk) == "erasure-ended"
    run_once()
    assert Person.objects.get(pk=gone.person).name == gone.name


def test_a_request_expires(world, second, gone, set_clock):
    asked = ask(world, gone.person)
    set_clock(NOW + timedelta(days=14) - timedelta(minutes=1))
    assert expire_erasures(by=platform("erase")) == 0
    set_clock(NOW + timedelta(days=14, minutes=1))
    assert erasure_of(gone.person) is None
    assert list(erasures_to_decide(second.actor)) == []
    for action, by, given in (
        (confirm_erasure, second, {}), (refuse_erasure, second, {"reason": "late"}), (withdraw_erasure, world.office, {}),
    ):  # fmt: skip
        assert code_of(action, by=by.actor, erasure=asked.pk, **given) == "erasure-expired"
    assert [expire_erasures(by=platform("erase")) for _time in range(2)] == [1, 0]
    assert Erasure.objects.get().state == "expired"
    again = ask(world, gone.person)
    set_clock(NOW + timedelta(days=40))
    assert ask(world, gone.person).pk != again.pk  # what nobody ended yet stands in nobody's way
    assert sorted(Erasure.objects.values_list("state", flat=True)) == ["asked", "expired", "expired"]


def test_the_worker_alone_expires_and_erases(world):
    for step in ERASE:
        assert code_of(step.run, by=world.office.actor) == "platform-only"


def test_a_request_says_why_and_stands_once(world, second, gone):
    assert code_of(ask_erasure, by=world.office.actor, person=gone.person, reason="  x ") == "reason-missing"
    assert code_of(ask_erasure, by=world.office.actor, person=gone.person, reason="x" * 401) == "text-too-long"
    ask(world, gone.person)
    assert code_of(ask_erasure, by=second.actor, person=gone.person, reason=REASON) == "erasure-asked"


def test_nobody_erases_their_own_record(world, second):
    assert code_of(ask_erasure, by=world.office.actor, person=world.office.person, reason=REASON) == "own-record"
    end_grant(by=world.office.actor, grant=Grant.objects.get(person=second.person).pk, reason="left")
    posting = Posting.objects.get(person=second.person)
    Posting.objects.filter(pk=posting.pk).update(during=(posting.during.lower, NOW.date()))
    asked = ask(world, second.person)
    world.grant(second.person, "office", world.district)
    assert code_of(confirm_erasure, by=second.actor, erasure=asked.pk) == "own-record"


# --- While something goes on -----------------------------------------------------------------------------------------
def hindered(world, person):
    """The code with which asking is refused; the page says the same beforehand."""
    [only] = {refusal.code for refusal in hindrances_of([person])}
    assert code_of(ask_erasure, by=world.office.actor, person=person, reason=REASON) == only
    return only


def test_nobody_in_post_is_erased(world, second, gone):
    assert hindered(world, world.teacher.person) == "still-in-post"
    asked = ask(world, gone.person)
    post_person(by=world.office.actor, person=gone.person, post=Post(unit=world.chinese), on=date(2026, 9, 1))
    assert code_of(confirm_erasure, by=second.actor, erasure=asked.pk) == "still-in-post"  # from September on


def test_nobody_with_a_role_or_a_lent_one_is_erased(world, gone):
    grant = world.grant(gone.person, "panel-member", world.nine_year)
    assert hindered(world, gone.person) == "still-holds-role"
    end_grant(by=world.office.actor, grant=grant.pk, reason="over")
    assert hindrances_of([gone.person]) == []
    lent = Grant.objects.get(person=world.cio.person, role="cio")
    delegate(by=world.cio.actor, grant=lent.pk, agent=gone.person, ends_on=date(2026, 7, 1), reason="away")
    assert hindered(world, gone.person) == "still-holds-role"


def test_nobody_who_hosts_an_open_session_is_erased(world, gone):
    session = Session.objects.create(
        unit_id=world.chinese, programme="p4-district", kind="school-research", form="training", title="研修", starts_at=NOW,
        ends_at=NOW + timedelta(hours=1), duration=60, host_id=gone.person, state="open", changed_at=NOW,
    )  # fmt: skip
    assert hindered(world, gone.person) == "session-not-closed"
    Session.objects.filter(pk=session.pk).update(state="closed")
    assert hindrances_of([gone.person]) == []


@pytest.fixture
def enrolled(world, gone):
    p4 = start_p4(world)
    rows = enrol_nine_year(world, p4)
    return Enrolment.objects.create(
        programme=p4, version=rows[world.teacher.person].version, person_id=gone.person, since=date(2026, 1, 5)
    )


def test_nobody_who_takes_part_is_erased(world, gone, enrolled):
    assert hindered(world, gone.person) == "still-taking-part"
    let_leave(by=world.office.actor, enrolment=enrolled.pk, on=NOW.date(), reason="moved away")
    assert hindrances_of([gone.person]) == []
    Enrolment.objects.filter(pk=enrolled.pk).update(left_on=None)
    type(enrolled.programme).objects.update(closed_on=NOW.date())
    assert hindrances_of([gone.person]) == []


def submission(enrolled, person, state):
    return Submission.objects.create(
        person_id=person, enrolment=enrolled.pk, programme="p4-district", item="point", point="A1", edition="e", state=state,
        submitted_at=NOW, created_at=NOW, edited_at=NOW, level="pass" if state == "decided" else "",
    )  # fmt: skip


@pytest.mark.parametrize("state", ["submitted", "opened"])
def test_nobody_who_is_being_judged_is_erased(world, gone, enrolled, state):
    let_leave(by=world.office.actor, enrolment=enrolled.pk, on=NOW.date(), reason="moved away")
    row = submission(enrolled, gone.person, state)
    assert hindered(world, gone.person) == "being-judged"
    Submission.objects.filter(pk=row.pk).update(state="decided", level="pass")
    assert hindrances_of([gone.person]) == []


def test_nobody_who_has_to_judge_is_erased(world, gone, enrolled):
    let_leave(by=world.office.actor, enrolment=enrolled.pk, on=NOW.date(), reason="moved away")
    judged = Enrolment.objects.get(person=world.teacher.person)
    row = submission(judged, world.teacher.person, "opened")
    dossier = Dossier.objects.create(
        submission=row, version=1, person_id=world.teacher.person, enrolment=judged.pk, stage="peer", opened_at=NOW
    )
    run = StageRun.objects.create(dossier=dossier, stage="peer", place=2, wanted=2, decides=False)
    given = Assignment.objects.create(
        run=run, reviewer_id=gone.person, judged_id=world.teacher.person, role="peer", assigned_at=NOW
    )
    assert hindered(world, gone.person) == "still-reviewing"
    Assignment.objects.filter(pk=given.pk).update(state="void")
    assert hindrances_of([gone.person]) == []


# --- Afterwards ------------------------------------------------------------------------------------------------------
def test_nothing_about_somebody_erased_can_be_changed(world, second, gone):
    Account.objects.filter(pk=gone.account).update(name="distinct-name")
    erase(world, second, gone.person)
    office = world.office.actor
    assert code_of(ask_erasure, by=office, person=gone.person, reason=REASON) == "person-erased"
    assert code_of(change_person, by=office, person=gone.person, name="新名") == "person-erased"
    assert code_of(post_person, by=office, person=gone.person, post=Post(unit=world.chinese)) == "person-erased"
    posting = Posting.objects.get(person=gone.person)
    assert code_of(end_posting, by=office, posting=posting.pk, on=date(2025, 10, 1)) == "person-erased"
    assert (
        code_of(merge_people, by=office, kept=world.teacher.person, gone=gone.person, reason="the same")
        == "person-erased"
    )
    assert code_of(reopen_account, by=office, account=gone.account) == "person-erased"
    account = Account.objects.get(pk=gone.account)
    assert (account.name, account.is_active, account.has_usable_password()) == (f"erased-{account.pk}", False, False)
    assert open_accounts(by=office, unit=world.nine_year, people=[gone.person]) == []


def test_a_merged_person_goes_with_all_records(world, second, gone):
    other = world.enter("田宇", world.chinese)
    Posting.objects.filter(person=other.person).update(during=(date(2025, 9, 1), date(2025, 12, 1)))
    merge = merge_people(
        by=world.office.actor, kept=gone.person, gone=other.person, reason="the same", end_numbers=True
    )
    asked = ask(world, other.person)  # the id of the merged record stands for all of them
    assert asked.person_id == gone.person
    confirm_erasure(by=second.actor, erasure=asked.pk)
    run_once()
    people = Person.objects.filter(pk__in=[gone.person, other.person])
    assert {(row.erased_at, str(row.name)) for row in people} == {(Erasure.objects.get().ended_at, "已清除人员")}
    assert (Merge.objects.get().moved, Merge.objects.get().reason) == ({}, "")
    assert code_of(unmerge_people, by=world.office.actor, merge=merge.pk, reason="wrong") == "person-erased"


def test_an_interrupted_erasure_goes_on_where_it_stopped_and_twice_changes_nothing(world, second, gone, monkeypatch):
    asked = ask(world, gone.person)
    confirm_erasure(by=second.actor, erasure=asked.pk)

    def breaks(*, by):
        raise RuntimeError("killed")

    steps = [step if step.name != "evidence.erase_person" else type(step)(step.name, breaks) for step in ERASE]
    Loop("erase", steps).run_round()
    row = Erasure.objects.get()
    assert (row.state, "evidence" in row.erased_by, len(row.erased_by)) == ("confirmed", False, 10)
    assert Person.objects.get(pk=gone.person).name == gone.name  # the last to go: the others find by it what they hold
    run_once()
    done = Erasure.objects.values().get()
    assert (done["state"], sorted(done["erased_by"])) == ("done", sorted({*row.erased_by, "evidence"}))
    lines = Line.objects.filter(subject=gone.person).count()
    run_once()
    assert (Erasure.objects.values().get(), Line.objects.filter(subject=gone.person).count()) == (done, lines)
    for step in ERASE:  # asked for again by hand as well
        assert step.run(by=platform("erase")) == 0


def test_the_account_goes_first(world, second, gone):
    confirm_erasure(by=second.actor, erasure=ask(world, gone.person).pk)
    others = [step for step in ERASE if step.name != "accounts.erase_person"]
    Loop("erase", others).run_round()
    assert Erasure.objects.get().erased_by == []
    assert Account.objects.get(pk=gone.account).is_active


# --- The placeholder -------------------------------------------------------------------------------------------------
def test_the_placeholder_is_read_in_the_readers_language_and_never_written(world, second, gone):
    from django.utils import translation

    erase(world, second, gone.person)
    names = {}
    for language in ("en", "zh-hans", "zh-hant"):
        with translation.override(language):
            names[language] = str(Person.objects.get(pk=gone.person).name)
            assert (
                Posting.objects.filter(person=gone.person).values_list("person__name", flat=True).get()
                == names[language]
            )
    assert names == {"en": "Erased person", "zh-hans": "已清除人员", "zh-hant": "已清除人員"}
    person = Person.objects.get(pk=gone.person)
    person.save()
    Person.objects.bulk_update([person], ["name"])
    assert Person.objects.filter(pk=gone.person, name="").exists()
    listed = list(
        Person.objects.filter(pk__in=[gone.person, world.teacher.person, world.office.person]).order_by("name_order")
    )
    assert listed[-1].pk == gone.person  # behind all names
