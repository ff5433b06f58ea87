"""What recounting and comparing share: one lock, one way to measure a set."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.turns import take_turn
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_of
from weineng.progress.measures.counted import count_minutes
from weineng.progress.measures.demands import judge_demands
from weineng.progress.measures.facts import gather_facts
from weineng.progress.measures.papers import Papers
from weineng.progress.measures.people import clear_scratch, gather, weigh, weigh_grown
from weineng.progress.measures.sums import place_people

SOME = "select unnest(%s::bigint[])"
ALL = "select id from programmes_enrolment where programme_id = %s"


def platform_only(by: Actor) -> None:
    """Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))


def programme_to_count(pk: int) -> Programme:
    """The programme; refuses `not-found`. Waits for a running drain, and gives this one room for a whole province."""
    found = Programme.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("programmes.programme")
    wait_for_drain()
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
    return found


def wait_for_drain() -> None:
    """From here to the end of the transaction no other drain runs (a look stands beside it)."""
    take_turn("progress.recount")


def lock_or_leave() -> bool:
    """Whether this drain is the only one now."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext('progress.recount'))")
        return bool(cursor.fetchone()[0])


def measure_set(asked: str, params: Sequence[object], at: datetime) -> int:
    """Fill the scratch tables from a SELECT of enrolment ids: who is concerned, what counts, where each stands.

    Returns how many enrolments stand in the set.
    """
    clear_scratch()
    weigh_grown()
    enrolments = gather(asked, params)
    versions = _versions()
    if not versions:
        return 0
    papers = Papers({version: document_of(version) for version in versions}, at)
    weigh(enrolments, "counting_set", "counting_part", "counting_person")
    gather_facts(papers, enrolments)
    place_people(papers)
    _prefer_hashes(on=True)
    count_minutes(papers)
    weigh(enrolments, "counting_line", "counting_leaf")
    judge_demands(papers)
    weigh(enrolments, "counting_standing")
    _prefer_hashes(on=False)
    return enrolments


def _prefer_hashes(*, on: bool) -> None:
    """The planner cannot know how many rows a step leaves; its wrong guess must not become a loop in a loop."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local enable_nestloop = {'off' if on else 'on'}")


def _versions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select distinct version from counting_set order by version")
        return [version for (version,) in cursor.fetchall()]
