"""A record of which a minute counts in one programme counts for nothing in another that excludes it (semantics 34)."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.utils.translation import override

from tests.p4 import p4_document
from tests.progress.scene import SETTLE, Scene, lines, standing
from weineng.kernel.clock import CIVIL
from weineng.organisations.models import Person
from weineng.programmes.models import Enrolment, Programme, Touched
from weineng.programmes.models import Gate as OpenGate
from weineng.programmes.rules import Cap, Gate
from weineng.progress.actions import compare_with_recount, recount, recount_everything, recount_these
from weineng.progress.models import Counted, StandingHistory
from weineng.progress.queries import standing_of

pytestmark = pytest.mark.slow

WORDS = {"zh-hans": "先学习", "zh-hant": "先學習", "en": "Learn first"}


@pytest.fixture
def older(world, set_clock):
    """A programme that counts what was learned online, and nothing else."""
    set_clock(datetime(2026, 11, 2, 9, tzinfo=CIVIL))
    online = replace(p4_document(), kinds=p4_document().kinds[:1])
    scene = Scene(online, owner=world.district, leaf=world.maths, school=world.nine_year, code="older")
    Programme.objects.filter(code="older").update(
        title={"zh-hans": "旧项目", "zh-hant": "舊項目", "en": "The older one"}
    )
    return scene


@pytest.fixture
def newer(world, older):
    """Research waits for five periods online; what counts in the older programme counts for nothing."""
    gate = Gate("online-first", WORDS, ("online",), 5 * 45, ("research",), "not-counted")
    document = replace(p4_document(), gates=(gate,), exclusive_with=("older",))
    return Scene(document, owner=world.district, leaf=world.maths, school=world.nine_year, code="newer")


@pytest.fixture
def both(older, newer):
    """Somebody in both, first in the newer one; 225 minutes online, and research at the same time and later."""
    here = newer.enrol()
    there = older.enrol(newer.person(here))
    shared = newer.record(here, 225, "2026-03-02 08:00", number="shared")
    newer.record(here, 90, "2026-03-02 09:00", mode="school-research", course="R", number="beside")
    return here, there, shared


def touch(*enrolments):
    Touched.objects.bulk_create(Touched(enrolment=e, at=datetime.now(CIVIL)) for e in enrolments)


def drain(*enrolments):
    """Touch them; how many rounds find something to recount."""
    touch(*enrolments)
    return next(rounds for rounds in range(10) if not recount(by=SETTLE))


def differences(*scenes):
    return [d for scene in scenes for d in compare_with_recount(by=SETTLE, programme=scene.programme.pk)]


BESIDE = {("yun/beside", "research", "before-gate", "online-first"): 90}
AWAY = {("yun/shared", "online", "counted-elsewhere", "older"): 225} | BESIDE
BACK = {("yun/shared", "online", "", ""): 225, ("yun/beside", "research", "", ""): 90}


def test_it_has_its_reason_before_the_gate_which_it_does_not_open_and_keeps_and_gives_its_flag(older, newer, both):
    here, there, _shared = both
    assert drain(here, there) == 2
    assert lines(there) == {("yun/shared", "online", "", ""): 225, ("yun/beside", "", "no-kind", ""): 90}
    assert lines(here) == AWAY
    flagged = Counted.objects.filter(enrolment=here).order_by("origin_id").values_list("flagged", flat=True)
    assert list(flagged) == ["overlap", "overlap"]
    assert (standing(here, "online").have, OpenGate.objects.count()) == (0, 0)
    assert differences(older, newer) == []


def test_the_page_names_the_programme_where_it_counts(world, older, newer, both):
    here, there, _shared = both
    drain(here, there)
    said = {}
    for language in ("en", "zh-hans", "zh-hant"):
        with override(language):
            kinds = standing_of(world.office.actor, here).kinds
            said[language] = [line.text for kind in kinds for line in kind.lines if line.reason == "counted-elsewhere"]
    assert said == {
        "en": ["It counts in “The older one”, and what counts there does not count here."],
        "zh-hans": ["已计入“旧项目”，计入该项目的，本项目不再计。"],
        "zh-hant": ["已計入「舊項目」，計入該專案的，本專案不再計。"],
    }


def test_what_is_not_counted_there_any_more_counts_here_and_the_other_way_round(older, newer, both):
    here, there, shared = both
    drain(here, there)
    decision = newer.reject(shared)
    assert drain(there) == 2  # there; and here, which that touched
    assert lines(here) == {("yun/shared", "online", "overlap-rejected", ""): 225} | BESIDE
    decision.delete()
    drain(here, there)
    capped = older.publish(replace(older.document, caps=(Cap("none", "kind", ("online",), 0),)))
    Enrolment.objects.filter(pk=there).update(version=capped)
    drain(there)
    assert (lines(here), differences(older, newer)) == (BACK, [])
    Enrolment.objects.filter(pk=there).update(version=older.version)
    drain(there)
    assert (lines(here), differences(older, newer)) == (AWAY, [])


def test_who_comes_into_the_other_programme_is_counted_here_again_and_nobody_else_is(older, newer):
    here, beside = newer.enrol(), newer.enrol()
    newer.record(here, 225, "2026-03-02 08:00", number="shared")
    newer.record(beside, 225, "2026-03-02 08:00", number="own")
    drain(here, beside)
    there = older.enrol(newer.person(here))
    touch(there)
    assert recount(by=SETTLE) == 1
    assert list(Touched.objects.values_list("enrolment", flat=True)) == [here]
    drain()
    assert (set(lines(here)), set(lines(beside))) == ({next(iter(AWAY))}, {("yun/own", "online", "", "")})


def test_nobody_passes_for_the_moment_between_two_counts(older, newer):
    """Taken together or one alone: where it counts is counted first, if it waits at all."""
    for taken in ("both", "here"):
        here = newer.enrol(name=taken)
        there = older.enrol(newer.person(here))
        newer.finish(here)
        touch(there)
        recount_these(by=SETTLE, enrolments=[here, there] if taken == "both" else [here])
        assert standing(here, "online").have == 0
        assert set(
            StandingHistory.objects.filter(enrolment=here, demand="overall").values_list("verdict", flat=True)
        ) == {"in-progress"}
    assert drain() <= 2
    assert differences(older, newer) == []


def test_a_whole_recount_first_counts_who_waits_where_it_counts(older, newer, both):
    here, there, _shared = both
    touch(there)
    done = recount_everything(by=SETTLE, programme=newer.programme.pk)
    assert (done.enrolments, lines(here)) == (1, AWAY)
    assert drain() == 1
    assert recount_everything(by=SETTLE, programme=newer.programme.pk).written == 0
    assert differences(older, newer) == []


def test_who_left_or_is_exempt_there_is_counted_there_all_the_same(older, newer, both):
    here, there, _shared = both
    older.exempt(there, "*")
    drain(here, there)
    assert lines(here) == AWAY
    Enrolment.objects.filter(pk=there).update(left_on=date(2026, 2, 1))
    drain(here, there)
    assert lines(here) == AWAY


def test_records_and_enrolments_of_merged_entries_are_those_of_one_person(older, newer):
    here, there = newer.enrol(), older.enrol()
    older.record(there, 225, "2026-03-02 08:00", number="shared")
    newer.record(here, 90, "2026-03-02 09:00", mode="school-research", course="R", number="beside")
    drain(here, there)
    assert lines(here) == BESIDE
    Person.objects.filter(pk=older.person(there)).update(merged_into=newer.person(here))
    drain(here, there)
    assert (lines(here), differences(older, newer)) == (AWAY, [])
    Person.objects.filter(pk=older.person(there)).update(merged_into=None)
    drain(here, there)
    assert (lines(here), differences(older, newer)) == (BESIDE, [])


def test_in_a_chain_each_is_counted_after_what_it_excludes(world, older, newer, both):
    here, there, _shared = both
    last = Scene(
        replace(p4_document(), exclusive_with=("newer", "older")),
        owner=world.district, leaf=world.maths, school=world.nine_year, code="last",
    )  # fmt: skip
    end = last.enrol(newer.person(here))
    extra = newer.record(here, 60, "2026-05-02 08:00", number="extra", course="E")
    newer.reject(extra).delete()
    touch(end, here, there)
    assert recount(by=SETTLE) == 3
    assert lines(end) == {
        ("yun/shared", "online", "counted-elsewhere", "older"): 225,
        ("yun/extra", "online", "counted-elsewhere", "older"): 60,
        ("yun/beside", "research", "", ""): 90,
    }
    drain()
    assert differences(older, newer, last) == []
