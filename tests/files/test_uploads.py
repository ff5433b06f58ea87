"""An upload from its announcement to its receipt, whatever happens on the way."""

import hashlib
import os
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.files import samples
from tests.files.conftest import LIMITS, blocks_of, bring, edges_of
from weineng.audit.models import Line
from weineng.files import parts
from weineng.files.actions import (
    begin_upload,
    erase_strays,
    expire_uploads,
    finish_upload,
    finish_waiting,
    give_up,
    resume_upload,
    throw_away,
)
from weineng.files.arrivals import look_up, receive
from weineng.files.models import Blob, Upload
from weineng.files.queries import bytes_of, my_uploads, problem_of
from weineng.files.rules import MB, Limits, Problem
from weineng.gateways import storage
from weineng.kernel.actors import Actor, platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused

pytestmark = pytest.mark.django_db


def begin(by, size=100, name="教案.docx", **kw):
    return begin_upload(by=by, purpose="test:1", limits=LIMITS, file_name=name, size=size, **kw)


def refusal(action, **kw):
    with pytest.raises(Refused) as why:
        action(**kw)
    assert str(why.value)
    return why.value.code


# --- From beginning to end -----------------------------------------------------------------------------------------
def test_a_file_that_arrived_whole_gets_a_receipt_and_lies_in_the_store(world, django_capture_on_commit_callbacks):
    data, by = samples.video(3), world.teacher.actor
    with django_capture_on_commit_callbacks(execute=True):
        done = bring(by, data, "课堂实录.mp4")
    assert done.receipt.startswith("F-")
    assert len(done.receipt) == 19
    blob = done.blob
    assert (blob.digest, blob.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (blob.media_type, blob.family, blob.seconds, blob.broken) == ("video/mp4", "video", 3, "")
    assert b"".join(bytes_of(blob)) == data
    assert b"".join(bytes_of(blob, 10, 5)) == data[10:15]
    assert parts.present() == set()
    assert finish_upload(by=by, upload=done.pk).receipt == done.receipt
    lines = Line.objects.filter(thing_type="files.upload", thing=done.pk).order_by("pk")
    assert [line.verb for line in lines] == ["files.begin", "files.finish"]


def test_the_same_file_of_two_people_is_kept_once(world):
    data = samples.pdf(2)
    first, second = bring(world.teacher.actor, data), bring(world.colleague.actor, data)
    assert first.blob_id == second.blob_id
    assert first.receipt != second.receipt
    assert Blob.objects.count() == 1


def test_no_receipt_before_the_last_byte(world):
    by, data = world.teacher.actor, os.urandom(1000)
    upload = begin(by, 1000)
    receive(by=by, upload=upload.pk, offset=0, blocks=[data[:999]])
    assert refusal(finish_upload, by=by, upload=upload.pk) == "upload-unfinished"
    receive(by=by, upload=upload.pk, offset=999, blocks=[data[999:]])
    assert finish_upload(by=by, upload=upload.pk).blob.digest == hashlib.sha256(data).hexdigest()


def test_a_file_that_cannot_be_used_arrives_and_says_why(world):
    done = bring(world.teacher.actor, samples.video(8)[:-1500], "实录.mp4")
    assert done.receipt
    assert problem_of(done.blob, LIMITS) == Problem("unreadable-video")


@pytest.mark.parametrize(
    ("data", "limits", "code", "params"),
    [
        (samples.program, LIMITS, "file-wrong-kind", {"kinds"}),
        (lambda: samples.archive({"a": b"1"}), LIMITS, "file-wrong-kind", {"kinds"}),
        (lambda: samples.video(3), Limits({"video": MB}, max_seconds=2), "file-too-long", {"length", "limit"}),
        (lambda: samples.pdf(1) + b" " * 3000, Limits({"video": MB, "document": 2000}), "file-too-big", {"size", "limit"}),
        (lambda: samples.locked_pdf(), LIMITS, "password-protected", set()),
    ],
)  # fmt: skip
def test_what_the_content_forbids_is_said_after_arrival(world, data, limits, code, params):
    """Whatever the name promises: here nothing."""
    done = bring(world.teacher.actor, data(), "file", limits=limits)
    problem = problem_of(done.blob, limits)
    assert (problem.code, set(problem.params)) == (code, params)


# --- Before the first byte -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("教案.docx", 0, "file-empty"),
        ("教案.docx", -1, "file-empty"),
        ("教案.docx", 50 * MB + 1, "file-too-big"),
        ("课堂实录.MP4", 500 * MB + 1, "file-too-big"),
        ("无后缀", 500 * MB + 1, "file-too-big"),
        ("素材.zip", 10, "file-wrong-kind"),
        ("教案.docx.exe", 10, "file-wrong-kind"),
    ],
)
def test_limits_are_refused_before_the_first_byte(world, name, size, code):
    assert refusal(begin, by=world.teacher.actor, size=size, name=name) == code
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "size"), [("课堂实录.MP4", 500 * MB), ("无后缀", 500 * MB), ("教案.docx", 50 * MB), ("a", 1)]
)
def test_limits_include_their_value(world, name, size):
    assert begin(world.teacher.actor, size, name).size == size


