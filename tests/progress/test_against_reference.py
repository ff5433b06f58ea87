"""What the product counts for thousands of invented teachers is what a pencil says: each line, standing, leaf and sum.

How many, and which: tests/progress/pencil.py.
"""

from collections import Counter
from dataclasses import fields, replace
from datetime import date

import pytest
from django.db import connection

from tests.progress.papers import district_document
from tests.progress.pencil import (
    ELSEWHERE,
    NUMBER,
    SHOWN,
    Case,
    compare,
    explain,
    load_made,
    made_for,
    reasons_told,
    summed,
    tallied,
)
from tests.reference.coverage import REQUIRED, look, missing
from tests.reference.evaluate import next_day_of_change
from tests.reference.generate import COUNT
from tests.reference.making import UNITS
from tests.reference.minutes import civil, kind_of
from tests.reference.plan_lines import Cap
from tests.reference.plans import P4
from weineng.kernel.actors import platform
from weineng.planning.models import Choice
from weineng.programmes import rules
from weineng.programmes.documents import to_json
from weineng.programmes.models import Enrolment, Version
from weineng.progress.actions import recount_everything, recount_these
from weineng.progress.models import Standing
from weineng.progress.reasons import LINE_REASONS, STANDING_REASONS

pytestmark = pytest.mark.slow

# Caps of every sort, in an order that is not theirs, and one for two kinds together.
TIGHT = (
    Cap("practice", "kind", ("evidence", "research"), 601),
    Cap("online", "kind", ("online",), 500),
    Cap("course", "course", ("online", "research"), 250),
    Cap("day", "day", ("online", "research"), 333),
    Cap("record", "record", ("research",), 200),
    Cap("long-record", "record", ("online", "research"), 210),
    Cap("recording", "kind", ("recording",), 200),
)


# Caps whose rest moves: of a day, a course, a record and a kind, several into one kind, into a kind with caps of its own.
MOVING = (
    Cap("day", "day", ("online",), 300, excess_to="research"),
    Cap("course", "course", ("online",), 280, excess_to="research"),
    Cap("record", "record", ("research",), 200, excess_to="online"),
    Cap("online", "kind", ("online",), 700, excess_to="research"),
    Cap("research", "kind", ("research",), 460),
    Cap("practice", "kind", ("evidence", "recording"), 800),
)


@pytest.fixture(scope="module")
def district(once):
    """The teachers of plan P4, and what was loaded of them: all facts, nothing counted."""
    made = made_for("p4", NUMBER)

    def build(world, set_clock):
        loaded = load_made(made, P4, district_document())
        with connection.cursor() as cursor:  # keys are looked up once, not again after each test
            cursor.execute("set constraints all immediate; set constraints all deferred")
        return loaded

    return made, once(build)


@pytest.fixture
def compared(district, db, set_clock):
    """Every fourth of them, by themselves and under a plan and document of their own, counted and compared."""
    made, loaded = district

    def run(plan, document):
        for programme in loaded.programmes.values():
            stand_under(document, programme)
        return compare(
            made[: NUMBER // 4],
            plan,
            loaded,
            set_clock,
            lambda _code, enrolments: recount_these(by=platform("settle"), enrolments=enrolments),
        )

    return run


def stand_under(document, programme):
    """Whoever takes part in a programme stands under a new version of its document."""
    first = Version.objects.get(programme=programme)
    version = Version.objects.create(
        programme_id=programme,
        number=2,
        source="",
        document=to_json(document),
        digest="2",
        published_at=first.published_at,
    )
    for model in (Enrolment, Choice):
        model.objects.filter(version=first).update(version=version)


def test_every_line_standing_and_sum_is_what_a_pencil_says(district, db, set_clock):
    made, loaded = district

    def count(code, _enrolments):
        recount_everything(by=platform("settle"), programme=loaded.programmes[code])

    cases = compare(made, P4, loaded, set_clock, count)
    assert tallied(loaded) == summed(cases)
    assert missed_days(cases) == []
    seen = Counter()
    for case in cases:
        if case.own:
            look(case.history, case.scene, case.outcome, seen)
    told = reasons_told()
    print("\n".join(f"{(told + seen)[name]:7} {name}" for name in sorted({*told, *REQUIRED})))
    assert NUMBER < COUNT or missing(seen) == []
    assert (
        NUMBER < COUNT
        or set(told)
        == {
            *(f"line {code or 'counts'}" for code in LINE_REASONS),
            *(f"standing {code}" for code in STANDING_REASONS),
        }
        - ELSEWHERE
    )


def test_caps_of_every_sort_take_what_a_pencil_says(compared):
    caps = tuple(rules.Cap(**{field.name: getattr(cap, field.name) for field in fields(cap)}) for cap in TIGHT)
    cases = compared(replace(P4, caps=TIGHT), replace(district_document(), caps=caps))
    capped = Counter(line.ref for case in cases for line in case.outcome.lines if line.reason == "cap")
    assert NUMBER < COUNT or set(capped) == {cap.code for cap in TIGHT}


def test_what_moves_into_another_kind_is_what_a_pencil_says(compared):
    caps = tuple(rules.Cap(**{field.name: getattr(cap, field.name) for field in fields(cap)}) for cap in MOVING)
    cases = compared(replace(P4, caps=MOVING), replace(district_document(), caps=caps))
    moved, wholly = Counter(), 0
    for case in cases:
        own = {record.number: kind_of(record, P4) for record in case.history.records}
        lines = [x for x in case.outcome.lines if x.origin == "record" and x.reason in ("", "cap")]
        stays = {x.number for x in lines if x.kind == own[x.number]}
        moved.update((own[x.number], x.kind, x.reason) for x in lines if x.kind != own[x.number])
        wholly += sum(x.flagged and x.number not in stays for x in lines)
    ways = {("online", "research"), ("research", "online")}
    assert NUMBER < COUNT or (set(moved), wholly > 10) == ({(*way, why) for way in ways for why in ("", "cap")}, True)


def test_where_handing_in_is_enough_it_earns_what_a_pencil_says(compared):
    document = district_document()
    earnings = tuple(replace(earning, earned_on="handed_in") for earning in document.earnings)
    results = tuple(replace(earning, earned_on="handed_in") for earning in P4.results)
    cases = compared(replace(P4, results=results), replace(document, earnings=earnings))
    earned = Counter(line.origin for case in cases for line in case.outcome.lines)
    assert NUMBER < COUNT or earned["submission"] > 500


def missed_days(cases: list[Case]) -> list[str]:
    """Whose standing would change by the clock alone before the day on which the product looks at it again."""
    looks: dict[int, date] = {}
    for enrolment, when in Standing.objects.filter(changes_at__isnull=False).values_list("enrolment", "changes_at"):
        looks[enrolment] = min(civil(when), looks.get(enrolment, civil(when)))
    missed = []
    for case in cases[:: max(1, len(cases) // 600)]:
        change = next_day_of_change(case.history, P4, case.scene.programme, UNITS, case.scene.on)
        look_again = looks.get(case.outcome.enrolment)
        if change is not None and (look_again is None or look_again > change):
            missed.append(f"changes on {change}, looked at again on {look_again}\n{explain(case, {})}")
        if look_again is not None and look_again <= case.scene.on:
            missed.append(f"looked at again on {look_again}, which is over\n{explain(case, {})}")
    return missed[:SHOWN]
