"""Hand in: the checklist says before what handing in would refuse, with the piece and the file named."""

from datetime import date, datetime

import pytest

from tests.evidence.conftest import NOW, fill, item_of, put
from tests.files import samples
from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.evidence.actions import (
    attach_file,
    describe_item,
    describe_submission,
    detach_file,
    draft_submission,
    seal_submission,
    withdraw_submission,
)
from weineng.evidence.effects import lock_submission, return_submission
from weineng.evidence.models import Event, Submission
from weineng.evidence.queries import checklist, limits_for_item, purpose_of
from weineng.evidence.rules import Span
from weineng.files.actions import begin_upload, give_up
from weineng.files.models import Blob, Use
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL, civil_date
from weineng.kernel.refusals import Refused
from weineng.planning.models import ChosenPoint
from weineng.programmes.models import Touched

pytestmark = pytest.mark.django_db


def refusal(action, **kw):
    with pytest.raises(Refused) as why:
        action(**kw)
    assert str(why.value)
    return why.value


def seal(world, submission):
    return refusal(seal_submission, by=world.teacher.actor, submission=submission.pk)


def ticks(submission):
    return [check.done for check in checklist(submission).checks]


def test_the_checklist_ticks_itself_and_handing_in_gives_a_receipt(world, draft):
    by = world.teacher.actor
    assert (ticks(draft), checklist(draft).ready) == ([False, False], False)
    put(by, draft, 1, samples.pdf(2), "方案.pdf")
    assert ticks(draft) == [True, False]
    put(by, draft, 2, samples.video(2), "报告.mp4")
    assert ticks(draft) == [True, True]
    assert [p.code for p in checklist(draft).open] == ["consent-missing"]
    draft = describe_submission(by=by, submission=draft.pk, consent="consent-held", note="三年级一班")
    assert checklist(draft).ready
    done = seal_submission(by=by, submission=draft.pk)
    assert (done.state, done.unit_id, done.handed_in_on) == ("submitted", world.maths, civil_date(NOW))
    assert done.receipt.startswith("E-20260520-")
    line = Line.objects.get(verb="evidence.seal")
    assert line.facts["receipt"] == done.receipt
    assert len(line.facts["digests"]) == 2
    assert [e.kind for e in Event.objects.filter(submission=draft).order_by("pk")] == ["drafted", "submitted"]
    assert Touched.objects.filter(enrolment=draft.enrolment).count() == 1


def test_the_checklist_costs_the_same_for_one_file_and_for_many(world, draft, django_assert_num_queries):
    by = world.teacher.actor
    put(by, draft, 1, b"one", "a.txt")
    with django_assert_num_queries(4):
        checklist(draft)
    for number in range(3):
        put(by, draft, 1, b"%d" % number, "a.txt")
    put(by, draft, 2, samples.video(1), "a.mp4")
    with django_assert_num_queries(4):
        checklist(draft)


def test_missing_pieces_are_named(world, draft):
    why = seal(world, draft)
    assert (why.code, why.params["item"]) == ("item-missing", "学情分析方案")
    put(world.teacher.actor, draft, 1, samples.pdf(), "方案.pdf")
    why = seal(world, draft)
    assert (why.code, why.params["item"]) == ("item-missing", "学情分析报告")
    assert Submission.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("seq", "data", "name", "code"),
    [
        (1, samples.program, "方案.docx", "file-wrong-kind"),
        (1, lambda: samples.video(1), "方案", "file-wrong-kind"),
        (2, lambda: samples.pdf(), "报告", "file-wrong-kind"),
        (1, lambda: samples.pdf()[:300], "方案.pdf", "unreadable-document"),
        (1, lambda: samples.locked_pdf(), "方案.pdf", "password-protected"),
        (1, lambda: samples.compound({"EncryptedPackage": b"x"}), "方案.docx", "password-protected"),
        (2, lambda: samples.video(8)[:-1500], "报告.mp4", "unreadable-video"),
        (2, lambda: samples.video(301), "报告.mp4", "file-too-long"),
    ],
)
def test_a_bad_file_is_named_in_the_checklist_and_refused(world, draft, seq, data, name, code):
    by = world.teacher.actor
    fill(by, draft)
    bad = put(by, draft, seq, data(), name)
    check = checklist(Submission.objects.get()).checks[seq - 1]
    assert [have.problem.code for have in check.files if have.problem] == [code]
    assert not check.done
    why = seal(world, draft)
    assert (why.code, why.params["file"], why.params["item"]) == (code, name, check.title)
    assert name in str(why)
    detach_file(by=by, use=bad.pk)
    assert seal_submission(by=by, submission=draft.pk).receipt


