"""The shipped plans as they stand in tests: published and started for the world's schools, nobody enrolled.

p3 = stand(world, "p3-province")
p1 = stand(world, "p1-town", old="days: 30", new="days: 10")     # with a line of the document other than it is
"""

from datetime import UTC, datetime

from tests.p4 import PLANS, STARTED, shipped_base
from tests.standard import load_standard
from weineng.programmes import documents
from weineng.programmes.models import EnrolledSchool, Programme, Version


def stand(world, code, *changes):
    """Programme and version 1 of a plan, each (old, new) of `changes` made in its text, and the schools that take part."""
    load_standard()
    source = (PLANS / f"{code}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    document = documents.read_document(source, shipped_base, f"{code}.yaml")
    programme = Programme.objects.create(
        code=document.programme, owner_id=world.district, title=dict(document.title), started_on=STARTED
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    Version.objects.create(
        programme=programme, number=1, source=source, document=documents.to_json(document), digest="", published_at=at
    )
    for unit in world.schools:
        EnrolledSchool.objects.create(programme=programme, unit_id=unit, batch="pilot", since=STARTED)
    return programme
