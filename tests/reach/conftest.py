"""Both districts, furnished once for a module: its tests look, and what they change is taken back after each."""

from types import SimpleNamespace

import pytest
from django.db import transaction

from tests.p4 import publish_p4
from tests.reach.districts import NOW, Districts
from tests.world import stand_world
from weineng.gateways import storage
from weineng.kernel import clock


@pytest.fixture(scope="module")
def module_patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, module_patch, tmp_path_factory):
    from django.conf import settings

    folder = tmp_path_factory.mktemp("files")
    module_patch.setattr(settings, "UPLOADS", folder / "uploads")
    options = {"class": "weineng.gateways.storage.FolderStore", "options": {"folder": folder / "store"}}
    module_patch.setattr(settings, "FILE_STORE", options)
    module_patch.setattr(settings, "DISK_RESERVE", 0)
    module_patch.setattr(clock, "time", SimpleNamespace(time=NOW.timestamp))
    storage.store.cache_clear()
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            world = stand_world()
            yield Districts(world, publish_p4(world))
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)
            storage.store.cache_clear()


@pytest.fixture
def districts(built, db):
    """`built`, as it was: a test's changes are rolled back."""
    return built