def test_quota_and_number_of_uploads(world, settings):
    settings.UPLOAD_QUOTA, settings.UPLOADS_OPEN = 1000, 2
    by = world.teacher.actor
    begin(by, 600)
    assert refusal(begin, by=by, size=401) == "upload-quota"
    second = begin(by, 400)
    assert refusal(begin, by=by, size=1) == "too-many-uploads"
    give_up(by=by, upload=second.pk)
    assert begin(by, 400)
    assert begin(world.colleague.actor, 1000)
    settings.DISK_RESERVE = 1 << 60
    assert refusal(begin, by=world.leader.actor, size=1) == "storage-full"


def test_only_those_who_may_upload_begin_one(world):
    for by in (Actor(), world.provider, Actor(person=world.teacher.person)):
        assert refusal(begin, by=by) == "not-found"


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("C:\\我的文档\\教案.docx", "教案.docx"),
        ("../../etc/passwd", "passwd"),
        ("报告\u202efdp.exe.docx", "报告fdp.exe.docx"),
        ("a\r\nb\x00.docx", "ab.docx"),
        ("课" * 300 + ".docx", "课" * 155 + ".docx"),
        ("  ", "file"),
        ("e\u0301.docx", "é.docx"),
    ],
)
def test_names_are_cleaned(world, given_, kept):
    assert begin(world.teacher.actor, name=given_).file_name == kept


# --- Not mine ------------------------------------------------------------------------------------------------------
def test_another_persons_upload_is_not_found(world):
    upload = begin(world.teacher.actor, 10)
    receive(by=world.teacher.actor, upload=upload.pk, offset=0, blocks=[b"0123456789"])
    for other in (world.colleague.actor, world.wu.actor, world.principal.actor, world.office.actor, world.provider):
        assert refusal(look_up, by=other, upload=upload.pk) == "not-found"
        assert refusal(receive, by=other, upload=upload.pk, offset=10, blocks=[]) == "not-found"
        assert refusal(finish_upload, by=other, upload=upload.pk) == "not-found"
        assert refusal(give_up, by=other, upload=upload.pk) == "not-found"
        assert refusal(resume_upload, by=other, upload=upload.pk, file_name="教案.docx", size=10) == "not-found"
        assert list(my_uploads(other)) == []
    assert list(my_uploads(world.teacher.actor)) == [upload]
    assert list(my_uploads(world.teacher.actor, "test:2")) == []


# --- Interrupted ---------------------------------------------------------------------------------------------------
def broken_line(data, after):
    """Blocks of a line that breaks after so many bytes."""
    yield from blocks_of(data[:after], 1000)
    raise ConnectionResetError


def test_a_broken_line_keeps_what_arrived(world):
    by, data = world.teacher.actor, os.urandom(50_000)
    upload = begin(by, 50_000)
    assert receive(by=by, upload=upload.pk, offset=0, blocks=broken_line(data, 20_500)).offset == 20_500
    assert refusal(receive, by=by, upload=upload.pk, offset=0, blocks=[data]) == "offset-conflict"
    assert refusal(receive, by=by, upload=upload.pk, offset=20_501, blocks=[data]) == "offset-conflict"
    receive(by=by, upload=upload.pk, offset=20_500, blocks=[data[20_500:]])
    assert finish_upload(by=by, upload=upload.pk).blob.digest == hashlib.sha256(data).hexdigest()


def test_more_than_was_announced_is_refused_and_what_fits_stays_whole(world):
    by = world.teacher.actor
    upload = begin(by, 10)
    assert refusal(receive, by=by, upload=upload.pk, offset=0, blocks=[b"01234", b"56789x"]) == "too-many-bytes"
    assert look_up(by=by, upload=upload.pk).offset == 5
    assert refusal(receive, by=by, upload=upload.pk, offset=5, blocks=[b"567890"]) == "too-many-bytes"
    receive(by=by, upload=upload.pk, offset=5, blocks=[b"56789"])
    assert parts.place_of(upload.pk).read_bytes() == b"0123456789"


