"""Measuring a set from its facts: the one way, from who is concerned to where each stands."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection

from weineng.kernel.planner import answers, preferring_hashes, together, weigh_grown
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.progress.measures.counted import count_minutes
from weineng.progress.measures.demands import judge_demands
from weineng.progress.measures.differing import note_before
from weineng.progress.measures.facts import READ, gather_facts
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import MANY, clear_scratch, gather, weigh
from weineng.progress.measures.sums import place_people

SOME = "select unnest(%s::bigint[])"
ALL = "select id from programmes_enrolment where programme_id = %s"
PROPOSED = 0  # the number that stands for a version which is none yet
Told = Callable[[int], None]


def _to_nobody(_gone: int) -> None:
    """Nobody waits beside a recount."""


def measure_set(
    asked: str, params: Sequence[object], at: datetime, *, under: Document | None = None, told: Told = _to_nobody
) -> int:
    """Fill the scratch tables from a SELECT of enrolment ids: who is concerned, what counts, where each stands.

    `under`: as if this document judged them all (as version `PROPOSED`), whichever does; how they stand is noted
    before. `told` hears how far it is, in per cent. Returns how many enrolments stand in the set.
    """
    clear_scratch()
    few = asked == SOME and len(params[0]) < MANY  # type: ignore[arg-type]  # ids
    weigh_grown(*(READ if few else ()))
    with together(few=few):
        gather(asked, params, few=few)
        versions = _versions()
    enrolments = sum(versions.values())
    if not versions:
        return 0
    if under is None:
        papers = Papers({version: document_of(version) for version in versions}, at)
    else:
        note_before()
        judge_all_by(PROPOSED)
        papers = Papers({PROPOSED: under}, at)
    told(10)
    with together(few=few and enrolments < MANY):
        weigh(enrolments, "counting_set", "counting_part", "counting_person")
        gather_facts(papers, enrolments)
        told(35)
        place_people(papers, enrolments)
        with preferring_hashes():
            count_minutes(papers, enrolments)
            told(60)
            weigh(enrolments, "counting_line", "counting_leaf")
            judge_demands(papers, enrolments)
            weigh(enrolments, "counting_standing")
    return enrolments


def _versions() -> dict[int, int]:
    """The versions that judge the set, and how many each."""
    return dict(answers("select version, count(*) from counting_set group by version order by version"))


def judge_all_by(version: int) -> None:
    """Let one version judge the whole set, whichever does."""
    with connection.cursor() as cursor:
        cursor.execute("update counting_set set version = %s", [version])
