"""Samples: a frame that is fixed first, a draw that anybody can do again, a second look, and what a bad sample brings about."""

import hashlib
from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.assessment.panel import LOOP, rate, settle
from tests.assessment.sampling import decided, here, sampling
from tests.planning.plans import refusal
from tests.progress.scene import at
from weineng.accounts.models import Grant
from weineng.assessment.actions import (
    draw_sample,
    drop_sample,
    frame_sample,
    open_review,
    overturn_result,
    reassign_review,
    release_reviews,
    return_dossier,
    stop_sample,
)
from weineng.assessment.models import Assignment, Dossier, Result, Sample, SampledResult, SampleStratum
from weineng.assessment.queries import (
    held_up_below,
    public_frame,
    public_sample,
    review_ended,
    review_page,
    sample_page,
    waiting_for,
)
from weineng.assessment.rules import draw, wanted_of, widens
from weineng.evidence.models import Submission
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound
from weineng.notices.models import Message
from weineng.organisations.models import Person, Posting
from weineng.programmes.models import Enrolment

pytestmark = pytest.mark.slow

POINTS = ("A1", "A2", "A3", "A4", "B1")


@pytest.fixture
def clock(set_clock):
    set_clock(at("2026-11-02 09:00"))
    return set_clock


@pytest.fixture
def scene(world, clock):
    return sampling(world)


@pytest.fixture
def office(world, scene):
    return world.office.actor


@pytest.fixture
def ten(world, scene):
    """Ten results of two teachers of the district, and one of the district beside it."""
    found = decided(scene, world.teacher, *POINTS) + decided(scene, world.colleague, *POINTS)
    world.grant(world.panel[0].person, "expert", world.province)  # of another level
    world.grant(world.kindergarten_teachers[0].person, "expert", world.city)  # of neither school
    return found + decided(scene, world.enter("青石教师", world.sibling_group, key="other"), "A1")


def drawn_now(world, scene, office, seed="2026-11-02 双色球 03 11"):
    sample = frame_sample(by=office, **here(world, scene))
    return draw_sample(by=office, sample=sample.pk, seed=seed)


def looks(sample):
    """Who looks once more at what, settled."""
    settle()
    rows = Assignment.objects.filter(run__dossier__sampled__stratum__sample=sample, state__in=("assigned", "opened"))
    return list(rows.order_by("pk"))


def outcomes(sample):
    rows = SampledResult.objects.filter(stratum__sample=sample, drawn__gt=0).order_by("number")
    return [row.outcome for row in rows]


def test_how_many_are_drawn_and_when_a_sample_is_bad():
    assert [wanted_of(*case) for case in ((10, 20, 1), (11, 20, 1), (1, 5, 3), (0, 5, 1), (100, 5, 10))] == [
        2,
        3,
        1,
        0,
        10,
    ]
    assert [widens(*case) for case in ((10, 1, 10), (10, 2, 10), (5, 0, 0), (5, 1, 0), (9, 1, 10))] == [
        False, True, False, True, True,
    ]  # fmt: skip


