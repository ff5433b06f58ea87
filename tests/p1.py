"""Plan P1 as it stands in tests: the shipped document, moved into 2026, published and started, three schools in it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from tests.p4 import PLANS, STARTED, shipped_base
from tests.standard import load_standard
from weineng.programmes import documents
from weineng.programmes.models import EnrolledSchool, Programme, Version

POINTS = ("A1", "A2", "A3")  # 10 credits each, as many as the plan asks for


@cache
def p1_document():
    """The shipped P1, its year being 2026."""
    return documents.read_document(
        in_2026((PLANS / "p1-town.yaml").read_text(encoding="utf-8")), shipped_base, "p1.yaml"
    )


def in_2026(text):
    """The plan's text five years later."""
    return text.replace("2022-", "2027-").replace("2021-", "2026-")


def publish_p1(world, **changes):
    """Programme, version 1 (`changes` of its document), three schools; nobody is enrolled."""
    load_standard()
    document = replace(p1_document(), **changes)
    programme = Programme.objects.create(
        code=document.programme, owner_id=world.district, title=dict(document.title), started_on=STARTED
    )
    Version.objects.create(
        programme=programme, number=1, source="", document=documents.to_json(document), digest="",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    for unit in world.schools:
        EnrolledSchool.objects.create(programme=programme, unit_id=unit, batch="assess", since=STARTED)
    return programme


def p1_source():
    """The shipped text with its year being 2026, for the page on which an office publishes it."""
    return in_2026((PLANS / "p1-town.yaml").read_text(encoding="utf-8"))
