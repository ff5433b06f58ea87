"""Sheets that somebody has brought."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.p4 import publish_p4
from weineng.insight.actions import intakes, read_intake, taking_back
from weineng.insight.rules import purpose_of
from weineng.web.imports.arriving import keep


@pytest.fixture
def bring(world):
    """`bring(sheet_of(...))`: an intake of the office, as it is when the file has come."""

    def read(data, by=None, unit=None, kind="roster", programme=None):
        actor, unit, provider = by or world.office.actor, unit or world.district, "qingyun" if kind == "hours" else ""
        upload = keep(actor, purpose_of(kind, unit, provider), SimpleUploadedFile("名册.csv", data))
        more = {} if kind == "roster" else {"kind": kind, "programme": programme.pk, "provider": provider}
        return read_intake(by=actor, unit=unit, upload=upload.pk, **more)

    return read


@pytest.fixture
def large(monkeypatch):
    """Two rows are too many to wait for."""
    monkeypatch.setattr(intakes, "AT_ONCE", 1)
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)


@pytest.fixture
def heavy(monkeypatch):
    """No file is so light that it is read while one waits."""
    monkeypatch.setattr(intakes, "LIGHT", 0)


@pytest.fixture
def programme(world, set_clock):
    """P4, in whose cycle today lies."""
    from datetime import datetime

    from weineng.kernel.clock import CIVIL

    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    return publish_p4(world)
