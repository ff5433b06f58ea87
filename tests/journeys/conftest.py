"""A stage for the journeys."""

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.evidence.conftest import look_in_this_process
from tests.files.conftest import files_in
from tests.journeys.stage import Stage


@pytest.fixture
def one_connection():
    """Requests leave the test's connection (and transaction) alone, as Django's own test client sees to."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def stage(world, set_clock, one_connection, tmp_path, monkeypatch):
    look_in_this_process(monkeypatch)
    stage = Stage(world, set_clock)
    stage.forward("2026-01-05T09:00")
    with files_in(tmp_path):
        yield stage
