"""Recount what was touched, by the very expression that counts the province (a step of the settle loop)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from django.db import connection, transaction

from weineng.audit.effects import record, record_each
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.planner import answers, together, weigh_grown
from weineng.kernel.turns import is_out_of_turn
from weineng.notices.effects import notify
from weineng.programmes.effects import note_recounted, take_touched
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import exclusions
from weineng.progress.actions._areas import keep_areas, write_areas
from weineng.progress.actions._excluding import Exclusions, in_order, waiting_elsewhere
from weineng.progress.actions._measuring import (
    lock_or_leave,
    platform_only,
    programme_to_count,
    wait_for_drain,
)
from weineng.progress.actions._writing import (
    Recounted,
    note_all_spots,
    write_gates,
    write_history,
    write_lines,
    write_standings,
    write_tallies,
)
from weineng.progress.measures.areas import are_kept
from weineng.progress.measures.people import MANY
from weineng.progress.measures.sums import sum_leaves
from weineng.progress.measures.whole import ALL, SOME, measure_set
from weineng.progress.reasons import verdict_words

MOST = 5_000  # enrolments a drain


@transaction.atomic
def recount(*, by: Actor) -> int:
    """Recount the enrolments that were touched, small lane first, and those which the clock has changed; at most 5,000.

    Returns how many were recounted; 0 also while another drain runs. Running it again writes nothing.
    Refuses `platform-only`.
    """
    platform_only(by)
    if not lock_or_leave():
        return 0
    at = now()
    asked = take_touched(most=MOST)
    if len(asked) < MOST:
        asked |= _due(at, MOST - len(asked))
    if not asked:
        return 0
    _recount_in_order(by, asked, at)
    return len(asked)


def _due(at: datetime, most: int) -> set[int]:
    """Enrolments whose standing changes by the clock, at most so many."""
    rows = answers(
        "select enrolment_id from progress_standing where changes_at <= %s order by changes_at limit %s", [at, most]
    )
    return {enrolment for (enrolment,) in rows}


@transaction.atomic
def recount_these(*, by: Actor, enrolments: Collection[int]) -> None:
    """Recount these enrolments at once, after a drain that runs; what had touched them is taken. Refuses `platform-only`."""
    platform_only(by)
    wait_for_drain()
    if not is_out_of_turn():  # a look leaves the touches to the drain beside it
        take_touched(most=MOST, enrolments=enrolments)
    _recount_in_order(by, enrolments, now())


@transaction.atomic
def recount_everything(*, by: Actor, programme: int) -> Recounted:
    """Recount a whole programme from its facts, waiting for a running drain; touches stay and change nothing later.

    Refuses `platform-only`; `not-found` for a programme that does not exist.
    """
    platform_only(by)
    wait_for_drain()
    found = programme_to_count(programme)
    at, said = now(), exclusions()
    _recount_in_order(by, waiting_elsewhere(ALL, [programme], at, said), at)
    done = _recount_set(by, ALL, [programme], at, said, everything=True)
    weigh_grown()  # whoever reads it next, knows how much it is
    facts = {"enrolments": done.enrolments, "written": done.written}
    record(by=by, verb="progress.recount", thing=found, facts=facts)
    return done


def _recount_in_order(by: Actor, enrolments: Collection[int], at: datetime) -> None:
    """What counts in a programme is found before one that excludes it is counted."""
    said = exclusions()
    asked = {*enrolments, *waiting_elsewhere(SOME, [sorted(enrolments)], at, said)}
    for some in in_order(asked, said):
        _recount_set(by, SOME, [some], at, said, everything=False)


def _recount_set(
    by: Actor, asked: str, params: Sequence[object], at: datetime, said: Exclusions, *, everything: bool
) -> Recounted:
    """Gather, count, judge, write: the one way in which numbers come about."""
    enrolments = measure_set(asked, params, at)
    few = enrolments < MANY
    with _uncounted(everything=everything, few=few):
        lines, gates = write_lines(said, few=few), write_gates(few=few)
    verdicts = write_history(at, few=few)
    standings = write_standings(few=few)
    if standings:
        note_recounted(standings="select programme, enrolment from counting_fresh", few=few)
    tallies = _write_sums(everything=everything, few=few) if everything or standings else 0
    if verdicts:
        _tell_verdicts(by)
    return Recounted(enrolments, lines, gates, standings, verdicts, tallies)


def _write_sums(*, everything: bool, few: bool) -> int:
    """The sums of every leaf about whose people something is other now; returns how many rows were written or deleted."""
    if everything:
        note_all_spots()
    with _uncounted(everything=everything, few=few):
        sum_leaves(few=few)
    keep_areas(everything=everything, few=few)
    with _uncounted(everything=everything, few=few):
        tallies = write_tallies(few=few)
    if everything and tallies and are_kept(today()):
        write_areas(today())
    return tallies


def _uncounted(*, everything: bool, few: bool) -> AbstractContextManager[None]:
    """A drain tells nobody how many rows it wrote, so that of few they are written without waiting."""
    return together(few=few and not everything)


def _tell_verdicts(by: Actor) -> None:
    """A line and a message for everybody who passed, lost a pass, or was found not to have passed at closing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select n.enrolment, s.root, n.was, n.verdict from counting_change n
              join counting_set s on s.enrolment = n.enrolment
             where n.demand = 'overall' and (n.verdict in ('pass', 'excellent', 'not-passed')
                   or (n.was in ('pass', 'excellent') and n.verdict in ('not-begun', 'in-progress', 'pending')))
             order by n.enrolment"""
        )
        rows = cursor.fetchall()
    enrolments = Enrolment.objects.in_bulk([row[0] for row in rows])
    changes: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for enrolment, person, was, verdict in rows:
        changes[was, verdict].append((enrolment, person))
    for (was, verdict), concerned in changes.items():
        lines = record_each(
            by=by, verb="progress.judge", things=[enrolments[enrolment] for enrolment, _person in concerned],
            facts={"from": was, "to": verdict}, subject_field="person_id",
        )  # fmt: skip
        people = [person for _enrolment, person in concerned]
        notify(
            cause=lines[0], event="verdict-changed", people=people, params={"verdict": verdict_words(verdict)}, link="/"
        )