def test_anybody_can_draw_again_with_the_seed_and_the_numbers(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    by_stratum = {}
    for number, stratum, taken in public_frame(sample.pk):
        by_stratum.setdefault(stratum, []).append((number, taken))
    assert {len(rows) for rows in by_stratum.values()} == {10, 1}
    for rows in by_stratum.values():
        wanted = max(1, -(-20 * len(rows) // 100))
        ranked = sorted(
            rows, key=lambda row: hashlib.sha256(f"{sample.seed}{sample.secret}:{row[0]}".encode()).hexdigest()
        )
        assert [taken for _number, taken in ranked] == [1] * wanted + [0] * (len(rows) - wanted)
        numbers = [number for number, _taken in rows]
        assert draw(f"{sample.seed}{sample.secret}", numbers, wanted) == [number for number, _taken in ranked[:wanted]]
    lines = [
        f"{row.number},{row.stratum.code},{row.result_id}"
        for row in SampledResult.objects.select_related("stratum").order_by("number")
    ]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == sample.digest
    assert [line.split(",")[0] for line in lines] == [str(number) for number in range(1, 12)]


def test_the_frame_has_what_was_decided_as_passed_and_no_other(world, scene, office, ten):
    gone, *_rest = ten
    overturn_result(by=office, result=gone.pk, level="fail", reason="不符")
    decided(scene, world.loner, "A1", level="fail")
    brought = scene.enrol(world.leader.person)
    scene.result(brought, "A1")  # from a sheet: nothing to look at
    decided(scene, world.enter("外省教师", world.province, key="far"), "A1")
    later = decided(scene, world.chinese_teachers[0], "A1")
    Result.objects.filter(pk=later[0].pk).update(decided_on=today() + timedelta(days=1))
    sample = frame_sample(by=office, **here(world, scene))
    framed = set(SampledResult.objects.values_list("result", flat=True))
    assert framed == {row.pk for row in ten[1:]}
    assert (sample.size, sample.state, sample.number) == (10, "framed", 1)


def test_nothing_comes_into_a_second_frame_of_the_same_stage(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    assert refusal(frame_sample, by=office, **here(world, scene)) == "sample-open"
    stop_sample(by=office, sample=sample.pk, reason="重新组织")
    assert refusal(frame_sample, by=office, **here(world, scene)) == "nothing-to-sample"
    fresh = decided(scene, world.loner, "A1")
    second = frame_sample(by=office, **here(world, scene))
    assert (second.number, second.size) == (2, 1)
    assert SampledResult.objects.get(stratum__sample=second).result_id == fresh[0].pk
    drop_sample(by=office, sample=second.pk)
    for act in (draw_sample, drop_sample):
        assert refusal(act, by=office, sample=second.pk) == "frame-dropped"
    third = frame_sample(by=office, **here(world, scene))
    assert (third.number, third.size, third.secret != second.secret) == (3, 1, True)
    dropped = public_sample(second.pk).row
    assert (dropped.state, dropped.number, dropped.digest) == ("dropped", 2, second.digest)
    assert [number for number, _stratum, _taken in public_frame(second.pk)] == [1]


def test_the_same_seed_draws_from_two_frames_as_their_secrets_say(world, clock):
    scene, office = sampling(world, share=20), world.office.actor
    decided(scene, world.teacher, *POINTS)
    decided(scene, world.colleague, *POINTS)
    sample = frame_sample(by=office, **here(world, scene))
    assert hashlib.sha256(sample.secret.encode()).hexdigest() == sample.secret_digest
    Sample.objects.filter(pk=sample.pk).update(secret="s" * 64)
    draw_sample(by=office, sample=sample.pk, seed="03 11")
    taken = [number for number, _stratum, drawn in public_frame(sample.pk) if drawn]
    assert taken == sorted(draw("03 11" + "s" * 64, list(range(1, 11)), 2))
    assert taken != sorted(draw("03 11", list(range(1, 11)), 2))


def test_who_may_draw_and_what_is_refused(world, scene, office, ten):
    where = here(world, scene)
    for member in (world.teacher, world.cio, world.auditor, world.wu, world.sibling_teacher):
        assert refusal(frame_sample, by=member.actor, **where) == "not-found"
    assert (
        refusal(frame_sample, by=office, **where | {"unit": world.district}) == "not-found"
    )  # not of the city's level
    assert refusal(frame_sample, by=office, **where | {"stage": "panel"}) == "not-found"
    assert refusal(frame_sample, by=office, **where | {"until": today() + timedelta(days=1)}) == "in-the-future"
    assert refusal(frame_sample, by=office, **where | {"until": today() - timedelta(days=1)}) == "nothing-to-sample"
    assert Sample.objects.count() == 0
    sample = frame_sample(by=office, **where)
    for act in (draw_sample, drop_sample):
        assert refusal(act, by=world.cio.actor, sample=sample.pk) == "not-found"
    assert refusal(draw_sample, by=office, sample=sample.pk, seed="x" * 65) == "text-too-long"
    assert refusal(stop_sample, by=office, sample=sample.pk, reason="x") == "sample-not-running"
    assert len(draw_sample(by=office, sample=sample.pk).seed) == 32
    for act in (draw_sample, drop_sample):
        assert refusal(act, by=office, sample=sample.pk) == "already-drawn"
    assert refusal(stop_sample, by=office, sample=sample.pk, reason=" ") == "reason-missing"


def test_what_stands_stands_and_everybody_is_told(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    parts = looks(sample)
    assert len(parts) == 3
    assert {part.basis for part in parts} == {"experts-city"}
    assert {part.reviewer_id for part in parts} <= {
        world.sibling_teacher.person,
        world.wu.person,
        world.kindergarten_teachers[0].person,
    }
    told = set(Message.objects.filter(event="sample-drawn").values_list("person", flat=True))
    assert told == {part.judged_id for part in parts}
    assert Message.objects.filter(event="sample-drawn-school", person=world.cio.person).count() == 1
    page = review_page(world.member(parts[0].reviewer_id).actor, parts[0].pk, 2)
    assert (page.advice, page.returns_left) == ([], 0)
    for part in parts:
        rate(world, part, "pass")
    settle()
    assert outcomes(sample.pk) == ["same"] * 3
    assert Sample.objects.get().state == "done"
    assert Result.objects.filter(overturned_at__isnull=True).count() == 11
    assert Message.objects.filter(event="sample-stands").count() == 3
    assert settle() == 0


def test_a_lower_level_takes_the_place_with_what_was_said_and_a_higher_one_changes_nothing(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    low, high, *_rest = [part for part in looks(sample) if part.judged_id != world.people["other"].person]
    SampleStratum.objects.update(widened_at=at("2026-11-02 09:00"))  # as if it had been widened: here one result counts
    rate(world, low, "fail")
    rate(world, high, "excellent")
    settle()
    old = low.run.dossier.sampled.result
    new = Result.objects.get(overturns=old.pk)
    assert (new.level, new.source, new.reason.split("; ")[0]) == ("fail", "sample", "建议")
    assert Submission.objects.values_list("level", flat=True).get(pk=old.submission_id) == "fail"
    assert Message.objects.filter(event="sample-lowered", person=low.judged_id).count() == 1
    same = high.run.dossier.sampled
    same.refresh_from_db()
    assert (same.outcome, same.found) == ("higher", "excellent")
    assert Result.objects.get(pk=same.result_id).overturned_at is None
    page = sample_page(office, sample.pk)
    assert [(row.result_id, row.outcome) for row in page.changed] == sorted(
        [(old.pk, "lower"), (same.result_id, "higher")], key=lambda pair: pair[0]
    )
    back = overturn_result(by=office, result=new.pk, level="pass", reason="复核属实")  # the way back
    assert back.level == "pass"


def test_a_bad_sample_widens_to_the_whole_stratum_once(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    mine = [part for part in looks(sample) if part.judged_id != world.people["other"].person]
    assert len(mine) == 2
    rate(world, mine[0], "fail")  # one of two are more than ten per cent
    settle()
    strata = {part.code: part.widened_at is not None for part in SampleStratum.objects.all()}
    assert strata == {f"county:{world.district}": True, f"county:{world.sibling}": False}
    assert SampledResult.objects.filter(drawn=2).count() == 8
    assert Message.objects.filter(event="sample-widened-school", person=world.cio.person).count() == 1
    parts = looks(sample)
    assert len(parts) == 10  # eight more, and the two that were still open
    for part in parts:
        rate(world, part, "pass")
    settle()
    assert Sample.objects.get().state == "done"
    tally = {one.values[0][1]: one.tally for one in sample_page(office, sample.pk).strata}
    assert (tally["锦霖区"].drawn, tally["锦霖区"].lowered, tally["锦霖区"].first) == (10, 1, 2)


def test_strata_are_drawn_from_by_themselves(world, clock):
    scene = sampling(world, strata=("school", "subject"), share=1, least=1)
    decided(scene, world.teacher, *POINTS)
    decided(scene, world.chinese_teachers[0], *POINTS)
    decided(scene, world.kindergarten_teachers[0], "A1")
    sample = frame_sample(by=world.office.actor, **here(world, scene))
    codes = {part.code: (part.size, part.wanted) for part in sample.parts.all()}
    assert codes == {
        f"school:{world.nine_year}|subject:数学": (5, 1), f"school:{world.nine_year}|subject:语文": (5, 1),
        f"school:{world.kindergarten}|subject:学前综合": (1, 1),
    }  # fmt: skip


def test_whoever_judged_it_does_not_look_once_more_nor_does_the_school_choose_who_does(world, scene, office, clock):
    (row,) = decided(scene, world.teacher, "A1")
    first = Dossier.objects.create(
        submission=row.submission, version=1, person_id=world.teacher.person, enrolment=row.enrolment, stage="", state="decided",
        opened_at=at("2026-10-01 09:00"),
    )  # fmt: skip
    run = first.runs.create(stage="panel", place=2, wanted=2, decides=True, state="done")
    Assignment.objects.create(
        run=run, reviewer_id=world.wu.person, judged_id=world.teacher.person, role="panel", state="done",
        assigned_at=at("2026-10-01 09:00"),
    )  # fmt: skip
    (part,) = looks(drawn_now(world, scene, office).pk)
    assert part.reviewer_id == world.sibling_teacher.person
    by, wu = world.sibling_teacher.actor, world.wu.person
    assert refusal(reassign_review, by=office, assignment=part.pk, to=wu, reason="忙") == "not-eligible"
    assert refusal(reassign_review, by=world.cio.actor, assignment=part.pk, to=None, reason="忙") == "not-found"
    clock(at("2026-12-20 09:00"))  # the look is late: the office sees it, the school that is looked at does not
    for who, place, seen in ((office, world.city, 1), (world.cio.actor, world.nine_year, 0)):
        assert held_up_below(who, place).count() == seen
    open_review(by=by, assignment=part.pk)
    assert refusal(return_dossier, by=by, assignment=part.pk, advice="补充") == "not-deciding"


def test_what_was_changed_meanwhile_needs_no_look(world, scene, office):
    one, two = decided(scene, world.teacher, "A1", "A2")
    sample = drawn_now(world, scene, office)
    assert SampledResult.objects.filter(drawn=1).count() == 1
    row = SampledResult.objects.get(drawn=1).result
    overturn_result(by=office, result=row.pk, level="fail", reason="不符")
    assert looks(sample.pk) == []
    assert (outcomes(sample.pk), Sample.objects.get().state) == (["gone"], "done")
    assert {one.pk, two.pk} > {row.pk}


def test_a_stopped_sample_asks_nobody_any_more(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    part = looks(sample)[0]
    by = world.member(part.reviewer_id).actor
    open_review(by=by, assignment=part.pk)
    row = stop_sample(by=office, sample=sample.pk, reason="名单有误")
    assert (row.state, row.reason) == ("stopped", "名单有误")
    assert waiting_for(by).count() == 0
    assert review_ended(by, part.pk).why == "sample-stopped"
    assert settle() == 0
    assert refusal(stop_sample, by=office, sample=sample.pk, reason="x") == "sample-not-running"


def test_pages_of_samples_are_for_those_who_draw_or_see_results_there(world, scene, office, ten):
    sample = drawn_now(world, scene, office)
    assert sample_page(office, sample.pk).may
    for member in (world.cio, world.teacher, world.wu, world.sibling_teacher):
        with pytest.raises(NotFound):
            sample_page(member.actor, sample.pk)
    assert public_sample(sample.pk).changed == ()


def test_nobody_looks_at_the_work_of_somebody_erased(world, scene, office, ten):
    from weineng.assessment.actions._looking import drop_looks

    sample = drawn_now(world, scene, office)
    gone = looks(sample)[0]
    drop_looks([gone.judged_id])
    settle()
    assert not any(part.judged_id == gone.judged_id for part in looks(sample))
    assert "gone" in outcomes(sample.pk)


def test_a_sample_that_waited_for_somebody_erased_alone_is_over(world, scene, office):
    from weineng.assessment.actions._looking import drop_looks

    decided(scene, world.teacher, "A1")
    sample = drawn_now(world, scene, office)
    settle()
    drop_looks([world.teacher.person])
    assert (outcomes(sample.pk), Sample.objects.get().state) == (["gone"], "done")


@pytest.mark.parametrize("how", ["post", "host", "merged"])
def test_nobody_of_the_school_looks_once_more_at_what_it_decided(world, scene, office, how):
    decided(scene, world.teacher, "A1")
    inside, outside = world.sibling_teacher, world.wu
    if how == "host":
        Enrolment.objects.filter(pk=scene.enrol(inside.person)).update(host=world.nine_year)
    elif how == "merged":
        twin = world.enter("兼课教师", world.chinese, key="twin")
        Person.objects.filter(pk=twin.person).update(merged_into=inside.person)
    else:
        Posting.objects.create(
            person_id=inside.person, unit_id=world.chinese, school_id=world.nine_year, home=False, known_at=now(),
            during=DateRange(today() - timedelta(days=9), None),
        )  # fmt: skip
    (part,) = looks(drawn_now(world, scene, office).pk)
    assert part.reviewer_id == outside.person
    assert refusal(reassign_review, by=office, assignment=part.pk, to=inside.person, reason="忙") == "not-eligible"


def test_who_has_a_post_in_an_office_above_the_school_looks_once_more(world, clock):
    scene, office = sampling(world), world.office.actor
    decided(scene, world.teacher, "A1")
    expert = world.enter("市级专家", world.city, key="city_expert")
    Grant.objects.filter(role="expert").delete()
    world.grant(expert.person, "expert", world.city)
    (part,) = looks(drawn_now(world, scene, office).pk)
    assert part.reviewer_id == expert.person
    assert release_reviews(by=LOOP) == 0


def test_who_comes_to_the_school_meanwhile_does_not_look_once_more_at_what_it_decided(world, scene, office):
    decided(scene, world.teacher, "A1")
    (part,) = looks(drawn_now(world, scene, office).pk)
    assert release_reviews(by=LOOP) == 0
    Enrolment.objects.filter(pk=scene.enrol(part.reviewer_id)).update(host=world.nine_year)
    assert release_reviews(by=LOOP) == 1
    (other,) = looks(part.run.dossier.sampled.stratum.sample_id)
    assert {part.reviewer_id, other.reviewer_id} == {world.sibling_teacher.person, world.wu.person}


def test_a_sample_that_turns_out_bad_since_fewer_count_widens_too(world, clock):
    scene, office = sampling(world, share=100, tolerance=50), world.office.actor
    rows = decided(scene, world.teacher, *POINTS[:4])
    sample = drawn_now(world, scene, office)
    SampledResult.objects.filter(result=rows[3].pk).update(drawn=0)  # three are drawn, one is not
    first, *_others = looks(sample.pk)
    rate(world, first, "fail")
    settle()
    assert SampleStratum.objects.get().widened_at is None  # one of three
    left = [row for row in rows[:3] if row.pk != first.run.dossier.sampled.result_id]
    for row in left:
        Dossier.objects.filter(sampled__result=row.pk).delete()
        overturn_result(by=office, result=row.pk, level="fail", reason="不符")
    settle()
    assert SampleStratum.objects.get().widened_at is not None  # one of one
    assert SampledResult.objects.get(result=rows[3].pk).drawn == 2
    assert len(looks(sample.pk)) == 1
