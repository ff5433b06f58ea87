"""What the product counts for thousands of invented teachers is what a pencil says: each line, each standing, each leaf.

Seed and number can be set: WEINENG_TEST_SEED, WEINENG_TEST_TEACHERS. A difference prints the teacher's whole history.
"""

import os
from collections import Counter, defaultdict
from dataclasses import fields
from datetime import datetime

import pytest

from tests.reference.coverage import look, missing
from tests.reference.district_plan import P4
from tests.reference.evaluate import Outcome, evaluate
from tests.reference.facts import History
from tests.reference.generate import COUNT, SEED, teachers
from tests.reference.load import load
from tests.reference.making import SCENES, UNITS, at
from weineng.kernel.actors import platform
from weineng.programmes.documents import read_document
from weineng.programmes.queries import PLANS, find_base
from weineng.progress.actions import recount_everything
from weineng.progress.models import Counted, Standing

SHOWN = 3  # differing teachers printed in full


@pytest.mark.slow
def test_every_line_and_every_standing_is_what_a_pencil_says(db, set_clock):
    seed, count = int(os.environ.get("WEINENG_TEST_SEED", SEED)), int(os.environ.get("WEINENG_TEST_TEACHERS", COUNT))
    print(f"seed {seed}, {count} teachers")
    cases = list(teachers(count, seed))
    document = read_document((PLANS / "p4-district.yaml").read_text(encoding="utf-8"), find_base)
    loaded = load([history for history, _ in cases], UNITS, [(scene.programme, document) for scene in SCENES])
    for scene in SCENES:
        set_clock(at(scene.on, 23, 30))
        recount_everything(by=platform("settle"), programme=loaded.programmes[scene.programme.code])

    told = Told(loaded.units)
    wrong, seen, expected_enrolments = [], Counter(), set()
    for history, own in cases:
        for scene in SCENES:
            if scene.programme.code not in {e.programme for e in history.enrolments}:
                continue
            outcome = evaluate(history, P4, scene.programme, UNITS, scene.on)
            expected_enrolments.add(outcome.enrolment)
            expected, got = plain(outcome), told.of(outcome.enrolment)
            if expected != got:
                wrong.append(explain(history, scene, expected, got))
            if scene is own:
                look(history, scene, outcome, seen)
    assert not wrong, f"seed {seed}: {len(wrong)} differ\n\n" + "\n\n".join(wrong[:SHOWN])
    assert told.enrolments() == expected_enrolments  # nobody else has a line or a standing
    if count >= COUNT:
        assert missing(seen) == []


def plain(outcome: Outcome) -> dict[str, object]:
    """An outcome as it is compared."""
    return {
        "lines": sorted(
            (x.origin, x.number, x.kind, x.minutes, x.reason, x.ref, x.on.isoformat()) for x in outcome.lines
        ),
        "flagged": sorted({x.number for x in outcome.lines if x.flagged}),
        "demands": {s.demand: (s.have, s.need, s.met, s.state) for s in outcome.standings},
        "state": outcome.state,
        "participant": outcome.participant,
        "counted in": outcome.counted_in,
        "leaf": (outcome.leaf, outcome.leaf_kind),
    }


class Told:
    """What the product has written down, by enrolment."""

    def __init__(self, units: dict[str, int]) -> None:
        names = {pk: key for key, pk in units.items()}
        self.lines, self.flagged, self.demands = defaultdict(list), defaultdict(set), defaultdict(dict)
        self.overall: dict[int, dict[str, object]] = {}
        for x in Counted.objects.order_by("pk").iterator():
            self.lines[x.enrolment].append(
                (x.origin, x.origin_id, x.kind, x.minutes, x.reason, x.ref, x.event_on.isoformat())
            )
            if x.flagged:
                self.flagged[x.enrolment].add(x.origin_id)
        for s in Standing.objects.order_by("pk").iterator():
            if s.demand != "overall":
                self.demands[s.enrolment_id][s.demand] = (s.have, s.need, s.met, s.verdict)
                continue
            self.overall[s.enrolment_id] = {
                "state": s.verdict, "participant": s.participant, "counted in": s.counted_in,
                "leaf": (names.get(s.leaf_id), s.leaf_kind),
            }  # fmt: skip

    def enrolments(self) -> set[int]:
        return {*self.lines, *self.demands, *self.overall}

    def of(self, enrolment: int) -> dict[str, object]:
        return {
            "lines": sorted(self.lines[enrolment]),
            "flagged": sorted(self.flagged[enrolment]),
            "demands": self.demands[enrolment],
            **self.overall.get(enrolment, {"state": None}),
        }


def explain(history: History, scene, expected: dict[str, object], got: dict[str, object]) -> str:
    """The whole history and both outcomes."""
    text = [f"=== {history.label}, looked at on {scene.on}, {scene.programme}"]
    for field in fields(history)[1:]:
        text += [f"  {in_short(row)}" for row in getattr(history, field.name)]
    for part in expected:
        if expected[part] == got.get(part):
            continue
        text.append(f"--- {part}")
        text += [f"  pencil:  {expected[part]}", f"  product: {got.get(part)}"]
        if part == "lines":
            text.append(f"  only pencil:  {[x for x in expected[part] if x not in got[part]]}")
            text.append(f"  only product: {[x for x in got[part] if x not in expected[part]]}")
    return "\n".join(text)


def in_short(row: object) -> str:
    """A row of a history with what is not usual in it, its instants in civil time."""
    told = []
    for field in fields(row):
        value = getattr(row, field.name)
        if value == field.default:
            continue
        told.append(f"{field.name}={value.isoformat(' ') if isinstance(value, datetime) else value}")
    return f"{type(row).__name__} {' '.join(told)}".replace("+08:00", "")
