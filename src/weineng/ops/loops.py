"""The worker's loops: what follows from what happened is derived here, step by step, again and again.

`settle` runs the steps of the tower from the bottom up, `read` reads large sheets, `take` brings them in and takes them
back, `look` says whom a proposed change of a programme concerns, `erase` erases people whose erasure was confirmed, `seal` gives
the log its seals, `keep` cleans up, mails, anchors and compares. Each step is one action in a transaction of its own, safe to run
at any time, by any number of workers: the one that holds the step's lock runs it, the others find nothing to do. A step that
fails is logged, tried again with growing pauses, and holds no other up.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from threading import Event, Thread
from time import monotonic

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from weineng.accounts.actions import erase_from_accounts, forget_expired, join_accounts, mail_codes
from weineng.activities.actions import erase_from_activities
from weineng.assessment.actions import erase_from_assessment, release_reviews, settle_results
from weineng.audit.actions import anchor_head, seal_lines
from weineng.audit.queries import last_anchor
from weineng.certification.actions import award_due, erase_from_certification
from weineng.evidence.actions import erase_from_evidence, place_submissions, take_files
from weineng.files.actions import (
    erase_from_files,
    erase_strays,
    erase_unused,
    expire_uploads,
    finish_waiting,
    recheck_files,
)
from weineng.insight.actions import (
    carry_out_sheets,
    erase_from_insight,
    forget_intakes,
    look_at_moves,
    preview_versions,
    read_sheets,
)
from weineng.kernel import clock
from weineng.kernel.actors import Actor, platform
from weineng.learning.actions import (
    erase_from_learning,
    place_records,
    read_statements,
    resolve_records,
    take_attendance,
)
from weineng.notices.actions import send_due
from weineng.organisations.actions import erase_from_organisations, expire_erasures, forget_changes
from weineng.organisations.queries import erasures_wait
from weineng.planning.actions import erase_from_planning, follow_plans
from weineng.programmes.actions import (
    erase_from_programmes,
    follow_reorganisations,
    forget_looks,
    move_enrolments,
    take_changes,
)
from weineng.programmes.models import Programme
from weineng.progress.actions import Round, add_up, compare_with_recount, note_rounds, recount, remind_of_tasks
from weineng.progress.queries import rounds, waiting_for_recount
from weineng.statements.actions import drop_strays, erase_from_statements

log = logging.getLogger(__name__)

PAUSES = (0.5, 1, 2, 5, 10, 30, 60)  # seconds before a step that failed so often in a row is tried again
# Looking in vain takes at most a twentieth of the time: a step that found nothing rests so many times as long as it took, but once it
# was held up for long, no longer than ten minutes.
REST, LONGEST_REST = 20, 600.0
GRACE = 10.0  # seconds for a round that had begun when the worker was told to stop
NOTED_EVERY = 15.0  # seconds; a step with nothing to tell is noted so often, a loop after each round
LOCK = "weineng.worker"


@dataclass(frozen=True)
class Step:
    """One action of a loop. `every`: so many seconds after it found nothing to do it looks again, later where looking took
    long (`REST`); `daily`: once in each civil day of the platform's clock. `apart`: in transactions of its own, so two
    workers may be at it at once."""

    name: str
    run: Callable[..., object]
    every: float = 0
    daily: bool = False
    apart: bool = False


def anchor_daily(*, by: Actor) -> int:
    """Lay the log's head down outside, unless that was done today."""
    last = last_anchor()
    if last is not None and clock.civil_date(last.at) == clock.today():
        return 0
    return 1 if anchor_head(by=by, occasion="daily") else 0


