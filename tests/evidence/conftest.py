"""The district's programme with the teacher enrolled, and a choice of points; files of every kind at hand."""

from datetime import date, datetime
from functools import cache

import pytest

from tests.files import samples
from tests.files.conftest import bring, places  # noqa: F401 (a fixture)
from tests.p4 import shipped_base
from tests.standard import load_standard
from weineng.evidence.actions import attach_file, describe_submission, draft_submission, seal_submission
from weineng.evidence.models import Item
from weineng.evidence.queries import limits_for_item, purpose_of
from weineng.files.probe import inspect
from weineng.kernel.clock import CIVIL
from weineng.planning.models import Choice, ChosenPoint
from weineng.programmes.documents import read_document, to_json
from weineng.programmes.models import Enrolment, Programme, Version
from weineng.programmes.queries import PLANS

NOW = datetime(2026, 5, 20, 10, tzinfo=CIVIL)
POINTS = ("A1", "A5", "A12")  # two documents and videos; a plan, clip and reflection; a plan, files and a case


@cache
def document():
    return to_json(read_document((PLANS / "p4-district.yaml").read_text(encoding="utf-8"), shipped_base, "p4.yaml"))


@pytest.fixture(autouse=True)
def here(monkeypatch):
    look_in_this_process(monkeypatch)


def look_in_this_process(patch):
    """Look into files in this process: the one of its own is tested with the files, and a start costs more than a look."""
    patch.setattr("weineng.files.actions.probe", lambda path, **_: inspect(path))


@pytest.fixture
def programme(world, set_clock):
    """P4 of the district, published, on a day in May."""
    set_clock(NOW)
    load_standard()
    made = Programme.objects.create(code="p4-district", owner_id=world.district, title={}, started_on=date(2026, 1, 1))
    Version.objects.create(programme=made, number=1, source="", document=document(), digest="0" * 64, published_at=NOW)
    return made


@pytest.fixture
def enrol(programme):
    """`enrol(member, "A1", …)`: enrolled, with these points chosen."""

    def make(member, *points):
        row = Enrolment.objects.create(
            programme=programme, version=programme.versions.get(), person_id=member.person, since=date(2026, 1, 1)
        )
        if points:
            choice = Choice.objects.create(
                enrolment=row, version=row.version, dimensions=["learner-analysis"], opened=list(points), chosen_at=NOW
            )
            ChosenPoint.objects.bulk_create(ChosenPoint(choice=choice, point=p, dimension="x") for p in points)
        return row

    return make


@pytest.fixture
def enrolment(world, enrol):
    return enrol(world.teacher, *POINTS)


@pytest.fixture
def draft(world, enrolment):
    """The teacher's draft for A1: a plan (document) and a report (video of at most 5 minutes)."""
    return draft_submission(by=world.teacher.actor, enrolment=enrolment.pk, item="point", point="A1")


def item_of(submission, seq):
    return Item.objects.get(submission=submission, seq=seq, version=submission.version)


def put(by, submission, seq, data, name):
    """Bring a file and put it into a piece of evidence."""
    item = item_of(submission, seq)
    upload = bring(by, data, name, purpose=purpose_of(item.pk), limits=limits_for_item(by, item.pk))
    return attach_file(by=by, item=item.pk, upload=upload.pk)


def fill(by, submission):
    """Everything A1 asks for."""
    put(by, submission, 1, samples.pdf(2), "方案.pdf")
    put(by, submission, 2, samples.video(2), "报告.mp4")
    return describe_submission(by=by, submission=submission.pk, consent="none-visible")


@pytest.fixture
def sealed(world, draft):
    fill(world.teacher.actor, draft)
    return seal_submission(by=world.teacher.actor, submission=draft.pk)
