"""Who refers to a file, how long it is kept, and who may open a link to it."""

from datetime import datetime, timedelta

import pytest

from tests.evidence.conftest import here  # noqa: F401 (files are looked into in this process)
from tests.files import samples
from tests.files.conftest import bring
from weineng.audit.effects import record
from weineng.files.actions import begin_upload, erase_unused, give_up, recheck_files
from weineng.files.effects import attach, carry, drop
from weineng.files.links import link_word, open_link
from weineng.files.models import Blob, Use
from weineng.files.queries import arrived, files_of
from weineng.files.rules import MB, Limits
from weineng.gateways import storage
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import CIVIL, now
from weineng.kernel.refusals import NotFound, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HOLDER = "evidence.item"


@pytest.fixture
def start(set_clock):
    return set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))


def cause():
    return record(by=platform("test"), verb="evidence.attach")


def use(upload, holder_id=1, place=0):
    return attach(cause=cause(), upload=upload, holder=HOLDER, holder_id=holder_id, place=place)


def erase():
    return erase_unused(by=platform("worker"))


def test_a_file_is_kept_while_something_refers_to_it_and_thirty_days_longer(world, start, set_clock):
    data = samples.pdf()
    first, second = bring(world.teacher.actor, data), bring(world.colleague.actor, data)
    digest = first.blob.digest
    one, two = use(first, 1), use(second, 2)
    set_clock(start + timedelta(days=100))
    assert erase() == 0
    assert drop(cause=cause(), uses=[one.pk]) == 1
    assert drop(cause=cause(), uses=[one.pk]) == 0
    set_clock(start + timedelta(days=200))
    assert erase() == 0
    drop(cause=cause(), uses=[two.pk])
    set_clock(start + timedelta(days=229))
    assert erase() == 0
    set_clock(start + timedelta(days=231))
    assert erase() == 1
    assert erase() == 0
    assert not storage.store().exists(digest)
    with pytest.raises(Refused) as why:
        use(first, 3)
    assert why.value.code == "file-gone"


def test_an_erased_file_comes_back_when_it_is_brought_again(world, start, set_clock):
    data = samples.pdf()
    first = bring(world.teacher.actor, data)
    set_clock(start + timedelta(days=31))
    assert erase() == 1
    again = bring(world.teacher.actor, data)
    assert again.blob_id == first.blob_id
    assert Blob.objects.get().erased_at is None
    assert storage.store().exists(again.blob.digest)
    assert use(again).file_name == "教案.txt"
    set_clock(start + timedelta(days=99))
    assert erase() == 0


def test_an_unfinished_upload_cannot_be_used_and_the_same_one_twice_is_one_use(world):
    upload = begin_upload(
        by=world.teacher.actor, purpose="test:1", limits=Limits({"document": MB}), file_name="a.pdf", size=5
    )
    with pytest.raises(Refused) as why:
        use(upload)
    assert why.value.code == "upload-unfinished"
    done = bring(world.teacher.actor, samples.pdf())
    assert use(done).pk == use(done).pk
    assert Use.objects.count() == 1


def test_files_of_a_holder_come_in_their_order_and_are_carried_to_the_next_version(world):
    by = world.teacher.actor
    second, first = bring(by, b"two", "二.txt"), bring(by, b"one", "一.txt")
    use(second, 7, place=2), use(first, 7, place=1), use(bring(by, b"x"), 8)
    assert [u.file_name for u in files_of(HOLDER, [7])] == ["一.txt", "二.txt"]
    assert carry(cause=cause(), holder=HOLDER, pairs={7: 70}) == 2
    drop(cause=cause(), uses=files_of(HOLDER, [7]).values("pk"))
    assert [u.file_name for u in files_of(HOLDER, [7])] == []
    assert [(u.file_name, u.blob.unused_since) for u in files_of(HOLDER, [70])] == [("一.txt", None), ("二.txt", None)]


def test_arrived_files_that_nothing_took_are_found_by_their_purpose(world):
    by = world.teacher.actor
    taken, waiting = bring(by, b"1", purpose="evidence.item:5"), bring(by, b"2", purpose="evidence.item:5")
    given_up = bring(by, b"3", purpose="evidence.item:5")
    bring(by, b"4", purpose="activities.product:5")
    use(taken)
    give_up(by=by, upload=given_up.pk)
    assert list(arrived("evidence.item:", since=taken.finished_at)) == [waiting]
    assert list(arrived("evidence.item:", since=now())) == []


def test_a_check_that_could_not_be_finished_is_done_again(world):
    done = bring(world.teacher.actor, samples.video(2))
    Blob.objects.update(broken="check-unfinished", seconds=None)
    assert recheck_files(by=platform("worker")) == 1
    assert recheck_files(by=platform("worker")) == 0
    blob = Blob.objects.get(pk=done.blob_id)
    assert (blob.broken, blob.seconds) == ("", 2)


# --- Links ---------------------------------------------------------------------------------------------------------
def denied(by, word):
    with pytest.raises(NotFound):
        open_link(by, word)


def test_a_link_opens_the_file_for_its_reader_and_for_nobody_else(world):
    by = world.teacher.actor
    link = link_word(by, use(bring(by, samples.pdf())))
    assert open_link(by, link).file_name == "教案.txt"
    for other in (world.colleague.actor, world.wu.actor, world.office.actor, Actor(), platform("settle")):
        denied(other, link)
    denied(Actor(person=by.person, on_behalf_of=world.leader.person), link)


def test_a_link_ends_after_a_quarter_of_an_hour_and_three_times_the_length_of_what_plays(world, start, set_clock):
    by = world.teacher.actor
    text, video = link_word(by, use(bring(by, b"text"))), link_word(by, use(bring(by, samples.video(10)), 2))
    set_clock(start + timedelta(minutes=14, seconds=55))
    assert open_link(by, text)
    set_clock(start + timedelta(minutes=15, seconds=5))
    denied(by, text)
    assert open_link(by, video)
    set_clock(start + timedelta(minutes=15, seconds=40))
    denied(by, video)


def test_a_link_dies_with_the_use_of_the_file(world):
    by = world.teacher.actor
    used = use(bring(by, b"text"))
    link = link_word(by, used)
    drop(cause=cause(), uses=[used.pk])
    denied(by, link)


def test_forged_links_open_nothing(world):
    by = world.teacher.actor
    link = link_word(by, use(bring(by, b"text")))
    other = link_word(by, use(bring(by, b"other"), 2))
    name, stamp, proof = link.split(".")
    later = f"{int(stamp, 16) + 3600:x}"
    forged = [
        f"{name}.{later}.{proof}",
        f"{other.split('.')[0]}.{stamp}.{proof}",
        f"{name}.{stamp}.{'0' * 32}",
        f"{name}.{stamp}.",
    ]
    forged += [
        "",
        ".",
        "..",
        "a.b.c",
        f"{name}.{'f' * 40}.{proof}",
        f"{name}.-1.{proof}",
        f"{name}.{stamp}.é",
        link[:-1],
        link + "0",
    ]
    for word in forged:
        denied(by, word)
