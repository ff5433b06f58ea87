"""Plan P4 as it stands in tests: the standard loaded, the shipped document published and started, three schools in it."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from tests.standard import load_standard
from weineng.programmes import documents
from weineng.programmes.models import EnrolledSchool, Programme, Version

PLANS = Path(documents.__file__).parent.parent / "plans"
STARTED = date(2026, 1, 1)


def shipped_base(code):
    """A base as it comes with the platform, whatever is published."""
    place = PLANS / f"{code}.yaml"
    return (place.name, place.read_text(encoding="utf-8")) if place.exists() else None


@cache
def p4_document():
    """The shipped P4, bases folded in."""
    return documents.read_document(
        (PLANS / "p4-district.yaml").read_text(encoding="utf-8"), shipped_base, "p4-district.yaml"
    )


def publish_p4(world):
    """Programme, version 1, three schools; nobody is enrolled."""
    load_standard()
    document = p4_document()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    programme = Programme.objects.create(
        code=document.programme, owner_id=world.district, title=dict(document.title), started_on=STARTED
    )
    Version.objects.create(
        programme=programme, number=1, source="", document=documents.to_json(document), digest="", published_at=at
    )
    for unit in world.schools:
        EnrolledSchool.objects.create(programme=programme, unit_id=unit, batch="pilot", since=STARTED)
    return programme
