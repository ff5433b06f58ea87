"""One programme with plan P4; `passed` is the teacher's enrolment with everything done and counted."""

from datetime import datetime

import pytest

from tests.progress.scene import ZONE, Scene, plan
from tests.standard import load_standard
from weineng.certification.actions import award_due
from weineng.certification.models import Certificate
from weineng.kernel.actors import platform

SETTLE = platform("settle")


@pytest.fixture(scope="session")
def p4():
    return plan("p4-district")


@pytest.fixture
def scene(world, p4, set_clock):
    set_clock(datetime(2026, 11, 2, 9, 0, tzinfo=ZONE))
    load_standard()
    return Scene(p4, owner=world.district, leaf=world.maths, school=world.nine_year)


@pytest.fixture
def passed(scene, world):
    enrolment = scene.enrol(world.teacher.person)
    scene.finish(enrolment)
    scene.recount(enrolment)
    return enrolment


@pytest.fixture
def certificate(passed):
    assert award_due(by=SETTLE) == 1
    return Certificate.objects.select_related("key").get()