def test_a_part_with_a_checksum_counts_whole_or_not_at_all(world):
    by, data = world.teacher.actor, os.urandom(5000)
    upload = begin(by, 5000)
    right = ("sha256", hashlib.sha256(data[:3000]).digest())
    assert (
        refusal(
            receive, by=by, upload=upload.pk, offset=0, blocks=[data[:2999], bytes([data[2999] ^ 1])], checksum=right
        )
        == "checksum-mismatch"
    )
    assert look_up(by=by, upload=upload.pk).offset == 0
    assert (
        refusal(receive, by=by, upload=upload.pk, offset=0, blocks=broken_line(data, 1000), checksum=right)
        == "checksum-mismatch"
    )
    assert receive(by=by, upload=upload.pk, offset=0, blocks=[data[:3000]], checksum=right).offset == 3000
    sha1 = ("sha1", hashlib.sha1(data[3000:]).digest())
    assert receive(by=by, upload=upload.pk, offset=3000, blocks=[data[3000:]], checksum=sha1).offset == 5000
    assert finish_upload(by=by, upload=upload.pk).blob.digest == hashlib.sha256(data).hexdigest()


def test_whoever_comes_next_takes_over_and_the_one_before_stops(world):
    by, data = world.teacher.actor, os.urandom(3000)
    upload = begin(by, 3000)

    def hanging():
        yield data[:1000]
        look_up(by=by, upload=upload.pk)  # the phone came back on another line
        receive(by=by, upload=upload.pk, offset=0, blocks=[data[:2000]])
        yield b"x" * 1000

    assert refusal(receive, by=by, upload=upload.pk, offset=0, blocks=hanging()) == "upload-taken-over"
    assert look_up(by=by, upload=upload.pk).offset == 2000
    receive(by=by, upload=upload.pk, offset=2000, blocks=[data[2000:]])
    assert parts.place_of(upload.pk).read_bytes() == data


def test_giving_up_in_the_middle_stops_the_writer(world, django_capture_on_commit_callbacks):
    by = world.teacher.actor
    upload = begin(by, 3000)

    def hanging():
        yield b"x" * 1000
        with django_capture_on_commit_callbacks(execute=True):
            give_up(by=by, upload=upload.pk)
        yield b"x" * 1000

    assert refusal(receive, by=by, upload=upload.pk, offset=0, blocks=hanging()) == "upload-taken-over"
    assert parts.present() == set()
    for verb in (look_up, finish_upload, give_up):
        assert refusal(verb, by=by, upload=upload.pk) == "upload-ended"


def test_bytes_beyond_the_acknowledged_ones_are_cut_off(world):
    """A kill between the disk and the row."""
    by = world.teacher.actor
    upload = begin(by, 10)
    receive(by=by, upload=upload.pk, offset=0, blocks=[b"0123"])
    with parts.place_of(upload.pk).open("ab") as file:
        file.write(b"garbage")
    assert look_up(by=by, upload=upload.pk).offset == 4
    receive(by=by, upload=upload.pk, offset=4, blocks=[b"45"])
    assert parts.place_of(upload.pk).read_bytes() == b"012345"