def compare_daily(*, by: Actor) -> int:
    """Compare every running programme with a recount from nothing; one difference is an error that calls somebody.

    Waits for a moment in which nothing waits for its recount; a difference counts if a second look finds it again, since
    people go on working while we look.
    """
    if waiting_for_recount().count:
        raise NotNow
    wrong = []
    for code, pk in Programme.objects.filter(started_on__isnull=False).order_by("pk").values_list("code", "pk"):
        first = {(one.table, one.key) for one in compare_with_recount(by=by, programme=pk)}
        if first and waiting_for_recount().count:
            raise NotNow
        again = [(one.table, one.key) for one in compare_with_recount(by=by, programme=pk)] if first else []
        stays = [one for one in again if one in first]
        wrong += [f"{code}: {len(stays)} rows differ, first {table} {key}" for table, key in stays[:1]]
    if wrong:
        raise CountedWrongly("; ".join(wrong))
    return 0


class CountedWrongly(Exception):  # noqa: N818 (what was found)
    """The nightly comparison found numbers that do not follow from the facts."""


class NotNow(Exception):  # noqa: N818 (no error)
    """A step waits for a better moment and is asked again."""


FOLLOW = ("programmes", "learning", "evidence")  # who reads what the tree and the roster note
SETTLE = (
    Step("programmes.follow_reorganisations", follow_reorganisations),
    Step("programmes.take_changes", take_changes),
    Step("programmes.move_enrolments", move_enrolments, every=2),
    Step("planning.follow_plans", follow_plans),
    Step("learning.place_records", place_records),
    Step("learning.read_statements", read_statements),
    Step("learning.resolve_records", resolve_records, every=2),  # decrypts what waits for its person
    Step("learning.take_attendance", take_attendance),
    Step("evidence.place_submissions", place_submissions),
    Step("assessment.release_reviews", release_reviews, every=60),
    Step("assessment.settle_results", settle_results),
    Step("progress.recount", recount),
    Step("progress.add_up", add_up),
    Step("certification.award_due", partial(award_due, recent=True)),
)
ERASE = (  # in the order of organisations.rules.erasures; by itself, so that it holds no number up
    Step("accounts.erase_person", erase_from_accounts, every=2),
    Step("files.erase_person", erase_from_files, every=2),
    Step("activities.erase_person", erase_from_activities, every=2),
    Step("programmes.erase_person", erase_from_programmes, every=2),
    Step("planning.erase_person", erase_from_planning, every=2),
    Step("learning.erase_person", erase_from_learning, every=2),
    Step("statements.erase_person", erase_from_statements, every=2),
    Step("evidence.erase_person", erase_from_evidence, every=2),
    Step("assessment.erase_person", erase_from_assessment, every=2),
    Step("certification.erase_person", erase_from_certification, every=2),
    Step("insight.erase_person", erase_from_insight, every=2),
    Step("organisations.erase_person", erase_from_organisations, every=2),
    Step("organisations.expire_erasures", expire_erasures, every=600),
)
SEAL = (Step("audit.seal_lines", seal_lines),)
KEEP = (
    Step("organisations.forget_changes", partial(forget_changes, readers=FOLLOW), every=2),
    Step("certification.award_all", award_due, every=60),  # what the quick look of `settle` leaves out
    Step("insight.forget_intakes", forget_intakes, every=3600),
    Step("programmes.forget_looks", forget_looks, every=60),
    Step("files.finish_waiting", finish_waiting, every=30),
    Step("evidence.take_files", take_files, every=10),
    Step("files.recheck_files", recheck_files, every=60),
    Step("files.expire_uploads", expire_uploads, every=600),
    Step("files.erase_unused", erase_unused, every=3600),
    Step("files.erase_strays", erase_strays, every=600),
    Step("statements.drop_strays", drop_strays, every=600),
    Step("accounts.join_accounts", join_accounts, every=5),
    Step("accounts.mail_codes", mail_codes, every=3),
    Step("accounts.forget_expired", forget_expired, every=3600),
    Step("notices.send_due", send_due, every=5),  # here, so that a slow mail server holds no number up
    Step("audit.anchor_head", anchor_daily, every=20),
    Step("progress.remind", remind_of_tasks, every=600, daily=True),
    Step("progress.compare", compare_daily, every=20, daily=True, apart=True),  # it must see one instant
)

