"""Approvals in the browser's words: asked for in a draft, seen among what one has to do, decided, and then published."""

import re
from datetime import datetime

import pytest

from tests.district import load_standard
from tests.programmes.test_approvals import base_with, saying
from weineng.insight.queries.desks import desk_of
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import Unit
from weineng.programmes.actions import begin_draft, publish_programme, save_draft
from weineng.programmes.models import Approval, Programme, Version
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(world, visitor, set_clock):
    set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
    load_standard()
    return lambda who, url, data=None: visitor(who, url, data, "office")


@pytest.fixture
def city(world):
    member = world.enter("童立新", world.city, key="city_office")
    world.grant(member.person, "office", world.city)
    return member


@pytest.fixture
def draft(world, visit):
    publish_programme(by=platform("ops"), source=base_with("city"))
    another = saying(2).replace("programme: p4-district", "programme: another", 1)
    publish_programme(by=world.office.actor, source=another, owner=world.district)
    row = begin_draft(
        by=world.office.actor, owner=world.district, origin="nothing", code="p4-district", title={"en": "x"}
    )
    return save_draft(by=world.office.actor, draft=row.pk, source=saying(3), revision=row.revision)


def main(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:3000]
    return re.sub(r"\s+", " ", answer.content.decode().split("<main")[1])


def buttons(page):
    """What the forms of a page can do."""
    return set(re.findall(r'name="do" value="([\w-]+)"', page))


def waiting(who, unit):
    """What lies on the desk of an office, whichever programme it looks at."""
    desk = desk_of(who.actor, Programme.objects.get(code="another"), Unit.objects.get(pk=unit))
    return {line.code: line.count for line in desk.waiting}


def test_from_the_draft_to_the_published_document(world, visit, city, draft):
    here = f"/programmes/drafts/{oid(draft)}/"
    page = main(visit(world.office, here))
    assert f'action="{here}approval/"' in page
    assert "publish" not in buttons(page)
    assert (
        visit(world.office, f"{here}approval/", {"revision": draft.revision, "reason": "学校太小"}).status_code == 302
    )
    row = Approval.objects.get()
    there = f"/programmes/approvals/{oid(row)}/"
    page = main(visit(world.office, here))
    assert (f'href="{there}"' in page, f'action="{here}approval/"' in page) == (True, False)
    own = main(visit(world.office, there))
    assert buttons(own) == {"withdraw"}

    assert (waiting(city, world.city), waiting(world.office, world.district)) == ({"approvals": 1}, {})
    assert "1项更改基础方案规定的申请待你批准。" in main(visit(city, "/programmes/"))
    assert "项更改基础方案规定的申请" not in main(visit(world.office, "/programmes/"))
    assert f'href="{there}"' in main(visit(city, "/programmes/approvals/"))
    page = main(visit(city, there))
    assert buttons(page) == {"approve", "return"}
    assert re.findall(r"<p>(材料最多退回[^<]*)</p>", page) == [
        "材料最多退回2次，之后须作出结论。",
        "材料最多退回3次，之后须作出结论。",
    ]
    assert "学校太小" in page
    assert main(visit(city, f"{there}do/", {"do": "return", "reason": ""}), 422).count("field-error") >= 1
    assert visit(city, f"{there}do/", {"do": "approve"}).status_code == 302

    page = main(visit(world.office, here))
    assert "publish" in buttons(page)
    visit(world.office, f"{here}do/", {"do": "publish", "revision": draft.revision})
    version = Version.objects.get(programme__code="p4-district")
    assert version.document["returns"] == 3
    assert f'href="{there}"' in main(visit(world.office, f"/programmes/{oid(version.programme)}/"))
    answer = visit(city, f"{there}do/", {"do": "end", "reason": "误"})
    assert Approval.objects.get().state == "approved"
    assert "已有以此为依据的文件发布或提出。" in main(answer, 422)


def test_nobody_else_sees_it_or_decides(world, visit, city, draft):
    visit(
        world.office, f"/programmes/drafts/{oid(draft)}/approval/", {"revision": draft.revision, "reason": "学校太小"}
    )
    there = f"/programmes/approvals/{oid(Approval.objects.get())}/"
    assert visit(world.wu, there).status_code == 404
    assert "学校太小" not in main(visit(world.wu, "/programmes/approvals/"))
    for do in ("approve", "return", "end", "withdraw"):
        assert visit(world.wu, f"{there}do/", {"do": do, "reason": "x"}).status_code == 404
    for do in ("approve", "return", "end"):
        assert visit(world.office, f"{there}do/", {"do": do, "reason": "x"}).status_code == 404
    assert Approval.objects.get().state == "asked"