def test_films_of_one_piece_are_not_too_long_together(world, draft):
    by = world.teacher.actor
    fill(by, draft)
    put(by, draft, 2, samples.video(299), "二.mp4")
    assert seal(world, draft).code == "files-too-long"


def test_an_upload_on_its_way_is_waited_for_or_given_up(world, draft):
    by = world.teacher.actor
    fill(by, draft)
    item = item_of(draft, 2)
    limits = limits_for_item(by, item.pk)
    upload = begin_upload(by=by, purpose=purpose_of(item.pk), limits=limits, file_name="二.mp4", size=10)
    why = seal(world, draft)
    assert (why.code, why.params["name"]) == ("upload-unfinished", "二.mp4")
    assert ticks(draft) == [True, False]
    give_up(by=by, upload=upload.pk)
    assert seal_submission(by=by, submission=draft.pk).receipt


def test_a_number_of_files_is_counted_in_the_archive_or_in_the_piece(world, enrol):
    by = world.colleague.actor
    enrolled = enrol(world.colleague, "A2", "A10", "A1")
    bundle = draft_submission(by=by, enrolment=enrolled.pk, item="point", point="A2")
    put(by, bundle, 2, samples.archive({"一.txt": b"1", "二.txt": b"2"}), "素材.zip")
    missing = checklist(bundle).checks[1].missing
    assert (missing.code, missing.params) == ("item-too-few", {"have": 2, "least": 3})
    put(by, bundle, 2, samples.archive({"三.txt": b"3"}), "来源.zip")
    assert checklist(bundle).checks[1].done
    voices = draft_submission(by=by, enrolment=enrolled.pk, item="point", point="A10")
    put(by, voices, 3, b"first", "一.txt")
    assert checklist(voices).checks[2].missing.code == "item-too-few"
    put(by, voices, 3, samples.video(299), "二.mp4")
    assert checklist(voices).checks[2].done


def test_a_bomb_is_no_bundle(world, enrol):
    by = world.colleague.actor
    bundle = draft_submission(by=by, enrolment=enrol(world.colleague, "A2").pk, item="point", point="A2")
    put(by, bundle, 2, samples.bomb(), "素材.zip")
    (have,) = checklist(bundle).checks[1].files
    assert have.problem.code == "archive-bomb"
    assert have.text


def test_after_the_cut_off_nothing_is_taken(world, draft, set_clock):
    fill(world.teacher.actor, draft)
    set_clock(datetime(2027, 7, 1, 0, 1, tzinfo=CIVIL))
    assert seal(world, draft).code == "after-cut-off"
    assert Submission.objects.get().state == "draft"


