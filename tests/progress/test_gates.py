"""What a gate holds back until it opens, and what is refused before: choosing and handing in (semantics 8, 10)."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.utils.translation import override

from tests.district import second_office
from tests.p4 import p4_document, publish_p4
from tests.planning.plans import approve, enrol
from tests.progress.scene import SETTLE, Here, Scene, lines, standing
from weineng.evidence.actions import draft_submission, seal_submission
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.notices.models import Message
from weineng.planning.actions import choose_points
from weineng.planning.models import Choice
from weineng.programmes.actions import ask_exemption, grant_exemption
from weineng.programmes.documents import to_json
from weineng.programmes.models import Enrolment
from weineng.programmes.models import Gate as OpenGate
from weineng.programmes.rules import Gate
from weineng.progress.actions import compare_with_recount
from weineng.progress.queries import lines_of_record, position_of, shortest_ways, standing_of
from weineng.web.programmes.exempting import demands_of

WORDS = {"zh-hans": "先学习", "zh-hant": "先學習", "en": "Learn first"}


def gated(before):
    gate = Gate("online-first", WORDS, ("online",), 5 * 45, ("research",), before)
    return replace(p4_document(), gates=(gate,))


def opened(enrolment):
    return dict(OpenGate.objects.filter(enrolment=enrolment).values_list("gate", "opened_on"))


@pytest.fixture
def held(world, set_clock):
    """`held(before)`: a scene whose research waits for five periods online; a teacher with research on 1 and 20 March."""
    set_clock(datetime(2026, 11, 2, 9, tzinfo=CIVIL))

    def build(before):
        scene = Scene(gated(before), owner=world.district, leaf=world.maths, school=world.nine_year)
        one = scene.enrol()
        scene.record(one, 90, "2026-03-01 08:00", mode="school-research", course="R", number="early")
        scene.record(one, 45, "2026-03-20 08:00", mode="school-research", course="R", number="late")
        return scene, one

    return build


def research(enrolment):
    return {key: minutes for key, minutes in lines(enrolment).items() if key[1] == "research"}


@pytest.mark.parametrize("minutes", [224, 225])
def test_a_gate_opens_with_the_minute_that_reaches_it(held, minutes):
    scene, one = held("not-counted")
    scene.hours(one, minutes, day=date(2026, 3, 10))
    scene.recount(one)
    early = {("yun/early", "research", "before-gate", "online-first"): 90}
    if minutes == 225:
        assert opened(one) == {"online-first": date(2026, 3, 10)}
        assert research(one) == early | {("yun/late", "research", "", ""): 45}
    else:
        assert opened(one) == {}
        assert research(one) == early | {("yun/late", "research", "before-gate", "online-first"): 45}


def test_what_happens_on_the_day_itself_counts_and_a_void_moves_the_day(held):
    scene, one = held("not-counted")
    first = scene.record(one, 225, "2026-03-01 10:00", number="first")
    scene.record(one, 225, "2026-03-15 10:00", number="second", course="D")
    scene.recount(one)
    assert (opened(one), standing(one, "research").have) == ({"online-first": date(2026, 3, 1)}, 135)
    scene.void(first)
    scene.recount(one)
    assert (opened(one), standing(one, "research").have) == ({"online-first": date(2026, 3, 15)}, 45)
    scene.exempt(one, "online-first", since=date(2026, 2, 1))
    scene.recount(one)
    assert (opened(one), standing(one, "research").have) == ({"online-first": date(2026, 2, 1)}, 135)


def test_what_is_kept_waits_and_then_counts_whatever_its_date(held):
    scene, one = held("keep")
    scene.recount(one)
    assert {key[2] for key in research(one)} == {"before-gate"}
    scene.hours(one, 225, day=date(2026, 6, 1))
    scene.recount(one)
    assert (opened(one), standing(one, "research").have) == ({"online-first": date(2026, 6, 1)}, 135)
    assert [key[2] for key in research(one)] == ["", ""]


def test_gates_that_are_written_wrong_are_found(held):
    scene, one = held("keep")
    scene.hours(one, 225)
    scene.recount(one)
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []
    OpenGate.objects.filter(enrolment=one).update(opened_on=date(2026, 1, 1))
    found = compare_with_recount(by=SETTLE, programme=scene.programme.pk)
    assert [(row.table, row.key) for row in found] == [("programmes_gate", (one, "online-first"))]


@pytest.fixture
def refusing(world, set_clock):
    """The nine-year school's plan is in force; the teacher takes part under a document that refuses before the gate."""
    set_clock(datetime(2026, 4, 1, 9, tzinfo=CIVIL))
    programme = publish_p4(world)
    programme.versions.update(document=to_json(gated("refuse")))
    approve(world, programme, world.nine_year, world.cio)
    one = enrol(programme, world.teacher).pk
    scene = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year)
    scene.recount(one)
    return scene, one