def test_where_the_disk_holds_less_than_the_row_says_the_disk_is_right(world):
    """Restored from a back-up, or another disk."""
    by = world.teacher.actor
    upload = begin(by, 10)
    receive(by=by, upload=upload.pk, offset=0, blocks=[b"012345"])
    os.truncate(parts.place_of(upload.pk), 3)
    assert refusal(receive, by=by, upload=upload.pk, offset=6, blocks=[b"6789"]) == "offset-conflict"
    assert look_up(by=by, upload=upload.pk).offset == 3
    receive(by=by, upload=upload.pk, offset=3, blocks=[b"3456789"])
    assert finish_upload(by=by, upload=upload.pk).blob.digest == hashlib.sha256(b"0123456789").hexdigest()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "send", "break", "kill", "check", "damage", "wrong", "look", "beyond"]),
        st.integers(1, 90_000),
        st.integers(1, 40_000),
    ),
    max_size=18,
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=64).map(lambda seed: (seed * 6000)[: len(seed) * 4001]), steps=STEPS)
def test_any_sequence_of_parts_breaks_and_kills_ends_in_the_same_bytes(world, data, steps):
    by, size = world.teacher.actor, len(data)
    upload = begin(by, size, "a", edges=edges_of(data))
    safe = 0
    for kind, length, block in steps:
        chunk = data[safe : safe + length]
        sum_ = ("sha256", hashlib.sha256(chunk).digest())
        now_ = Upload.objects.get(pk=upload.pk).offset
        assert now_ == safe
        if kind == "send":
            safe = receive(by=by, upload=upload.pk, offset=safe, blocks=blocks_of(chunk, block)).offset
        elif kind == "break":
            safe = receive(by=by, upload=upload.pk, offset=safe, blocks=broken_line(chunk, len(chunk) // 2)).offset
        elif kind == "kill" and safe < size:
            turn = parts.take_turn(upload.pk)
            parts.begin_at(turn, safe)
            parts.write(turn, safe, chunk[: len(chunk) // 2] + b"\xff")
        elif kind == "check":
            safe = receive(by=by, upload=upload.pk, offset=safe, blocks=blocks_of(chunk, block), checksum=sum_).offset
        elif kind == "damage" and chunk:
            bad = bytes([chunk[0] ^ 1]) + chunk[1:]
            assert (
                refusal(receive, by=by, upload=upload.pk, offset=safe, blocks=[bad], checksum=sum_)
                == "checksum-mismatch"
            )
        elif kind == "wrong":
            assert refusal(receive, by=by, upload=upload.pk, offset=safe + length, blocks=[b"x"]) == "offset-conflict"
        elif kind == "look":
            assert look_up(by=by, upload=upload.pk).offset == safe
        elif kind == "beyond":
            assert (
                refusal(receive, by=by, upload=upload.pk, offset=safe, blocks=[data[safe:] + b"x"]) == "too-many-bytes"
            )
    while safe < size:
        safe = receive(by=by, upload=upload.pk, offset=safe, blocks=[data[safe : safe + 50_000]]).offset
    done = finish_upload(by=by, upload=upload.pk)
    assert b"".join(bytes_of(done.blob)) == data


# --- Taken up again ------------------------------------------------------------------------------------------------
def test_the_same_file_chosen_on_another_device_goes_on(world):
    by, data = world.teacher.actor, os.urandom(300_000)
    upload = begin(by, 300_000, "IMG_1.mov", edges=edges_of(data))
    receive(by=by, upload=upload.pk, offset=0, blocks=[data[:1000]])
    again = resume_upload(by=by, upload=upload.pk, file_name="IMG_1 (1).mov", size=300_000, edges=edges_of(data))
    assert (again.pk, again.offset) == (upload.pk, 1000)
    other = edges_of(data[:-1] + bytes([data[-1] ^ 1]))
    for size, edges in ((300_000, other), (299_999, edges_of(data))):
        assert (
            refusal(resume_upload, by=by, upload=upload.pk, file_name="IMG_1.mov", size=size, edges=edges)
            == "not-the-same-file"
        )


def test_without_edges_the_name_decides(world):
    by = world.teacher.actor
    upload = begin(by, 100, "教案.docx")
    assert resume_upload(by=by, upload=upload.pk, file_name="教案.docx", size=100, edges="a" * 64).pk == upload.pk
    assert refusal(resume_upload, by=by, upload=upload.pk, file_name="教案2.docx", size=100) == "not-the-same-file"


@pytest.mark.parametrize("size", [1, 65535, 65536, 65537, 131071, 131072, 131073, 200_000])
def test_bytes_that_are_not_those_of_the_announced_edges_get_no_receipt(world, size):
    by, data = world.teacher.actor, os.urandom(size)
    assert bring(by, data).receipt
    other = bytes([data[0] ^ 1]) + data[1:]
    upload = begin(by, size, "a", edges=edges_of(data))
    receive(by=by, upload=upload.pk, offset=0, blocks=blocks_of(other))
    assert refusal(finish_upload, by=by, upload=upload.pk) == "not-the-same-file"
    assert Upload.objects.get(pk=upload.pk).receipt is None


# --- What time does ------------------------------------------------------------------------------------------------
def test_a_week_without_a_byte_ends_an_upload(world, set_clock, django_capture_on_commit_callbacks):
    start = set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    by = world.teacher.actor
    quiet, busy, done = begin(by, 10), begin(by, 10), bring(by, b"a plain text")
    receive(by=by, upload=quiet.pk, offset=0, blocks=[b"01"])
    set_clock(start + timedelta(days=6))
    receive(by=by, upload=busy.pk, offset=0, blocks=[b"01"])
    assert expire_uploads(by=platform("worker")) == 0
    set_clock(start + timedelta(days=7, hours=1))
    parts.take_turn(done.pk)  # left behind by a kill
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_uploads(by=platform("worker")) == 1
    assert expire_uploads(by=platform("worker")) == 0
    assert list(my_uploads(by)) == [busy]
    assert parts.present() == {busy.pk}
    assert refusal(look_up, by=by, upload=quiet.pk) == "upload-ended"


def test_what_arrived_whole_gets_its_receipt_even_if_nobody_comes_back(world, set_clock):
    start = set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    by = world.teacher.actor
    whole, other, half = begin(by, 4), begin(by, 4, edges=edges_of(b"else")), begin(by, 4)
    for upload, data in ((whole, b"text"), (other, b"text"), (half, b"te")):
        receive(by=by, upload=upload.pk, offset=0, blocks=[data])
    assert finish_waiting(by=platform("worker")) == 0
    set_clock(start + timedelta(minutes=3))
    assert finish_waiting(by=platform("worker")) == 2
    assert finish_waiting(by=platform("worker")) == 0
    assert [Upload.objects.get(pk=u.pk).receipt is not None for u in (whole, other, half)] == [True, False, False]
    assert Upload.objects.get(pk=other.pk).ended_at is not None


def test_a_finish_that_was_killed_after_storing_leaves_nothing_for_ever(world, set_clock):
    from weineng.files.actions import erase_unused

    start = set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    by, digest = world.teacher.actor, hashlib.sha256(b"text").hexdigest()
    upload = begin(by, 4)
    receive(by=by, upload=upload.pk, offset=0, blocks=[b"text"])
    storage.store().put(parts.place_of(upload.pk), digest)  # and then the power failed
    give_up(by=by, upload=upload.pk)
    set_clock(start + timedelta(days=31))
    assert erase_unused(by=platform("worker")) == 1
    assert not storage.store().exists(digest)


# --- What is undone ------------------------------------------------------------------------------------------------
def undone(by, data):
    """The bytes arrive whole, and then what was begun with them fails."""
    try:
        with transaction.atomic():
            bring(by, data)
            raise OSError("something else broke")
    except OSError:
        return hashlib.sha256(data).hexdigest()


@pytest.fixture
def hours(set_clock):
    start = datetime(2026, 3, 1, 8, tzinfo=CIVIL)
    set_clock(start)
    return lambda number: set_clock(start + timedelta(hours=number))


def erase():
    return erase_strays(by=platform("worker"))


def test_bytes_whose_upload_was_undone_are_erased_after_an_hour(world, hours):
    digest = undone(world.teacher.actor, b"519901199001010118")
    assert (Blob.objects.count(), storage.store().exists(digest), erase()) == (0, True, 0)
    hours(2)
    assert (erase(), storage.store().exists(digest)) == (1, False)
    assert Blob.objects.get().erased_at is not None
    assert Line.objects.get(verb="files.erase").thing == Blob.objects.get().pk
    assert erase() == 0


@pytest.mark.parametrize("sooner", [True, False])
def test_bytes_that_somebody_else_brought_stay(world, hours, sooner):
    data = b"a plain text"
    if sooner:
        bring(world.colleague.actor, data)
    digest = undone(world.teacher.actor, data)
    if not sooner:
        bring(world.colleague.actor, data)
    hours(2)
    assert (erase(), storage.store().exists(digest), Blob.objects.get().erased_at) == (0, True, None)


def test_bytes_that_were_erased_before_are_erased_again(world, hours):
    by, data = world.teacher.actor, b"a plain text"
    throw_away(by=by, upload=bring(by, data).pk)
    digest = undone(by, data)
    assert storage.store().exists(digest)
    hours(2)
    assert (erase(), storage.store().exists(digest)) == (1, False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_done_leaves_nothing_to_look_at(world, hours):
    bring(world.teacher.actor, b"a plain text")
    assert parts.unsettled(timedelta(0)) == []
    undone(world.teacher.actor, b"another")
    assert len(parts.unsettled(timedelta(0))) == 1


def test_whoever_brought_the_same_bytes_just_before_may_take_the_note_away_in_that_moment(world, hours, monkeypatch):
    data, now = b"a plain text", parts.now
    bring(world.colleague.actor, data)

    def as_the_other_one_is_done():
        parts.settled(hashlib.sha256(data).hexdigest())
        return now()

    monkeypatch.setattr(parts, "now", as_the_other_one_is_done)
    assert bring(world.teacher.actor, data).receipt is not None