@pytest.fixture
def sent_back(world, sealed):
    """Handed in in May, opened by a reviewer and sent back."""
    lock_submission(cause=record(by=platform("t"), verb="assessment.open"), submission=sealed.pk)
    return return_submission(
        cause=record(by=platform("t"), verb="assessment.return"), submission=sealed.pk, advice="补充数据"
    )


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (datetime(2027, 6, 30, 23, 59, tzinfo=CIVIL), None),  # the cut-off
        (datetime(2027, 7, 1, 0, 0, tzinfo=CIVIL), None),
        (datetime(2027, 8, 31, 23, 59, tzinfo=CIVIL), None),  # the last day for late facts
        (datetime(2027, 9, 1, 0, 0, tzinfo=CIVIL), "after-late-until"),
    ],
)
def test_what_was_sent_back_is_taken_until_late_facts_are(
    world, enrolment, sent_back, programme, set_clock, instant, code
):
    programme.closed_on = date(2027, 7, 1)
    programme.save()
    set_clock(instant)
    by = world.teacher.actor
    if code is None:
        assert draft_submission(by=by, enrolment=enrolment.pk, item="point", point="A1").pk == sent_back.pk
        assert seal_submission(by=by, submission=sent_back.pk).state == "submitted"
        return
    again = refusal(draft_submission, by=by, enrolment=enrolment.pk, item="point", point="A1")
    assert (again.code, seal(world, sent_back).code) == (code, code)
    assert "2027-08-31" in str(again)
    assert Submission.objects.get().state == "returned"


def test_only_what_was_sent_back_is_taken_after_the_cut_off(world, enrolment, sent_back, set_clock):
    by = world.teacher.actor
    other = draft_submission(by=by, enrolment=enrolment.pk, item="point", point="A5")
    set_clock(datetime(2027, 7, 1, 9, tzinfo=CIVIL))
    assert seal(world, other).code == "after-cut-off"
    assert refusal(draft_submission, by=by, enrolment=enrolment.pk, item="point", point="A12").code == "after-cut-off"


def test_what_is_taken_back_is_sent_back_again_and_keeps_its_time(world, sent_back, set_clock):
    by = world.teacher.actor
    set_clock(datetime(2027, 7, 1, 9, tzinfo=CIVIL))
    seal_submission(by=by, submission=sent_back.pk)
    row = withdraw_submission(by=by, submission=sent_back.pk)
    assert (row.state, row.version, row.advice) == ("returned", 3, "补充数据")
    assert seal_submission(by=by, submission=sent_back.pk).version == 3
    set_clock(datetime(2027, 9, 1, 9, tzinfo=CIVIL))
    assert refusal(withdraw_submission, by=by, submission=sent_back.pk).code == "not-taken-again"


def test_what_could_not_be_handed_in_again_is_not_taken_back(world, sealed, set_clock):
    set_clock(datetime(2027, 7, 1, 0, 0, tzinfo=CIVIL))
    assert refusal(withdraw_submission, by=world.teacher.actor, submission=sealed.pk).code == "not-taken-again"
    assert Submission.objects.get().state == "submitted"
    set_clock(datetime(2027, 6, 30, 23, 59, tzinfo=CIVIL))
    assert withdraw_submission(by=world.teacher.actor, submission=sealed.pk).state == "draft"


def test_a_point_given_up_meanwhile_is_not_taken(world, draft):
    fill(world.teacher.actor, draft)
    ChosenPoint.objects.filter(point="A1").delete()
    assert seal(world, draft).code == "point-not-chosen"


def test_what_is_handed_in_stays_as_it_is(world, sealed):
    by = world.teacher.actor
    item, use = item_of(sealed, 1), Use.objects.first()
    assert seal(world, sealed).code == "already-sealed"
    assert refusal(detach_file, by=by, use=use.pk).code == "already-sealed"
    assert refusal(attach_file, by=by, item=item.pk, upload=use.upload_id).code == "already-sealed"
    assert refusal(describe_submission, by=by, submission=sealed.pk, note="x").code == "already-sealed"
    assert refusal(describe_item, by=by, item=item.pk, text="x").code == "already-sealed"
    assert refusal(limits_for_item_, by=by, item=item.pk).code == "not-found"


def limits_for_item_(*, by, item):
    return limits_for_item(by, item)