def refused(call, **kwargs):
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code, dict(caught.value.params)


def test_before_the_gate_nothing_is_chosen_or_handed_in(world, refusing):
    scene, one = refusing
    by, points = world.teacher.actor, ["A1", "A2", "A3"]
    closed = ("gate-closed", {"gate": "先学习", "periods": "5"})
    assert refused(choose_points, by=by, enrolment=one, points=points) == closed
    assert Choice.objects.count() == 0
    learnt = scene.record(one, 225, "2026-03-02 08:00")
    scene.recount(one)
    choose_points(by=by, enrolment=one, points=points)
    draft = draft_submission(by=by, enrolment=one, item="point", point="A1")
    scene.void(learnt)
    scene.recount(one)
    assert refused(seal_submission, by=by, submission=draft.pk) == closed
    assert refused(choose_points, by=by, enrolment=one, points=["A1", "A2", "B1"]) == closed


def test_the_shortest_ways_open_the_gate_too(world, refusing):
    scene, one = refusing
    document = gated("refuse")
    assert position_of(one, document).closed == {"online-first"}
    first = shortest_ways(world.teacher.actor, one)[0]
    assert {task.task.kind: task.task.minutes for task in first.tasks if task.task.kind} == {
        "online": 900,
        "research": 450,
    }
    scene.record(one, 225, "2026-03-02 08:00")
    scene.recount(one)
    assert position_of(one, document).closed == set()


def test_who_is_exempted_from_a_gate_through_the_office_is_counted_as_having_passed_it(world, refusing):
    scene, one = refusing
    scene.record(one, 90, "2026-03-20 08:00", mode="school-research", course="R", number="early")
    scene.recount(one)
    assert standing(one, "research").have == 0
    assert demands_of(Enrolment.objects.get(pk=one))[-2] == ("online-first", WORDS["zh-hans"])
    asked = ask_exemption(
        by=world.office.actor, enrolment=one, demand="online-first", starts=date(2026, 3, 20), ends=None, reason="产假"
    )
    granted = grant_exemption(by=second_office(world).actor, exemption=asked.pk)
    told = Message.objects.get(event="exemption-granted").params["demand"]
    scene.recount()
    assert (granted.demand, told) == ("online-first", WORDS)
    assert (opened(one), standing(one, "research").have) == ({"online-first": date(2026, 3, 20)}, 90)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("keep", "Counts once “Learn first” is reached."),
        ("not-counted", "It was before “Learn first” was reached."),
    ],
)
def test_a_line_before_a_gate_names_it_and_says_whether_it_will_count(world, held, before, sentence):
    scene, _one = held(before)
    mine = scene.enrol(person=world.teacher.person)
    early = scene.record(mine, 90, "2026-03-01 10:00", mode="school-research", course="R")
    scene.recount(mine)
    with override("en"):
        page = standing_of(world.teacher.actor, mine)
        told = [line.text for kind in page.kinds for line in kind.lines]
        assert (told, [text for _line, text in lines_of_record(early.pk)]) == ([sentence], [sentence])
