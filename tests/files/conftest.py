"""A place for uploads of each test's own, and short ways to bring a file."""

import hashlib
import io
from contextlib import contextmanager

import pytest
from django.conf import settings

from weineng.files.actions import begin_upload, finish_upload
from weineng.files.arrivals import receive
from weineng.files.rules import EDGE, MB, Limits
from weineng.gateways import storage

LIMITS = Limits({"document": 50 * MB, "image": 50 * MB, "video": 500 * MB}, max_seconds=600)


@contextmanager
def files_in(folder):
    """Uploads and files lie there. Like the tests' database it does not wait for the disk; test_live does."""
    store = {"class": "weineng.gateways.storage.FolderStore", "options": {"folder": folder / "store"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        patch.setattr(settings, "UPLOADS", folder / "uploads")
        patch.setattr(settings, "FILE_STORE", store)
        patch.setattr(settings, "DISK_RESERVE", 0)
        storage.store.cache_clear()
        yield
    storage.store.cache_clear()


@pytest.fixture(autouse=True)
def places(tmp_path):
    """Uploads and files of this test."""
    with files_in(tmp_path):
        yield


def edges_of(data):
    """As the browser computes it: SHA-256 of the first and last 64 KiB, of all where they meet."""
    return hashlib.sha256(data if len(data) <= 2 * EDGE else data[:EDGE] + data[-EDGE:]).hexdigest()


def blocks_of(data, size=65536):
    source = io.BytesIO(data)
    while block := source.read(size):
        yield block


def bring(by, data, name="教案.txt", *, purpose="test:1", limits=LIMITS):
    """A whole upload, from the announcement to the receipt."""
    upload = begin_upload(by=by, purpose=purpose, limits=limits, file_name=name, size=len(data), edges=edges_of(data))
    receive(by=by, upload=upload.pk, offset=0, blocks=blocks_of(data))
    return finish_upload(by=by, upload=upload.pk)