def test_another_persons_evidence_is_not_found(world, draft):
    item, use = item_of(draft, 1), put(world.teacher.actor, draft, 1, b"text", "a.txt")
    for by in (world.colleague.actor, world.wu.actor, world.cio.actor, world.office.actor, world.panel[0].actor):
        assert refusal(seal_submission, by=by, submission=draft.pk).code == "not-found"
        assert refusal(withdraw_submission, by=by, submission=draft.pk).code == "not-found"
        assert refusal(describe_submission, by=by, submission=draft.pk, note="x").code == "not-found"
        assert refusal(describe_item, by=by, item=item.pk, text="x").code == "not-found"
        assert refusal(attach_file, by=by, item=item.pk, upload=use.upload_id).code == "not-found"
        assert refusal(detach_file, by=by, use=use.pk).code == "not-found"
        assert refusal(limits_for_item_, by=by, item=item.pk).code == "not-found"


def test_a_colleagues_file_cannot_be_taken(world, draft, enrol):
    by = world.colleague.actor
    theirs = draft_submission(by=by, enrolment=enrol(world.colleague, "A1").pk, item="point", point="A1")
    use = put(by, theirs, 1, b"theirs", "a.txt")
    item = item_of(draft, 1)
    assert refusal(attach_file, by=world.teacher.actor, item=item.pk, upload=use.upload_id).code == "not-found"


@pytest.mark.slow
def test_a_file_twice_is_once_and_there_is_an_end(world, draft):
    by = world.teacher.actor
    first = put(by, draft, 1, b"0", "a.txt")
    assert attach_file(by=by, item=item_of(draft, 1).pk, upload=first.upload_id).pk == first.pk
    for number in range(1, 12):
        put(by, draft, 1, b"%d" % number, "a.txt")
    with pytest.raises(Refused) as why:
        put(by, draft, 1, b"more", "a.txt")
    assert why.value.code == "too-many-files"
    assert attach_file(by=by, item=item_of(draft, 1).pk, upload=first.upload_id).pk == first.pk
    assert [u.place for u in Use.objects.order_by("place")] == list(range(12))


def test_descriptions_are_checked(world, draft):
    by, pk = world.teacher.actor, draft.pk
    assert refusal(describe_submission, by=by, submission=pk, consent="yes").code == "consent-unknown"
    assert refusal(describe_submission, by=by, submission=pk, note="长" * 4001).code == "text-too-long"
    assert describe_submission(by=by, submission=pk, note=" 说明 ").note == "说明"
    assert describe_submission(by=by, submission=pk, consent="none-visible").note == "说明"
    assert describe_item(by=by, item=item_of(draft, 1).pk, text="https://example.invalid/tool").text


# --- The recording -------------------------------------------------------------------------------------------------
@pytest.fixture
def recording(world, enrolment):
    by = world.teacher.actor
    row = draft_submission(by=by, enrolment=enrolment.pk, item="recording")
    file = put(by, row, 1, samples.video(60), "课堂实录.mp4")
    runs(file, 900)  # as if it were a lesson, which would take its time to make
    return describe_submission(by=by, submission=row.pk, consent="consent-held")


def runs(use, seconds):
    Blob.objects.filter(pk=use.blob_id).update(seconds=seconds)


@pytest.mark.parametrize(("seconds", "code"), [(1, "recording-too-short"), (899, "recording-too-short"), (900, None)])
def test_a_recording_is_a_full_lesson(world, recording, seconds, code):
    runs(Use.objects.get(), seconds)
    row = declare(world, recording, ["A1", "A5"], [Span("A1", 0, 1), Span("A5", 0, 1)])
    if code is None:
        assert seal_submission(by=world.teacher.actor, submission=row.pk).receipt
    else:
        [check] = checklist(row).checks
        length = {1: "0:01", 899: "14:59"}[seconds]
        assert (check.missing.code, check.missing.params) == (code, {"length": length, "limit": "15:00"})
        assert (check.done, checklist(row).open) == (False, ())
        assert (seal(world, row).code, seal(world, row).params["length"]) == (code, length)


def declare(world, row, declared, spans):
    return describe_submission(by=world.teacher.actor, submission=row.pk, declared=declared, spans=spans)


