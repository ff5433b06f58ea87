"""A line that a base lets be replaced with an approval: asked for, given, returned, withdrawn, taken back; published only then."""

import re

import pytest

from tests.district import SOURCE, second_office
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.notices.models import Message
from weineng.programmes.actions import (
    approve_lines,
    ask_approval,
    begin_draft,
    end_approval,
    publish_draft,
    publish_programme,
    return_approval,
    save_draft,
    start_programme,
    withdraw_approval,
)
from weineng.programmes.documents import DocumentRefused
from weineng.programmes.models import Approval, Programme, Proposal, Version
from weineng.programmes.queries import PLANS, approvals_to_decide, document_of, lines_of

BASE = (PLANS / "province-base.yaml").read_text(encoding="utf-8")


def base_with(level):
    """The province's base, in which a unit of a level lets the number of returns be another one."""
    changed, times = re.subn(r"(?m)^returns:\n(?: .*\n?)+", f"returns: {{value: 2, may_replace: {level}}}\n", BASE)
    assert times == 1
    return changed


def saying(returns):
    return SOURCE.replace("\nlevels:", f"\nreturns: {returns}\nlevels:", 1)


@pytest.fixture
def city(world):
    member = world.enter("童立新", world.city, key="city_office")
    world.grant(member.person, "office", world.city)
    return member


@pytest.fixture
def draft(world, standard, city):
    publish_programme(by=platform("ops"), source=base_with("city"))
    row = begin_draft(
        by=world.office.actor, owner=world.district, origin="nothing", code="p4-district", title={"en": "x"}
    )
    return save_draft(by=world.office.actor, draft=row.pk, source=saying(3), revision=row.revision)


def ask(world, draft, **changes):
    call = {"by": world.office.actor, "draft": draft.pk, "revision": draft.revision, "reason": "学校太小"} | changes
    return ask_approval(**call)


def publish(world, draft):
    return publish_draft(by=world.office.actor, draft=draft.pk, revision=draft.revision)


def told(event):
    return sorted(Message.objects.filter(event=event).values_list("person", flat=True))


def test_it_is_published_once_the_level_has_approved_and_not_before(world, draft, city, refusal):
    with pytest.raises(DocumentRefused) as caught:
        publish(world, draft)
    assert [problem.code for problem in caught.value.problems] == ["needs-approval"]
    (asked,) = ask(world, draft)
    assert (asked.owner_id, asked.approver_id, asked.level, asked.state) == (
        world.district,
        world.city,
        "city",
        "asked",
    )
    assert lines_of(asked) == [("returns", "2", "3", "city")]
    said = "Evidence may be returned %s times before it must be decided."
    assert asked.lines[0]["said"]["en"] == [[said % 2, said % 3]]
    assert (told("approval-asked"), told("approval-given")) == ([city.person], [])
    assert refusal(publish, world=world, draft=draft) == "document-wrong"
    assert Version.objects.filter(programme__code="p4-district").count() == 0
    done = approve_lines(by=city.actor, approval=asked.pk)
    assert (done.state, done.decided_by) == ("approved", city.person)
    assert told("approval-given") == [world.office.person]
    assert document_of(publish(world, draft).version.pk).returns == 3
    verbs = ["programmes.ask_approval", "programmes.approve_lines"]
    assert (
        list(Line.objects.filter(thing_type="programmes.approval").order_by("pk").values_list("verb", flat=True))
        == verbs
    )


def test_it_holds_for_this_value_this_base_and_this_office_alone(world, draft, city, refusal):
    (asked,) = ask(world, draft)
    approve_lines(by=city.actor, approval=asked.pk)
    other = save_draft(by=world.office.actor, draft=draft.pk, source=saying(4), revision=draft.revision)
    assert refusal(publish, world=world, draft=other) == "document-wrong"
    assert refusal(publish_programme, by=platform("ops"), source=saying(3), owner=world.sibling) == "document-wrong"
    publish_programme(by=platform("ops"), source=base_with("city").replace("value: 2, may", "value: 1, may"))
    assert refusal(publish_programme, by=world.office.actor, source=saying(3), owner=world.district) == "document-wrong"


def test_only_an_office_of_the_level_decides_and_never_who_asked(world, draft, city, refusal):
    (asked,) = ask(world, draft)
    for action in (approve_lines, lambda **call: return_approval(reason="x", **call)):
        assert refusal(action, by=world.office.actor, approval=asked.pk) == "not-found"
        assert refusal(action, by=world.wu.actor, approval=asked.pk) == "not-found"
    Approval.objects.filter(pk=asked.pk).update(asked_for=city.person)
    assert refusal(approve_lines, by=city.actor, approval=asked.pk) == "self-approval"
    assert list(approvals_to_decide(city.actor)) == []
    Approval.objects.filter(pk=asked.pk).update(asked_for=None)
    assert list(approvals_to_decide(city.actor)) == [asked]
    assert list(approvals_to_decide(world.office.actor)) == []


