"""The tracks of one programme side by side, whichever of them one looks at: each with its own figures, only within reach."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.progress.scene import ZONE, Scene, plan
from weineng.accounts.models import Grant
from weineng.insight.queries import tracks_at
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import NotFound
from weineng.programmes.models import EnrolledSchool


@pytest.fixture
def family(world, set_clock):
    """(the whole, a track for leaders, a programme of its own): one finished, one begun, one not."""
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    document = plan("p4-district")

    def scene(code, **lines):
        return Scene(
            replace(document, **lines), owner=world.district, leaf=world.maths, school=world.nine_year, code=code
        )

    made = scene("whole"), scene("leaders", track_of="whole"), scene("other")
    whole, leaders, other = made
    done, begun = whole.enrol(world.teacher.person), whole.enrol(world.colleague.person)
    whole.finish(done)
    whole.hours(begun, 45)
    whole.recount(done, begun)
    for one in (leaders, other):
        one.recount(one.enrol(world.leader.person))
    return made


def figures(by, scene, unit, on=None):
    rows = tracks_at(by.actor, scene.programme, unit, on)
    return [(t.code, t.whole, t.reached.people, t.reached.participants, t.reached.passed) for t in rows]


def test_each_track_has_its_own_figures_the_whole_first(family, world):
    whole, leaders, other = family
    told = [("whole", True, 2, 2, 1), ("leaders", False, 1, 0, 0)]
    assert figures(world.office, whole, world.district) == figures(world.office, leaders, world.district) == told
    assert figures(world.office, leaders, world.kindergarten) == [("whole", True, 0, 0, 0), ("leaders", False, 0, 0, 0)]
    assert figures(world.office, other, world.district) == []
    leaders.programme.started_on = None
    leaders.programme.save()
    assert figures(world.office, whole, world.district) == []


def test_the_document_in_force_says_whose_track_it_is(family, world):
    _whole, leaders, other = family
    leaders.publish(replace(leaders.document, track_of="other"))
    assert [row[0] for row in figures(world.office, other, world.district)] == ["other", "leaders"]
    assert figures(world.office, family[0], world.district) == []


def test_only_what_one_reaches(family, world):
    whole, leaders, _other = family
    assert figures(world.principal, whole, world.nine_year) == []  # the school takes part in neither
    for scene in (whole, leaders):
        EnrolledSchool.objects.create(
            programme=scene.programme, unit_id=world.nine_year, batch="pilot", since=date(2026, 1, 1)
        )
    assert [row[0] for row in figures(world.principal, whole, world.nine_year)] == ["whole", "leaders"]
    with pytest.raises(NotFound):
        figures(world.cio, whole, world.district)


def test_the_overview_shows_them_and_leads_from_one_to_the_other(family, world, client, sign_in):
    whole, leaders, _other = family
    sign_in(client, world.office, f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}")
    unit = f"/progress/unit/{seal_id('organisations.unit', world.district)}/"
    client.post("/programme/", {"programme": seal_id("programmes.programme", whole.programme.pk)})
    page = client.get(unit).content.decode()
    sealed = seal_id("programmes.programme", leaders.programme.pk)
    section = re.search(r"<h2>本项目的分轨</h2>.*?</section>", page, re.DOTALL)[0]
    assert re.findall(r'data-label="已完成">(\d+)<', section) == ["1", "0"]
    assert f'name="programme" value="{sealed}"' in section
