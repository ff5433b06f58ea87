"""A district's programme whose results experts of the city look at once more, for tests: results as a panel has left them."""

from dataclasses import replace

from tests.assessment.panel import EDITION
from tests.progress.scene import Scene, plan
from tests.standard import load_standard
from weineng.assessment.models import Result
from weineng.assessment.queries import evidence_asked
from weineng.evidence.models import Item, Submission
from weineng.kernel.clock import now, today
from weineng.programmes.rules import Sampling, Stage

TITLE = {"zh-hans": "市级抽查", "zh-hant": "市級抽查", "en": "Samples by the city"}


def sampling(world, **how):
    """P4 with samples by the city's experts: both teachers of the sibling district."""
    load_standard()
    p4 = plan("p4-district")
    rule = Sampling(**({"share": 20, "least": 1, "strata": ("county",), "tolerance": 10} | how))
    stage = Stage(
        "city-sample",
        TITLE,
        "experts",
        reviewers=1,
        decides=False,
        days=30,
        does="samples",
        level="city",
        sampling=rule,
    )
    scene = Scene(
        replace(p4, stages=(*p4.stages, stage)), owner=world.district, leaf=world.maths, school=world.nine_year
    )
    for member in (world.sibling_teacher, world.wu):
        world.grant(member.person, "expert", world.city)
    world.grant(world.office.person, "office", world.city)
    return scene


def decided(scene, member, *points, level="pass", enrolment=None):
    """Results of a panel with their evidence: what can be drawn."""
    enrolment = enrolment or scene.enrol(member.person)
    found = []
    for point in points:
        row = Submission.objects.create(
            person_id=member.person, enrolment=enrolment, programme=scene.code, item="point", point=point, edition=EDITION,
            state="decided", level=level, unit_id=member.unit, handed_in_on=today(), submitted_at=now(), decided_at=now(),
            created_at=now(), edited_at=now(),
        )  # fmt: skip
        Item.objects.bulk_create(
            Item(submission=row, seq=asked.seq, rated=asked.rated) for asked in evidence_asked(row)
        )
        found.append(
            Result.objects.create(
                person_id=member.person, enrolment=enrolment, submission=row, item="point", point=point, level=level,
                decided_at=now(), decided_on=today(), source="stages",
            )
        )  # fmt: skip
    return found


def here(world, scene):
    """Where the samples of these tests are drawn."""
    return {"programme": scene.programme.pk, "stage": "city-sample", "unit": world.city, "until": today()}
