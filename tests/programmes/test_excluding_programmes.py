"""Which programmes a document may exclude: those that are run here, and that do not exclude it in turn."""

import pytest

from tests.district import SOURCE, enrol_nine_year, second_office, start_p4
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.programmes.actions import confirm_version, propose_version, publish_programme
from weineng.programmes.models import Enrolment, Proposal, Version


def named(code, *others):
    return SOURCE.replace("programme: p4-district", f"programme: {code}", 1).replace(
        "levels:", f"exclusive_with: [{', '.join(others)}]\nlevels:", 1
    )


@pytest.fixture
def publish(world, standard):
    return lambda code, *others: (
        publish_programme(by=world.office.actor, source=named(code, *others), owner=world.district).version
    )


def refused(publish, code, *others):
    there = Version.objects.count()
    with pytest.raises(Refused) as caught:
        publish(code, *others)
    assert Version.objects.count() == there
    return caught.value.code, caught.value.params


def test_only_programmes_that_are_run_here_can_be_excluded(publish):
    publish("first")
    what = refused(publish, "second", "third", "first", "province-base")
    assert what == ("excluded-unknown", {"programmes": "province-base, third"})
    assert publish("second", "first").document["exclusive_with"] == ["first"]


def test_of_two_one_names_the_other_and_the_way_back_is_open_while_nobody_takes_part(publish):
    publish("first")
    publish("second", "first")
    assert refused(publish, "first", "second") == ("excluded-in-circle", {"programme": "second"})
    publish("second")
    assert publish("first", "second").document["exclusive_with"] == ["second"]
    assert refused(publish, "second", "first") == ("excluded-in-circle", {"programme": "first"})


def test_nor_through_others(publish):
    publish("first")
    publish("second", "first")
    publish("third", "second")
    publish("fourth", "third", "first")
    for code in ("second", "third", "fourth"):
        assert refused(publish, "first", code) == ("excluded-in-circle", {"programme": code})


def propose(world, *others):
    return propose_version(by=world.office.actor, source=named("p4-district", *others), everybody=False, reason="改")


def test_a_change_that_waits_is_asked_once_more_when_it_is_confirmed(world, publish):
    publish("second")
    start_p4(world)
    made = propose(world, "second")
    Proposal.objects.filter(pk=made.pk).update(looks_made=1, looked_at=now(), look_mark="seen", look={"people": 0})
    publish("second", "p4-district")
    with pytest.raises(Refused) as caught:
        confirm_version(by=second_office(world).actor, proposal=made.pk, look="seen")
    assert caught.value.code == "excluded-in-circle"
    with pytest.raises(Refused) as caught:
        propose(world, "second")
    assert caught.value.code == "excluded-in-circle"


def test_a_former_document_that_still_judges_somebody_counts_as_one_that_excludes(world, publish):
    publish("second")
    row = start_p4(world, named("p4-district", "second"))
    enrol_nine_year(world, row)
    Version.objects.create(
        programme=row, number=2, source="", document={**row.versions.get().document, "exclusive_with": []}, digest="2",
        published_at=now(),
    )  # fmt: skip
    assert refused(publish, "second", "p4-district")[0] == "excluded-in-circle"
    Enrolment.objects.filter(programme=row).update(version=row.versions.get(number=2))
    assert publish("second", "p4-district").number == 2