def test_an_office_of_the_level_itself_needs_its_second_person(world, draft, refusal):
    publish_programme(by=platform("ops"), source=base_with("county"))
    (asked,) = ask(world, draft)
    assert asked.approver_id == world.district
    assert refusal(approve_lines, by=world.office.actor, approval=asked.pk) == "self-approval"
    second = second_office(world)
    assert approve_lines(by=second.actor, approval=asked.pk).state == "approved"
    assert publish(world, draft).version.number == 1


def test_it_is_returned_with_a_reason_and_asked_for_again(world, draft, city, refusal):
    (asked,) = ask(world, draft)
    assert refusal(ask, world=world, draft=draft) == "approval-waits"
    assert refusal(return_approval, by=city.actor, approval=asked.pk, reason=" ") == "reason-missing"
    done = return_approval(by=city.actor, approval=asked.pk, reason="请说明")
    assert (done.state, done.answer, told("approval-returned")) == (
        "returned", "请说明", [world.office.person],
    )  # fmt: skip
    assert refusal(approve_lines, by=city.actor, approval=asked.pk) == "approval-decided"
    assert refusal(publish, world=world, draft=draft) == "document-wrong"
    assert ask(world, draft)[0].pk != asked.pk


def test_it_is_withdrawn_while_it_waits(world, draft, city, refusal):
    (asked,) = ask(world, draft)
    assert refusal(withdraw_approval, by=world.wu.actor, approval=asked.pk) == "not-found"
    assert refusal(withdraw_approval, by=city.actor, approval=asked.pk) == "not-your-request"
    assert withdraw_approval(by=world.office.actor, approval=asked.pk).state == "withdrawn"
    assert told("approval-withdrawn") == [city.person]
    assert refusal(withdraw_approval, by=world.office.actor, approval=asked.pk) == "approval-decided"
    assert refusal(approve_lines, by=city.actor, approval=asked.pk) == "approval-decided"


def test_it_is_taken_back_as_long_as_nothing_rests_on_it(world, draft, city, refusal):
    (asked,) = ask(world, draft)
    assert refusal(end_approval, by=city.actor, approval=asked.pk, reason="误") == "not-approved"
    approve_lines(by=city.actor, approval=asked.pk)
    assert refusal(end_approval, by=world.office.actor, approval=asked.pk, reason="误") == "not-found"
    assert end_approval(by=city.actor, approval=asked.pk, reason="误").state == "ended"
    assert refusal(publish, world=world, draft=draft) == "document-wrong"
    (again,) = ask(world, draft)
    approve_lines(by=city.actor, approval=again.pk)
    version = publish(world, draft).version
    assert refusal(end_approval, by=city.actor, approval=again.pk, reason="误") == "approval-used"
    start_programme(by=world.office.actor, programme=version.programme_id, confirm_assumptions=True)
    assert Programme.objects.get(code="p4-district").started_on is not None


def test_a_change_of_a_running_programme_waits_for_it_too(world, draft, city, refusal):
    version = publish_programme(by=world.office.actor, source=SOURCE, owner=world.district).version
    start_programme(by=world.office.actor, programme=version.programme_id, confirm_assumptions=True)

    def propose():
        return publish_draft(by=world.office.actor, draft=draft.pk, revision=draft.revision, reason="改")

    assert (refusal(propose), Proposal.objects.count()) == ("document-wrong", 0)
    (asked,) = ask(world, draft)
    approve_lines(by=city.actor, approval=asked.pk)
    assert propose().proposal.document["returns"] == 3
    assert refusal(end_approval, by=city.actor, approval=asked.pk, reason="误") == "approval-used"


def test_what_cannot_be_asked_for(world, draft, refusal):
    assert refusal(ask, world=world, draft=draft, reason=" ") == "reason-missing"
    assert refusal(ask, world=world, draft=draft, revision=0) == "stale-draft"
    assert refusal(ask, world=world, draft=draft, by=world.wu.actor) == "not-found"
    for text, code in (
        (saying(2), "nothing-to-approve"),
        (saying(3).replace("per: day", "per: daily"), "document-wrong"),
    ):
        row = save_draft(by=world.office.actor, draft=draft.pk, source=text, revision=draft.revision)
        assert refusal(ask, world=world, draft=row) == code
        draft = save_draft(by=world.office.actor, draft=draft.pk, source=saying(3), revision=row.revision)