@pytest.mark.parametrize(
    ("declared", "spans", "code"),
    [
        ([], [], "declared-too-few"),
        (["A1"], [Span("A1", 0, 10)], "declared-too-few"),
        (["A1", "A1"], [Span("A1", 0, 10)], "declared-too-few"),
        (["A1", "A5"], [Span("A1", 0, 10)], "span-missing"),
        (["A1", "A5"], [Span("A1", 0, 10), Span("A5", 890, 902)], "span-wrong"),
        (["A1", "A5"], [Span("A1", 0, 10), Span("A5", 50, 60)], None),
        (["A1", "A5", "A12"], [Span("A1", 0, 60), Span("A5", 0, 60), Span("A12", 5, 6), Span("A12", 8, 9)], None),
    ],
)
def test_a_recording_is_declared_for_two_points_with_their_time(world, recording, declared, spans, code):
    row = declare(world, recording, declared, spans)
    if code is None:
        assert checklist(row).ready
        assert seal_submission(by=world.teacher.actor, submission=row.pk).receipt
    else:
        assert [p.code for p in checklist(row).open] == [code]
        assert checklist(row).texts[0]
        assert seal(world, row).code == code


@pytest.mark.parametrize(
    ("declared", "spans", "code"),
    [
        (["A1", "A2"], [], "declared-not-chosen"),
        (["A1"], [Span("A5", 0, 5)], "span-wrong"),
        (["A1"], [Span("A1", 5, 5)], "span-wrong"),
        (["A1"], [Span("A1", -1, 5)], "span-wrong"),
    ],
)
def test_what_is_declared_is_checked_at_once(world, recording, declared, spans, code):
    by = world.teacher.actor
    assert refusal(describe_submission, by=by, submission=recording.pk, declared=declared, spans=spans).code == code


def test_a_point_no_longer_declared_loses_its_time(world, recording):
    declare(world, recording, ["A1", "A5"], [Span("A1", 0, 10), Span("A5", 5, 10)])
    row = describe_submission(by=world.teacher.actor, submission=recording.pk, declared=["A5", "A12"])
    assert row.spans == [{"point": "A5", "from_seconds": 5, "to_seconds": 10}]


def test_a_lesson_may_be_long_and_has_its_own_limits(world, recording):
    limits = limits_for_item(world.teacher.actor, item_of(recording, 1).pk)
    assert (dict(limits.max_bytes), limits.max_seconds) == ({"video": 1 << 30}, 47 * 60)


# --- Withdraw ------------------------------------------------------------------------------------------------------
def test_what_nobody_opened_is_taken_back_whole_and_handed_in_as_the_next_version(world, sealed):
    by = world.teacher.actor
    row = withdraw_submission(by=by, submission=sealed.pk)
    assert (row.state, row.receipt, row.version) == ("draft", None, 2)
    assert [check.done for check in checklist(row).checks] == [True, True]
    assert sealed.items.filter(version=1).count() == 0
    assert refusal(withdraw_submission, by=by, submission=row.pk).code == "not-handed-in"
    again = seal_submission(by=by, submission=row.pk)
    assert again.receipt != sealed.receipt
    kinds = Event.objects.filter(submission=row).order_by("pk").values_list("kind", "version")
    assert list(kinds) == [("drafted", 1), ("submitted", 1), ("withdrawn", 1), ("submitted", 2)]
    assert Touched.objects.count() == 3


def test_what_a_reviewer_opened_is_not_taken_back(world, sealed):
    assert lock_submission(cause=record(by=platform("t"), verb="assessment.open"), submission=sealed.pk)
    assert refusal(withdraw_submission, by=world.teacher.actor, submission=sealed.pk).code == "already-opened"
    return_submission(cause=record(by=platform("t"), verb="assessment.return"), submission=sealed.pk, advice="补充数据")
    assert refusal(withdraw_submission, by=world.teacher.actor, submission=sealed.pk).code == "not-handed-in"