READ = (Step("insight.read_sheets", read_sheets),)  # by itself: nobody's sheet waits to be read while another's goes in
LOOK = (
    Step("insight.preview_versions", preview_versions, every=1),
    Step("insight.look_at_moves", look_at_moves, every=1),
)  # by itself: a province is counted under it
TAKE = (Step("insight.carry_out_sheets", carry_out_sheets),)  # by itself: a district's roster takes its time


@dataclass
class Memory:
    """What a loop remembers of a step between two rounds."""

    due_at: float = 0
    failures: int = 0
    noted_at: float = 0
    day: date | None = None


@dataclass
class Loop:
    """Steps that run one after the other, round after round: `busy` seconds apart while there is work, else `idle`.

    `asks`: whether there may be anything for its steps at all; one question instead of all of theirs where mostly there is not.
    """

    name: str
    steps: Sequence[Step]
    busy: float = 0.3
    idle: float = 1.0
    asks: Callable[[], bool] | None = None
    memory: dict[str, Memory] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)
    database: BaseDatabaseWrapper | None = None  # that its thread works with

    def __post_init__(self) -> None:
        self.memory = {step.name: Memory() for step in self.steps}

    def run_until(self, stop: Event) -> None:
        """Round after round until `stop` is set; a round that has begun is finished, unless somebody lets go of it."""
        self.stop, self.database = stop, connections[DEFAULT_DB_ALIAS]
        try:
            self.remember_days()
            while not stop.is_set():
                close_old_connections()  # a database that was restarted is met with a fresh connection
                stop.wait(self.busy if self.run_round() else self.idle)
        finally:
            connection.close()

    def let_go(self) -> None:
        """From another thread, once it is to stop: what the database computes for it just now is taken back."""
        if self.database is not None and self.database.connection is not None:
            self.database.connection.cancel()

    def remember_days(self) -> None:
        """A worker that starts again does not repeat what was done today."""
        try:
            known = rounds()
        except DatabaseError:
            log.exception("The database does not answer; the loop %s goes on trying.", self.name)
            return
        for step in self.steps:
            row = known.get(step.name)
            if step.daily and row is not None and row.ran_at is not None:
                self.memory[step.name].day = _day(row.ran_at)

    def run_round(self) -> int:
        """Run every step that is due, in order; returns how many things were done."""
        began, start = clock.now(), monotonic()
        told: list[Round] = []
        done, whole = 0, True
        due = [step for step in self.steps if self._is_due(step)]
        waits = bool(due) and self._waits()
        for step in due:
            found = self._run(step, waits=waits)
            whole &= found is not None and not found.error
            if found is not None:
                done += found.done
                told += [found] if self._worth_noting(step, found) else []
        took = round((monotonic() - start) * 1000)
        if whole:
            told.append(Round(self.name, began, took, done, settled=not done))
        self._note(told)
        return done

    def _is_due(self, step: Step) -> bool:
        memory = self.memory[step.name]
        return monotonic() >= memory.due_at and not (step.daily and memory.day == _day(clock.now()))

    def _waits(self) -> bool:
        try:
            return self.asks is None or self.asks()
        except DatabaseError:  # the steps will name it
            return True

    def _run(self, step: Step, *, waits: bool) -> Round | None:
        """One step in its own transaction; None where another worker is at it, or where it waits for a better moment. Not where
        nothing `waits` for it: it has found nothing."""
        whole = waits and not step.apart
        memory, began, start, day = self.memory[step.name], clock.now(), monotonic(), _day(clock.now())
        try:
            with transaction.atomic() if whole else nullcontext():
                if whole and not _alone(step.name):
                    return None
                done = int(step.run(by=platform(self.name)) or 0) if waits else 0  # type: ignore[call-overload]
        except NotNow:
            memory.due_at = monotonic() + step.every
            return None
        except Exception as error:  # one broken step must not stop the others
            if self.stop.is_set():
                log.info("The worker stops; the step %s will begin anew.", step.name)
                return None
            memory.failures += 1
            memory.due_at = monotonic() + PAUSES[min(memory.failures, len(PAUSES)) - 1]
            log.exception("The step %s failed (%s in a row).", step.name, memory.failures)
            if isinstance(error, DatabaseError | InterfaceError):
                connection.close()
            return Round(step.name, began, 0, error=f"{type(error).__name__}: {error}")
        took = monotonic() - start
        rest = 0 if done else self._rest(step, took)
        memory.failures, memory.due_at, memory.day = 0, monotonic() + rest, day
        return Round(step.name, began, round(took * 1000), done, settled=not done)

    def _rest(self, step: Step, took: float) -> float:
        if not step.every or step.daily:
            return step.every
        return max(step.every, min(REST * took, LONGEST_REST))

    def _worth_noting(self, step: Step, found: Round) -> bool:
        memory = self.memory[step.name]
        if not (found.done or found.error or step.daily) and monotonic() < memory.noted_at + NOTED_EVERY:
            return False
        memory.noted_at = monotonic()
        return True

    def _note(self, told: Sequence[Round]) -> None:
        if not told:
            return
        try:
            note_rounds(by=platform(self.name), rounds=told)
        except DatabaseError:
            log.exception("The pulse of the loop %s could not be written.", self.name)
            connection.close()


