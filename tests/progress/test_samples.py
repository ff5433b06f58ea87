"""A sample teacher stands exactly where somebody of the register stands of whom the same is known; nothing is written for it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.progress.scene import ZONE, Scene, plan, standing
from tests.standard import load_standard
from weineng.kernel.refusals import NotFound
from weineng.programmes.models import Touched
from weineng.progress.models import Counted, Standing
from weineng.progress.queries import PRESETS, Sample, points_of, preset, stand_of_sample, stand_under

ON = date(2026, 7, 1)
CODES = ("p1-town", "p2-province", "p3-province", "p4-district", "p5-school")


def said(demands):
    return {d.code: (d.have, d.need, d.met, d.verdict, [reason.code for reason in d.reasons]) for d in demands}


def stored(enrolment):
    rows = Standing.objects.filter(enrolment=enrolment).exclude(demand="overall")
    return {r.demand: (r.have, r.need, r.met, r.verdict, [reason["code"] for reason in r.reasons]) for r in rows}


@pytest.fixture
def scene(world, set_clock):
    set_clock(datetime(2026, 7, 1, 12, tzinfo=ZONE))
    load_standard()
    return Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)


OPENED = ("learner-analysis", "teaching-design", "learning-guidance")
SAMPLES = (
    Sample(on=ON),
    Sample(on=ON, minutes={"online": (900, 10)}, points={"A1": "passed", "A3": "failed", "A5": "chosen"}, opened=OPENED),
    Sample(on=ON, minutes={"online": (2000, 4), "research": (449, 2)}, points={"A1": "excellent", "A3": "excellent", "A5": "passed"},
           opened=OPENED, recording="passed"),
    Sample(on=ON, minutes={"online": (900, 3), "research": (450, 5)}, exempt=("recording",),
           points={"A1": "passed", "A3": "waiting", "A5": "passed"},
           opened=OPENED, recording="failed"),
)  # fmt: skip


def lived(scene, sample):
    """Somebody of the register of whom the same is known."""
    row = scene.enrol()
    for kind, mode in (("online", "online"), ("research", "school-research")):
        minutes, days = sample.minutes.get(kind, (0, 1))
        for day in range(days if minutes else 0):
            share = minutes * (day + 1) // days - minutes * day // days
            scene.record(row, share, datetime(2026, 1, 1 + day, tzinfo=ZONE), mode=mode, course=f"{kind}{day}")
    if sample.points:
        scene.choose(row, list(sample.points))
    for point, word in [*sample.points.items(), ("", sample.recording)]:
        level = {"passed": "pass", "excellent": "excellent", "failed": "fail"}.get(word)
        if word == "waiting":
            scene.submit(row, point)
        if level:
            scene.result(row, point, level)
    for demand in sample.exempt:
        scene.exempt(row, demand)
    scene.recount(row)
    return row


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_stands_where_somebody_real_would(scene, sample):
    row = lived(scene, sample)
    judged = stand_of_sample(scene.document, sample)
    assert said(judged.demands) == stored(row)
    assert judged.verdict == standing(row).verdict
    counted = {}
    for line in Counted.objects.filter(enrolment=row, reason=""):
        counted[line.kind] = counted.get(line.kind, 0) + line.minutes
    titles = {kind.title["zh-hans"]: kind.code for kind in scene.document.kinds}
    shown = {titles[kind.title]: float(kind.counted) * 45 for kind in judged.kinds if kind.counted != "0"}
    assert shown.keys() == counted.keys()


def test_somebody_of_the_register_is_judged_by_a_draft_and_nothing_is_written(world, scene):
    row = lived(scene, SAMPLES[2])
    before, touched = stored(row), Touched.objects.count()
    tighter = replace(
        scene.document,
        demands=tuple(replace(d, minimum=d.minimum * 2) if d.code == "online" else d for d in scene.document.demands),
    )
    judged = stand_under(world.office.actor, tighter, row)
    assert said(judged.demands)["online"][1] == 2 * before["online"][1]
    assert {code: one for code, one in said(judged.demands).items() if code != "online"} == {
        code: one for code, one in before.items() if code != "online"
    }
    assert (stored(row), Touched.objects.count()) == (before, touched)
    with pytest.raises(NotFound):
        stand_under(world.wu.actor, tighter, row)


@pytest.mark.parametrize("code", CODES)
def test_what_a_sample_can_begin_with_is_what_it_says(world, code):
    """Nothing has not begun, half is on its way, too little misses by little, and enough is enough, under every plan that is shipped."""
    load_standard()
    document = plan(code)
    on = document.cycle.start + (document.cycle.cut_off - document.cycle.start) / 2
    found = {name: stand_of_sample(document, preset(document, name, on)) for name in PRESETS}
    assert found["nothing"].verdict == "not-begun"
    assert found["enough"].verdict in ("pass", "excellent"), [
        (d.code, d.have_text, d.need_text) for d in found["enough"].demands if not d.met
    ]
    assert found["short"].verdict == "in-progress"
    assert sum(not d.met for d in found["short"].demands) >= 1
    assert sum(d.met for d in found["half"].demands) < sum(d.met for d in found["enough"].demands)
    assert Standing.objects.count() == 0
    assert points_of(document).keys() <= {f"{letter}{number}" for letter in "ABC" for number in range(1, 20)}


def test_the_ways_of_a_sample_lead_to_a_pass(world):
    load_standard()
    document = plan("p4-district")
    sample = preset(document, "short", ON)
    (first, *_rest) = stand_of_sample(document, sample).ways
    (task,) = first.tasks
    minutes, days = sample.minutes[task.task.kind]
    done = replace(
        sample, minutes={**sample.minutes, task.task.kind: (minutes + task.task.minutes, days + task.task.days)}
    )
    assert stand_of_sample(document, done).verdict == "pass"
