"""Sheets that name somebody who is erased go with them, their namesakes' do not, and whoever brought one learns why."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.district import second_office
from tests.insight.sheets import LOOP, row, sheet_of
from tests.world import id_number
from weineng.files.models import Upload
from weineng.gateways import storage
from weineng.insight.actions import ask_for_intake, cancel_intake
from weineng.insight.models import Intake
from weineng.insight.rules import roster_purpose
from weineng.insight.sheets import Named, unpack_sheet
from weineng.kernel.clock import now
from weineng.ops.loops import ERASE
from weineng.organisations.actions import ask_erasure, confirm_erasure
from weineng.organisations.models import Erasure
from weineng.web.imports.arriving import keep

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
THEIRS = id_number(611)


@pytest.fixture
def confirmed(world):
    """The erasure of somebody who has left, confirmed."""

    def confirm(person=None):
        asked = ask_erasure(by=world.office.actor, person=person or world.unplaced.person, reason="request 1")
        return confirm_erasure(by=second_office(world).actor, erasure=asked.pk)

    return confirm


def erase():
    for step in ERASE:
        step.run(by=LOOP)
    return Erasure.objects.get()


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        (["李明", THEIRS, "x"], True),
        (["李明华", id_number(612), "x"], False),
        (["李明华", "", "x"], False),
        (["李明", id_number(612), "x"], False),
        (["李明", f"{id_number(612)[:3]}*************{id_number(612)[-2:]}"], False),
        (["李明", f"{THEIRS[:3]}{'*' * 13}{THEIRS[-2:]}"], True),
        (["李明", "13800000000"], True),
        ([" 李 明 ", ""], True),
        (["other", f"身份证：{THEIRS.lower()}"], True),
        (["other", "60"], False),
    ],
)
def test_a_row_names_somebody_by_number_or_by_name_alone(cells, named):
    assert Named({"李明"}, {THEIRS, "60"}).stands_in(cells) is named


def test_an_erasure_takes_the_sheets_that_name_the_person_and_tells_whoever_brought_them(
    world, bring, confirmed, sign_in
):
    gone = world.unplaced
    twins = [row(7, name=gone.name), row(8, name=f"{gone.name}华")]  # each with a number of their own
    theirs, other = bring(sheet_of(row(1, name=gone.name, card=gone.number), row(2))), bring(sheet_of(*twins))
    assert Upload.objects.get(pk=other.upload_id).blob.text.sections
    confirmed()
    assert erase().state == "done"
    theirs.refresh_from_db()
    assert (theirs.state, theirs.refused_for, theirs.file_name) == ("unreadable", "person-erased", "")
    assert (bytes(theirs.reading), bytes(theirs.understood)) == (b"", b"")
    upload = Upload.objects.get(pk=theirs.upload_id)
    assert (upload.file_name, upload.edges, upload.blob.erased_at is None) == ("", "", False)
    other.refresh_from_db()
    assert (other.state, [one.name for one in unpack_sheet(other.reading).rows]) == (
        "read",
        [gone.name, f"{gone.name}华"],
    )
    assert Upload.objects.get(pk=other.upload_id).blob.erased_at is None
    office = sign_in(Client(), world.office)
    page = office.get(reverse("imports:roster", kwargs={"unit": theirs.unit, "upload": theirs.upload_id}))
    assert "表中有已被清除的人员" in page.content.decode()
    assert "此表已清除" in page.content.decode()


def test_a_sheet_of_a_namesake_without_a_number_goes(world, bring, confirmed):
    text = f"姓名,证件号码,学校名称,教研组,工号\n{world.unplaced.name},,锦霖区白石镇九年一贯制学校,数学教研组,N1"
    intake = bring(text.encode())
    confirmed()
    erase()
    assert Intake.objects.get(pk=intake.pk).refused_for == "person-erased"


def test_an_erasure_waits_for_sheets_brought_before_its_confirmation(world, bring, large, confirmed):
    waits = bring(sheet_of(row(3), row(4)))
    ask_for_intake(by=world.office.actor, intake=waits.pk)
    confirmed()
    asked = erase()
    assert (asked.state, "insight" in asked.erased_by) == ("confirmed", False)
    cancel_intake(by=world.office.actor, intake=waits.pk)
    assert erase().state == "done"


def test_an_erasure_waits_for_no_sheet_brought_later_and_takes_it_where_it_names_the_person(
    world, bring, large, heavy, confirmed, set_clock
):
    gone = world.unplaced
    confirmed()
    set_clock(now() + timedelta(minutes=1))
    named, other = bring(sheet_of(row(1, name=gone.name, card=gone.number))), bring(sheet_of(row(5)))
    assert {named.state, other.state} == {"arrived"}
    assert erase().state == "done"
    states = dict(Intake.objects.values_list("pk", "state"))
    assert states == {named.pk: "unreadable", other.pk: "arrived"}
    assert Upload.objects.get(pk=named.upload_id).blob.erased_at is not None


@pytest.mark.parametrize(("words", "left"), [("{name}", False), ("{name}华", True)])
def test_what_is_no_sheet_goes_by_its_text_and_lost_bytes_hold_nothing_up(world, confirmed, words, left):
    """A page of a web site that was brought as a sheet, and a sheet whose bytes the store has lost."""
    text = f"<html>\n1, {words.format(name=world.unplaced.name)}, x\n</html>"
    page, lost = (
        keep(world.office.actor, roster_purpose(world.district), SimpleUploadedFile("a.csv", data.encode()))
        for data in (text, f"姓名\n{world.unplaced.name}华")
    )
    storage.store().delete(lost.blob.digest)
    confirmed()
    assert erase().state == "done"
    assert (Upload.objects.get(pk=page.pk).ended_at is None) is left
    assert Upload.objects.get(pk=lost.pk).ended_at is None
