"""Documents with known answers: who can reach a pass, proven by counting, and which lines contradict each other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.programmes.planting import cases, name_of, planted, said_of
from tests.programmes.test_plans import plan
from weineng.programmes.documents import shipped_points
from weineng.programmes.proving import TeacherKind, answer, kinds_of, notes
from weineng.programmes.proving.notes import READINGS
from weineng.progress.measures.witnesses import measure_witnesses
from weineng.progress.queries import prove

CASES = cases()
GENERAL = TeacherKind()
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_every_planted_document_has_its_answer(case):
    reading = planted(case["change"])
    assert reading.draft is not None, [str(problem) for problem in reading.problems]
    found = prove(reading.draft, kinds_of(reading.draft))
    said = {(one.answer.kind, one.answer.goal): said_of(case, one.answer.kind, one.answer.goal) for one in found}
    assert {
        (one.answer.kind, one.answer.goal): "pass"
        if one.answer.witness
        else [list(s) for s in one.answer.contradictions]
        for one in found
    } == {
        key: answer if answer == "pass" else sorted(answer, key=lambda lines: (len(lines), lines))
        for key, answer in said.items()
    }
    assert [one for one in found if not one.holds] == []
    remarks = notes(reading.draft, shipped_points(reading.draft.standard))
    assert [
        [n.code, list(n.lines), *([[name_of(k) for k in n.stuck]] if n.code in READINGS else [])] for n in remarks
    ] == case.get("notes", [])


def test_there_are_enough_of_them_and_each_is_another():
    assert len(CASES) >= 40
    assert len({case["says"] for case in CASES}) == len({str(case["change"]) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("code", ["p1-town", "p2-province", "p3-province", "p4-district", "p5-school"])
def test_every_kind_of_teacher_can_reach_everything_in_the_plans(code):
    document = plan(code)
    found = prove(document, kinds_of(document))
    assert [(one.answer.kind, one.answer.goal) for one in found if not (one.holds and one.answer.witness)] == []
    flags = {"p2-province": [(), ("smart-education",)], "p4-district": [(), ("smart-education",)]}.get(code, [()])
    environments = ("", "multimedia", "blended")
    assert list(kinds_of(document)) == [TeacherKind(flag, place) for flag in flags for place in environments]


def test_the_plans_tell_what_another_reading_would_bring():
    found = {
        code: [
            (n.code, n.lines, [name_of(kind) for kind in n.stuck])
            for n in notes(plan(code), shipped_points("ecnu-2019-unofficial"))
        ]
        for code in ("p1-town", "p2-province", "p3-province", "p4-district", "p5-school")
    }
    opened = ("choice.axis", "choice.opened.minimum", "demands.points.each_opened")
    stuck = ["multimedia", "smart-education multimedia", "smart-education blended"]
    axis = ("axis-environment", opened, stuck)
    handed_in = [("earned-handed_in", (f"results.{item}.earned_on",), []) for item in ("point", "recording")]
    share = ("base-counted", ("demands.practice.base",), [])
    thirty = ("points.credits", "choice.from.environment", "demands.credits.minimum")
    assert found == {
        "p1-town": [("one-credit", thirty, ["everybody", "multimedia", "blended"])],
        "p2-province": [axis, *handed_in],
        "p3-province": [share],
        "p4-district": [axis, *handed_in],
        "p5-school": [share],
    }


# --- A proof can fail ---------------------------------------------------------------------------------------------
def a_witness(document, kind=GENERAL):
    return answer(document, kind, "pass", shipped_points(document.standard)).witness


def verdict_of(document, witness, kind=GENERAL):
    axis_of = {code: place["dimension"] for code, place in shipped_points(document.standard).items()}
    return measure_witnesses(document, [(kind, witness)], axis_of)[0].verdict


def test_a_witness_with_less_is_none():
    document = plan("p4-district")
    witness = a_witness(document)
    first, *rest = witness.records
    late = replace(first, on=document.cycle.cut_off + timedelta(days=1))
    assert verdict_of(document, witness) == "pass"
    assert verdict_of(document, replace(witness, records=tuple(rest))) == "in-progress"
    assert (
        verdict_of(document, replace(witness, records=(replace(first, minutes=first.minutes - 1), *rest)))
        == "in-progress"
    )
    assert verdict_of(document, replace(witness, records=(late, *rest))) == "in-progress"
    assert verdict_of(document, replace(witness, passed=witness.passed[1:])) == "in-progress"
    assert verdict_of(document, replace(witness, recording=False)) == "in-progress"
    assert verdict_of(document, replace(witness, excellent=witness.passed[:2])) == "excellent"
    assert verdict_of(document, replace(witness, excellent=witness.passed[:1])) == "pass"


def test_what_flags_ask_for_more_is_asked_of_the_witness():
    document = planted(next(case["change"] for case in CASES if "periods_for_flag" in str(case["change"]))).draft
    witness = a_witness(document)
    assert verdict_of(document, witness) == "pass"
    assert verdict_of(document, witness, TeacherKind(("rural",))) == "in-progress"
