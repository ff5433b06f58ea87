"""A change after the start: proposed by one, confirmed by another, refused or withdrawn; who may, and what is refused."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from tests.district import SOURCE, second_office
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, now
from weineng.notices.models import Message
from weineng.programmes.actions import (
    close_programme,
    confirm_version,
    enrol_people,
    forget_looks,
    look_again,
    move_enrolments,
    propose_former,
    propose_version,
    publish_programme,
    refuse_version,
    withdraw_version,
)
from weineng.programmes.documents import DocumentRefused, compare, from_json
from weineng.programmes.models import Enrolment, Proposal, Touched, Version
from weineng.programmes.queries import document_in_force, document_of, other_versions, proposals_within

CHANGED = SOURCE.replace("value: 95", "value: 90")
SETTLE = platform("settle")


@pytest.fixture
def second(world):
    return second_office(world)


def propose(world, **changes):
    call = {"by": world.office.actor, "source": CHANGED, "everybody": True, "reason": "区里改了比例"}
    return propose_version(**(call | changes))


def looked(proposal):
    """As the worker leaves it that has found nobody."""
    rows = Proposal.objects.filter(pk=proposal.pk)
    rows.update(looks_made=1, looked_at=now(), look_mark="seen", look={"people": 0, "changed": 0})
    return "seen"


def test_a_programme_that_has_started_is_changed_by_a_proposal_only(world, p4, refusal):
    assert refusal(publish_programme, by=world.office.actor, source=CHANGED) == "needs-proposal"
    assert publish_programme(by=world.office.actor, source=SOURCE).unchanged
    made = propose(world)
    assert (made.state, made.against.number, made.proposed_by) == ("proposed", 1, world.office.person)
    assert Version.objects.count() == 1
    line = Line.objects.get(verb="programmes.propose_version")
    assert (line.thing, line.unit, line.reason) == (made.pk, world.district, "区里改了比例")
    assert line.facts == {"digest": made.digest, "everybody": True, "against": 1}


def test_what_cannot_be_proposed(world, p4, set_clock, refusal):
    assert refusal(propose, world=world, reason=" ") == "reason-missing"
    assert refusal(propose, world=world, source=SOURCE) == "nothing-changes"
    assert refusal(propose, world=world, programme=p4.pk + 1) == "other-programme"
    assert (
        refusal(propose, world=world, source=CHANGED.replace("programme: p4-district", "programme: p6")) == "not-found"
    )
    with pytest.raises(DocumentRefused) as caught:
        propose(world, source=SOURCE.replace("\nlevels:", "\nchoice: {points: {minimum: 2}}\nlevels:", 1))
    assert "undercuts-base" in {problem.code for problem in caught.value.problems}
    propose(world)
    assert refusal(propose, world=world) == "proposal-waits"
    set_clock(datetime(2027, 7, 1, 9, tzinfo=CIVIL))
    close_programme(by=world.office.actor, programme=p4.pk)
    assert refusal(propose, world=world) == "programme-closed"


def test_a_phase_in_which_schools_take_part_stays(world, p4, enrolled, refusal):
    gone = SOURCE.replace("code: pilot", "code: other")
    assert refusal(propose, world=world, source=gone) == "batch-missing"


def test_only_the_owners_office_proposes_and_decides(world, p4, second, refusal):
    made = propose(world)
    look = looked(made)
    for who in (world.wu, world.cio, world.principal, world.teacher, world.auditor):
        assert refusal(propose, world=world, by=who.actor) == "not-found"
        assert refusal(confirm_version, by=who.actor, proposal=made.pk, look=look) == "not-found"
        assert refusal(refuse_version, by=who.actor, proposal=made.pk, reason="不必") == "not-found"
        assert refusal(withdraw_version, by=who.actor, proposal=made.pk) == "not-found"
        assert refusal(look_again, by=who.actor, proposal=made.pk) == "not-found"
        assert not proposals_within(who.actor, p4.pk).exists()
    assert [row.pk for row in proposals_within(second.actor, p4.pk)] == [made.pk]


def test_a_second_person_confirms(world, p4, enrolled, second, refusal):
    made = propose(world)
    assert refusal(confirm_version, by=world.office.actor, proposal=made.pk, look="x") == "self-approval"
    assert refusal(refuse_version, by=world.office.actor, proposal=made.pk, reason="x") == "self-approval"
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look="") == "look-missing"
    look = looked(made)
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look="other") == "stale-look"
    Touched.objects.all().delete()
    done = confirm_version(by=second.actor, proposal=made.pk, look=look)
    assert (done.state, done.version.number, done.applied_at) == ("confirmed", 2, None)
    assert document_in_force(p4.pk).completed_share == 90
    assert document_of(Version.objects.get(number=1).pk).completed_share == 95
    assert other_versions(p4.pk) == {1: len(enrolled)}
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look=look) == "proposal-ended"
    assert move_enrolments(by=SETTLE) == len(enrolled)
    assert other_versions(p4.pk) == {2: len(enrolled)}
    assert sorted(Touched.objects.values_list("enrolment", flat=True)) == sorted(e.pk for e in enrolled.values())
    assert move_enrolments(by=SETTLE) == 1
    assert move_enrolments(by=SETTLE) == 0
    line = Line.objects.get(verb="programmes.apply_version")
    assert line.facts == {"version": 2, "people": len(enrolled)}
    assert forget_looks(by=SETTLE) == 0


def test_whoever_waits_to_be_counted_makes_a_look_stale(world, p4, enrolled, second, refusal):
    Touched.objects.all().delete()
    made = propose(world)
    look = looked(made)
    Touched.objects.create(enrolment=enrolled[world.teacher.person].pk, at=now())
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look=look) == "stale-look"
    Touched.objects.all().delete()
    assert confirm_version(by=second.actor, proposal=made.pk, look=look).state == "confirmed"


def test_a_deputy_of_who_proposed_does_not_confirm(world, p4, second, refusal):
    made = propose(world)
    look = looked(made)
    Proposal.objects.filter(pk=made.pk).update(proposed_by=world.cio.person, proposed_for=second.person)
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look=look) == "self-approval"
    assert confirm_version(by=world.office.actor, proposal=made.pk, look=look).state == "confirmed"


def test_new_enrolments_only(world, p4, enrolled, second):
    leaving = enrolled.pop(world.teacher.person)
    Touched.objects.all().delete()
    Enrolment.objects.filter(pk=leaving.pk).delete()
    made = propose(world, everybody=False)
    done = confirm_version(by=second.actor, proposal=made.pk, look=looked(made))
    assert done.applied_at == done.ended_at
    assert move_enrolments(by=SETTLE) == 0
    enrol_people(by=world.office.actor, programme=p4.pk, unit=world.nine_year)
    assert other_versions(p4.pk) == {1: len(enrolled), 2: 1}
    Touched.objects.all().delete()
    again = propose(world)  # the same document, now for everybody
    confirm_version(by=world.office.actor, proposal=_by(again, second), look=looked(again))
    assert (Version.objects.count(), move_enrolments(by=SETTLE)) == (2, len(enrolled))
    assert other_versions(p4.pk) == {2: len(enrolled) + 1}


def _by(proposal, member):
    Proposal.objects.filter(pk=proposal.pk).update(proposed_by=member.person)
    return proposal.pk


def test_what_was_published_meanwhile_makes_a_proposal_stale(world, p4, second, refusal):
    made = propose(world)
    look = looked(made)
    first = Version.objects.get()
    Version.objects.create(
        programme=p4, number=2, source=first.source, document=first.document, digest="x", published_at=now()
    )
    assert refusal(confirm_version, by=second.actor, proposal=made.pk, look=look) == "stale-proposal"


def test_refused_and_withdrawn_nothing_changes(world, p4, second, refusal):
    made = propose(world)
    assert refusal(refuse_version, by=second.actor, proposal=made.pk, reason=" ") == "reason-missing"
    assert refusal(withdraw_version, by=second.actor, proposal=made.pk) == "not-your-proposal"
    done = refuse_version(by=second.actor, proposal=made.pk, reason="先不改")
    assert (done.state, done.decided_by, done.end_reason) == ("refused", second.person, "先不改")
    told = Message.objects.filter(event="version-refused").values_list("person", flat=True)
    assert list(told) == [world.office.person]
    again = propose(world)
    assert withdraw_version(by=world.office.actor, proposal=again.pk).state == "withdrawn"
    assert refusal(refuse_version, by=second.actor, proposal=again.pk, reason="x") == "proposal-ended"
    assert Version.objects.count() == 1


def test_looking_again_is_asked_for_once(world, p4, second):
    made = propose(world)
    assert look_again(by=second.actor, proposal=made.pk).looks_asked == 1
    looked(made)
    look_again(by=second.actor, proposal=made.pk)
    look_again(by=second.actor, proposal=made.pk)
    assert list(Proposal.objects.values_list("looks_asked", "looks_made")) == [(2, 1)]


def test_the_former_document_is_proposed_again(world, p4, second, refusal):
    made = propose(world)
    confirm_version(by=second.actor, proposal=made.pk, look=looked(made))
    call = {"by": second.actor, "programme": p4.pk, "everybody": True, "reason": "收回"}
    assert refusal(propose_former, **call, version=7) == "not-found"
    assert refusal(propose_former, **call, version=2) == "nothing-changes"
    back = propose_former(**call, version=1)
    done = confirm_version(by=world.office.actor, proposal=back.pk, look=looked(back))
    assert (done.version.number, document_in_force(p4.pk).completed_share) == (3, 95)


def test_the_platform_alone_moves_and_forgets(world, p4, refusal):
    assert refusal(move_enrolments, by=world.office.actor) == "platform-only"
    assert refusal(forget_looks, by=world.office.actor) == "platform-only"


def test_lines_are_compared_as_sentences(world, p4):
    old = document_in_force(p4.pk)
    made = propose(world, source=CHANGED.replace("\nlevels:\n", "\nreturns: 1\nlevels:\n", 1))
    new = from_json(made.document)
    lines = {line.path: (line.before, line.after) for line in compare(old, new, "en")}
    assert lines == {
        "returns": (
            "Evidence may be returned 2 times before it must be decided.",
            "Evidence may be returned once before it must be decided.",
        ),
        "school.completed_share": (
            "A school is completed when at least 95 % of its teachers have passed.",
            "A school is completed when at least 90 % of its teachers have passed.",
        ),
    }
    assert compare(old, old, "zh-hans") == ()


def test_the_command_proposes_after_the_start(world, p4, second, capsys, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(CHANGED, encoding="utf-8")
    with pytest.raises(CommandError, match="reason-missing"):
        call_command("programme", "load", str(file))
    call_command("programme", "load", str(file), "--reason", "区里改了比例", "--everybody")
    assert capsys.readouterr().out.strip() == (
        "p4-district: proposed for everybody; the programme has started, so its office confirms it"
    )
    made = Proposal.objects.get()
    assert (made.proposed_by, made.everybody) == (None, True)
    assert confirm_version(by=second.actor, proposal=made.pk, look=looked(made)).state == "confirmed"
