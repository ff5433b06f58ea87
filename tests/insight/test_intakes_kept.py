"""What is kept of a roster that was read: until when, in what form, and how it goes; then it can be read again."""

import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.insight.sheets import LOOP, cells, counts, refusal_of, row, sheet_of
from tests.world import id_number
from weineng.audit.models import Line
from weineng.files.models import Blob, BlobText, Upload
from weineng.files.queries import bytes_of
from weineng.gateways.storage import Missing
from weineng.insight.actions import (
    ask_for_intake,
    carry_out_sheets,
    forget_intakes,
    read_again,
    throw_away_intake,
)
from weineng.insight.models import Intake
from weineng.insight.queries import intake_of, taken_back_at
from weineng.insight.sheets import unpack_sheet
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import undo_roster
from weineng.organisations.models import Person, Roster
from weineng.web.imports.arriving import keep

pytestmark = pytest.mark.slow


def test_after_a_week_it_is_forgotten(world, bring, large, at):
    start = at(now())
    old, waiting = bring(sheet_of(row(1), row(2))), bring(sheet_of(row(3), row(4)))
    ask_for_intake(by=world.office.actor, intake=waiting.pk)
    at(start + timedelta(days=7))
    assert forget_intakes(by=LOOP) == 0
    at(start + timedelta(days=7, seconds=1))
    assert forget_intakes(by=LOOP) == 1
    assert list(Intake.objects.values_list("pk", flat=True)) == [waiting.pk]
    with pytest.raises(NotFound):
        intake_of(world.office.actor, world.district, old.upload_id)


def held(upload):
    """The bytes kept of an upload; None once they are erased."""
    blob = Blob.objects.get(uploads=upload)
    try:
        return b"".join(bytes_of(blob))
    except Missing:
        assert blob.erased_at is not None
        assert not BlobText.objects.filter(blob=blob).exists()
        return None


def test_the_file_is_erased_with_what_was_understood_of_it(world, bring, large, at):
    """So is a sheet that never became anything, a week after it came; not one that waits, or that somebody brought later."""
    start = at(now())
    data, late = sheet_of(row(1), row(2)), sheet_of(row(5))
    old, waiting = bring(data), bring(sheet_of(row(3), row(4)))
    stray = keep(world.office.actor, "imports.hours:p", SimpleUploadedFile("学时.csv", sheet_of(row(9))))
    other = keep(world.office.actor, "evidence.item:1", SimpleUploadedFile("教案.csv", sheet_of(row(8))))
    once = bring(late, world.cio.actor, world.nine_year)
    ask_for_intake(by=world.office.actor, intake=waiting.pk)
    at(start + timedelta(days=3))
    again = bring(late)
    assert held(old.upload_id) == data
    at(start + timedelta(days=7, seconds=1))
    assert forget_intakes(by=LOOP) == 3
    assert [held(old.upload_id), held(stray.pk)] == [None, None]
    assert [held(waiting.upload_id), held(once.upload_id), held(other.pk)] == [
        sheet_of(row(3), row(4)),
        late,
        sheet_of(row(8)),
    ]
    ended = Upload.objects.filter(ended_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    assert list(ended) == [old.upload_id, stray.pk, once.upload_id]
    assert forget_intakes(by=LOOP) == 0
    at(start + timedelta(days=10, seconds=1))
    assert forget_intakes(by=LOOP) == 1
    assert held(again.upload_id) is None
    assert bring(late).rows == 1  # the same file may come again


def test_what_has_gone_in_is_kept_as_counts_and_marks(world, bring):
    data = sheet_of(row(1), row(2, card="519901199001010000"), row(1), row(3, name=world.wu.name, card=world.wu.number))
    intake = bring(data)
    before = unpack_sheet(intake.reading)
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    intake.refresh_from_db()
    kept = unpack_sheet(intake.reading)
    assert (list(kept.rows), kept.counts, intake.rows) == ([], before.counts, 1)
    assert {(one.name, one.shown) for one in kept.judged if not one.errors and not one.warnings} == {("", ())}
    assert cells(kept.annotated(data)) == cells(before.annotated(data))
    text = zlib.decompress(decrypt(intake.reading)).decode()
    assert [number in text for number in (id_number(601), world.wu.number, "519901199001010000")] == [False] * 3


def test_what_was_only_read_can_be_thrown_away(world, bring, large):
    read, waiting, gone = bring(sheet_of(row(1))), bring(sheet_of(row(2), row(3))), bring(sheet_of(row(4)))
    ask_for_intake(by=world.office.actor, intake=waiting.pk)
    ask_for_intake(by=world.office.actor, intake=gone.pk)
    for who in (world.wu, world.cio):
        with pytest.raises(NotFound):
            throw_away_intake(by=who.actor, intake=read.pk)
    for one in (waiting, gone):
        assert refusal_of(throw_away_intake, by=world.office.actor, intake=one.pk) == "sheet-asked"
    throw_away_intake(by=world.office.actor, intake=read.pk)
    assert set(Intake.objects.values_list("pk", flat=True)) == {waiting.pk, gone.pk}
    assert held(read.upload_id) is None
    with pytest.raises(NotFound):
        throw_away_intake(by=world.office.actor, intake=read.pk)
    assert Line.objects.get(verb="insight.throw_away_sheet").person == world.office.person


@pytest.mark.parametrize("rows", [1, 2])
def test_what_was_taken_back_can_be_read_again_and_brought_in_again(world, bring, large, rows):
    intake = bring(sheet_of(*(row(n) for n in range(rows))))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    carry_out_sheets(by=LOOP)
    assert refusal_of(read_again, by=world.office.actor, intake=intake.pk) == "roster-there"
    intake.refresh_from_db()
    undo_roster(by=world.office.actor, roster=intake.roster)
    assert taken_back_at(intake) == Roster.objects.get().undone_at
    assert refusal_of(ask_for_intake, by=world.office.actor, intake=intake.pk) == "roster-taken-back"
    for who in (world.wu, world.cio):
        with pytest.raises(NotFound):
            read_again(by=who.actor, intake=intake.pk)
    other = bring(sheet_of(row(0)))  # one of them is known meanwhile
    ask_for_intake(by=world.office.actor, intake=other.pk)
    again = read_again(by=world.office.actor, intake=intake.pk)
    assert (again.pk, again.state, again.roster, taken_back_at(again)) == (intake.pk, "read", None, None)
    assert (counts(again)["new"], counts(again)["same"]) == (rows - 1, 1)
    undo_roster(by=world.office.actor, roster=Roster.objects.get(undone_at__isnull=True).pk)
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == rows
    assert (intake.state, Person.objects.filter(name__startswith="新人").count()) == ("done", rows)
