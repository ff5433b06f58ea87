"""A district's programme whose results are accepted by two experts of the town, for tests."""

from dataclasses import replace

from tests.progress.scene import START, Scene, plan
from weineng.programmes.models import EnrolledSchool
from weineng.programmes.rules import Stage

TITLE = {"zh-hans": "镇级验收", "zh-hant": "鎮級驗收", "en": "Acceptance"}
STAGE = Stage("acceptance", TITLE, "experts", reviewers=1, decides=False, days=30, does="accepts", level="town")


def accepting(world, reviewers=1):
    """P4 with an acceptance by the town's experts: the vocational school's two teachers."""
    p4 = plan("p4-district")
    stage = replace(STAGE, reviewers=reviewers)
    scene = Scene(
        replace(p4, stages=(*p4.stages, stage)), owner=world.district, leaf=world.maths, school=world.nine_year
    )
    for unit in world.schools:
        EnrolledSchool.objects.create(programme=scene.programme, unit_id=unit, batch="pilot", since=START.date())
    for member in world.vocational_teachers:
        world.grant(member.person, "expert", world.zone)
    return scene


def here(world, scene):
    """Where the decisions of these tests are made."""
    return {"programme": scene.programme.pk, "stage": "acceptance", "unit": world.nine_year}
