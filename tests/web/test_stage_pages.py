"""How a school is assessed, on its pages: handed over and back, an own mode proposed, approved and ended."""

from datetime import datetime

import pytest

from tests.plans import stand
from weineng.assessment.models import HandOver, OwnMode
from weineng.kernel.clock import CIVIL, now
from weineng.planning.models import SchoolPlan
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


@pytest.fixture
def url(world, set_clock):
    set_clock(datetime(2026, 9, 1, 9, tzinfo=CIVIL))
    p1 = stand(world, "p1-town")
    SchoolPlan.objects.create(programme=p1, unit_id=world.nine_year, number=1, state="approved", edited_at=now())
    world.grant(world.vocational_teachers[0].person, "training-team", world.zone)
    return f"/stages/{oid(p1)}/{oid(world.nine_year, 'organisations.unit')}/"


def test_a_stage_is_handed_over_and_taken_back(world, url, visitor):
    assert visitor(world.cio, "/stages/", role="cio").headers["Location"] == url
    assert visitor(world.cio, url, role="cio").status_code == 200
    assert visitor(world.cio, f"{url}do/", {"do": "hand-over", "stage": "panel"}, "cio").status_code == 302
    assert HandOver.objects.get().ended_at is None
    assert visitor(world.cio, f"{url}do/", {"do": "hand-over", "stage": "panel"}, "cio").status_code == 422
    assert visitor(world.cio, f"{url}do/", {"do": "take-back", "stage": "panel"}, "cio").status_code == 302
    assert HandOver.objects.get().ended_at is not None
    assert visitor(world.wu, url, role="cio").status_code == 404


def test_an_own_mode_is_proposed_returned_approved_and_ended(world, url, visitor):
    form = {
        "by_1": "backbone",
        "reviewers_1": "1",
        "days_1": "7",
        "by_2": "panel",
        "reviewers_2": "3",
        "days_2": "10",
        "why": "校本三人评审",
    }
    assert visitor(world.cio, f"{url}own/", role="cio").status_code == 200
    few = visitor(world.cio, f"{url}own/", form | {"reviewers_2": "1"}, "cio")
    assert few.status_code == 422
    assert visitor(world.cio, f"{url}own/", form, "cio").status_code == 302
    assert "校本三人评审" in visitor(world.office, url, role="office").content.decode()
    assert url in visitor(world.office, "/stages/", role="office").content.decode()
    assert visitor(world.office, f"{url}do/", {"do": "return", "reason": "请补充说明"}, "office").status_code == 302
    assert "请补充说明" in visitor(world.cio, url, role="cio").content.decode()
    visitor(world.cio, f"{url}own/", form, "cio")
    assert visitor(world.office, f"{url}do/", {"do": "approve"}, "office").status_code == 302
    assert OwnMode.objects.get(state="approved").stages[1]["reviewers"] == 3
    assert visitor(world.cio, f"{url}do/", {"do": "end", "reason": "不再采用"}, "cio").status_code == 302
    assert OwnMode.objects.filter(state="ended").count() == 1
    assert visitor(world.office, f"{url}own/", role="office").status_code == 404