def _day(at: datetime) -> date:
    """The day a daily step belongs to: it changes at two in the morning, when few people work."""
    return clock.civil_date(at - timedelta(hours=2))


def _alone(name: str) -> bool:
    """Take the step's lock until the end of the transaction; False where another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext(%s), hashtext(%s))", [LOCK, name])
        return bool(cursor.fetchone()[0])


def all_loops(*, idle: float = 1.0) -> tuple[Loop, ...]:
    """The loops of one worker; `idle` seconds lie between two rounds that find nothing to do."""
    return (
        # what came during a round waits for the next, and somebody for the number that follows from it
        Loop("settle", SETTLE, busy=min(0.1, idle / 4), idle=min(0.5, idle)),
        Loop("read", READ, busy=min(0.3, idle / 4), idle=min(0.5, idle)),  # somebody waits in front of it
        Loop("take", TAKE, busy=min(0.3, idle / 4), idle=idle),
        Loop("look", LOOK, idle=idle),
        Loop("erase", ERASE, busy=min(0.3, idle / 4), idle=max(1, idle), asks=erasures_wait),
        Loop("seal", SEAL, busy=1, idle=1),  # a line is sealed within two seconds
        Loop("keep", KEEP, busy=1, idle=max(1, idle)),
    )


def run_worker(stop: Event, loops: Iterable[Loop]) -> None:
    """Run the loops, each in a thread of its own, until `stop` is set and every round that had begun has ended. What has not ended ten
    seconds later is let go of: it is as if it had not begun."""
    threads = {Thread(target=loop.run_until, args=(stop,), name=f"weineng-{loop.name}"): loop for loop in loops}
    for thread in threads:
        thread.start()
    stop.wait()
    last = monotonic() + GRACE
    for thread in threads:
        thread.join(max(0.0, last - monotonic()))
    while alive := [thread for thread in threads if thread.is_alive()]:
        for thread in alive:
            threads[thread].let_go()
        alive[0].join(1)


def run_once(*, most: int = 50, daily: bool = True) -> int:
    """Round after round of the settle loop until one finds nothing to do (at most `most`), then the others once.

    `daily`: also what is done once a day. Returns how many things were done.
    """
    settle, read, take, look, erase, seal, keep = all_loops()
    if not daily:
        keep.steps = [step for step in keep.steps if not step.daily]
    total = read.run_round() + take.run_round()
    for _round in range(most):
        for memory in settle.memory.values():
            memory.due_at = 0
        done = settle.run_round()
        total += done
        if not done:
            break
    return total + look.run_round() + erase.run_round() + keep.run_round() + seal.run_round()
