"""Evidence lies where its author was counted on the day it was handed in, as it is known now."""

from datetime import date, datetime

import pytest

from tests.evidence.conftest import put
from weineng.audit.models import Line
from weineng.evidence.actions import draft_submission, place_submissions
from weineng.evidence.models import Submission
from weineng.evidence.permissions import VIEW
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import transfer_person
from weineng.organisations.models import Change
from weineng.organisations.rules import Post

pytestmark = pytest.mark.django_db

PLATFORM = platform("settle")
HANDED_IN = date(2026, 5, 20)


def settle():
    return place_submissions(by=PLATFORM), list(
        Line.objects.filter(verb="evidence.place").order_by("pk").values_list("facts__submissions", flat=True)
    )


def transfer(world, unit, on):
    transfer_person(by=world.office.actor, person=world.teacher.person, post=Post(unit), on=on)


@pytest.fixture
def handed_in(world, sealed, set_clock):
    """Handed in on 20 May; looked at in July. Another one is still being written, a colleague has handed nothing in."""
    Change.objects.all().delete()
    set_clock(datetime(2026, 7, 1, 9, tzinfo=CIVIL))
    other = draft_submission(by=world.teacher.actor, enrolment=sealed.enrolment, item="point", point="A5")
    put(world.teacher.actor, other, 1, b"text", "a.txt")
    return sealed


def unit(row):
    return Submission.objects.values_list("unit", flat=True).get(pk=row.pk)


@pytest.mark.parametrize(("on", "moves"), [(date(2026, 5, 20), True), (date(2026, 5, 21), False)])
def test_a_post_entered_late_moves_what_was_handed_in_since_then(world, handed_in, on, moves):
    transfer(world, world.play, on)
    assert settle() == (1, [1] if moves else [])
    assert unit(handed_in) == (world.play if moves else world.maths)
    assert Submission.objects.get(state="draft").unit_id is None


def test_a_second_round_writes_nothing(world, handed_in):
    transfer(world, world.play, HANDED_IN)
    assert settle() == (1, [1])
    assert settle() == (0, [1])
    Change.objects.update(read_by=[])
    assert settle() == (1, [1])


@pytest.mark.slow
def test_the_office_of_then_keeps_it_the_office_of_now_sees_all(world, handed_in):
    def seen():
        rows = [Submission.objects.within(m.actor, VIEW) for m in (world.office, world.wu, world.kindergarten_cio)]
        return [set(found.values_list("pk", flat=True)) for found in rows]

    def move(on):
        post = Post(world.sibling_group)
        transfer_person(by=PLATFORM, person=world.teacher.person, post=post, on=on)
        settle()

    assert seen() == [{handed_in.pk}, set(), set()]
    move(date(2026, 6, 1))
    assert seen() == [{handed_in.pk}, {handed_in.pk}, set()]
    move(HANDED_IN)  # it was earlier than was thought
    assert seen() == [set(), {handed_in.pk}, set()]


def test_only_the_platform_places(world, handed_in):
    with pytest.raises(Refused) as why:
        place_submissions(by=world.office.actor)
    assert why.value.code == "platform-only"
