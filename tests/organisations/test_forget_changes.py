"""What changed is read once by each module that follows it, and forgotten when all have."""

import pytest
from django.db import transaction

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import forget_changes
from weineng.organisations.effects import note_change, read_changes
from weineng.organisations.models import Change

PLATFORM = platform("settle")


@pytest.fixture
def changes(world):
    Change.objects.all().delete()
    note_change(people=[world.teacher.person, world.colleague.person], units=[world.maths], during=None)
    return list(Change.objects.order_by("pk").values_list("pk", flat=True))


def read(reader, most=10):
    return [change.pk for change in read_changes(reader=reader, most=most)]


def test_each_reader_gets_every_change_once_and_oldest_first(changes):
    assert read("learning", most=2) == changes[:2]
    assert (read("learning"), read("learning")) == (changes[2:], [])
    assert read("evidence") == changes


def test_what_was_not_followed_to_its_end_is_there_again(changes):
    with transaction.atomic():
        assert read("learning") == changes
        transaction.set_rollback(True)
    assert read("learning") == changes


def test_a_change_is_forgotten_when_all_have_read_it(changes):
    read("learning")
    read("evidence", most=1)
    assert forget_changes(by=PLATFORM, readers=("learning", "evidence")) == 1
    assert list(Change.objects.order_by("pk").values_list("pk", flat=True)) == changes[1:]


def test_only_the_platform_forgets(world, changes):
    with pytest.raises(Refused) as why:
        forget_changes(by=world.office.actor, readers=())
    assert (why.value.code, Change.objects.count()) == ("platform-only", 3)
