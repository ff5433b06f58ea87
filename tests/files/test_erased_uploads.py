"""Files of somebody erased, also those that arrive while it is done."""

import pytest

from tests.district import second_office
from tests.files.conftest import LIMITS, blocks_of, bring, edges_of
from tests.races import race
from weineng.accounts.actions import erase_from_accounts
from weineng.files.actions import begin_upload, erase_from_files, finish_upload
from weineng.files.arrivals import receive
from weineng.files.models import Blob, BlobText, Upload
from weineng.gateways import storage
from weineng.kernel.actors import platform
from weineng.organisations.actions import ask_erasure, confirm_erasure

ERASE = platform("erase")


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_being_finished_meanwhile_is_erased_with_its_bytes_and_text(world):
    gone, data = world.unplaced, b"what they wrote"
    coming = begin_upload(
        by=gone.actor, purpose="test:1", limits=LIMITS, file_name="a.txt", size=len(data), edges=edges_of(data)
    )
    receive(by=gone.actor, upload=coming.pk, offset=0, blocks=blocks_of(data))
    kept = bring(world.teacher.actor, b"what somebody else wrote")
    asked = ask_erasure(by=world.office.actor, person=gone.person, reason="request 1")
    confirm_erasure(by=second_office(world).actor, erasure=asked.pk)
    assert erase_from_accounts(by=ERASE) == 1
    answers = race(
        lambda: finish_upload(by=gone.actor, upload=coming.pk),
        lambda: erase_from_files(by=ERASE),
    )
    assert answers == ["done"]
    coming = Upload.objects.select_related("blob").get(pk=coming.pk)
    assert (coming.finished_at is None, coming.ended_at is None, coming.file_name, coming.edges) == (
        False,
        False,
        "",
        "",
    )
    assert (coming.blob.erased_at is None, storage.store().exists(coming.blob.digest)) == (False, False)
    assert list(BlobText.objects.values_list("blob", flat=True)) == [kept.blob_id]
    assert list(Blob.objects.filter(erased_at__isnull=True)) == [kept.blob]
    assert storage.store().exists(kept.blob.digest)
