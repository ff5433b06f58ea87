"""Bytes that nothing needs any more are swept away; those of a file on its way stay."""

from threading import Thread

import pytest
from django.db import connection, transaction

from tests.files.conftest import LIMITS
from weineng.files import parts
from weineng.files.actions import begin_upload, expire_uploads, finish_upload
from weineng.files.arrivals import receive
from weineng.kernel.actors import platform


def begin_whole(by, data):
    coming = begin_upload(by=by, purpose="test:1", limits=LIMITS, file_name="a.txt", size=len(data))
    receive(by=by, upload=coming.pk, offset=0, blocks=[data])
    return coming


def sweep_elsewhere():
    def sweep():
        try:
            expire_uploads(by=platform("worker"))
        finally:
            connection.close()

    thread = Thread(target=sweep)
    thread.start()
    thread.join()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_file_that_comes_in_one_request_is_not_swept_away_on_its_way(world):
    by, data = world.teacher.actor, b"a plain text"
    with transaction.atomic():
        coming = begin_whole(by, data)
        sweep_elsewhere()
        assert finish_upload(by=by, upload=coming.pk).receipt is not None
    with transaction.atomic():
        undone = begin_whole(by, data)
        transaction.set_rollback(True)
    assert parts.present() == {undone.pk}
    sweep_elsewhere()
    assert parts.present() == set()
