"""What follows by itself: dossiers open, reviewers are assigned, stages end, results are decided.

Every step is a query for what is due and a change that makes it no longer due, so the round can run at any time, twice,
and after a crash. Stages run one after the other; a stage that only advises is closed at its due date with what is there.
A dossier whose step fails is named on its row and tried again later; it holds no other up.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._telling import REVIEWER, Handing
from weineng.assessment.measures import eligible, lapsed, loads
from weineng.assessment.models import Assignment, Dossier, Rating, Result, StageRun
from weineng.assessment.queries import conflicts, rated_seqs, runs_heard, runs_lacking_reviewers
from weineng.assessment.rules import decided_level, point_level
from weineng.audit.effects import record
from weineng.evidence.effects import decide_submission
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.organisations.queries import Concerned, current_person
from weineng.planning.effects import mark_passed
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Stage

log = logging.getLogger(__name__)

BATCH = 500  # dossiers a round
LAPSED = "no-longer-eligible"  # such a reviewer may be asked again once they are
AGAIN = timedelta(minutes=10)  # after which a dossier that could not go on is tried again


@transaction.atomic
def settle_results(*, by: Actor) -> int:
    """Bring every dossier as far as it can go; returns how many steps were taken. Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    hands = Handing(record(by=by, verb="assessment.settle"))
    done = _void_withdrawn(hands) + _void_conflicts(hands) + _open_dossiers()
    while step := _assign(hands) + _end_stages(hands) + _decide(hands):
        done += step
    hands.tell()
    if not done:  # a round that did nothing is no event
        transaction.set_rollback(True)
    return done


@transaction.atomic
def release_reviews(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Take dossiers from reviewers who can no longer do them, so that others are asked; returns how many. `concerning`: only
    what these people review, or what is reviewed of theirs.

    Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    rows = Assignment.objects.filter(pk__in=lapsed(today()), state__in=("assigned", "opened"))
    if concerning is not None:
        rows = rows.filter(Q(reviewer__in=concerning.people) | Q(judged__in=concerning.people))
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    if not found:
        return 0
    hands = Handing(record(by=by, verb="assessment.release", facts={"reviews": len(found)}))
    released = hands.take(Assignment.objects.filter(pk__in=found), LAPSED)
    hands.tell()
    return released


def _each(runs: Iterable[StageRun], step: Callable[[StageRun], int], still: QuerySet[StageRun] | None = None) -> int:
    """Take a step for each run, in a savepoint of its own: what fails is named on its dossier and left for later.

    `still` is asked again once the dossier is held: a review may have been taken back since the runs were found. Returns
    how many steps were taken, the naming of a failure among them.
    """
    taken = 0
    for run in runs:
        try:
            with transaction.atomic():
                if not _held(run) or (still is not None and not still.filter(pk=run.pk).exists()):
                    continue
                taken += step(run)
                if run.dossier.stuck_at is not None:
                    Dossier.objects.filter(pk=run.dossier_id).update(stuck_at=None, stuck_because="")
                    run.dossier.stuck_at = None
        except Exception as error:  # one broken dossier must not stop the others
            log.exception("Dossier %s cannot go on.", run.dossier_id)
            run.dossier.stuck_at = now()
            taken += Dossier.objects.filter(pk=run.dossier_id).update(stuck_at=now(), stuck_because=_told(error))
    return taken


def _held(run: StageRun) -> bool:
    """Lock the run's dossier before anything of it, as reviewers do; False where one of them was faster and ended the stage."""
    here = Dossier.objects.select_for_update(of=("self",)).filter(pk=run.dossier_id, state="open", stage=run.stage)
    return here.first() is not None


def _movable() -> Q:
    """The condition on a stage's run that its dossier did not just fail."""
    return Q(dossier__stuck_at__isnull=True) | Q(dossier__stuck_at__lte=now() - AGAIN)


def _void_withdrawn(hands: Handing) -> int:
    """What was taken back before anybody opened it: its dossier ends, whether or not the next version was handed in."""
    taken_back = Q(submission__state__in=("draft", "returned", "withdrawn")) | ~Q(version=F("submission__version"))
    gone = Dossier.objects.filter(taken_back, state="open")
    pks = list(gone.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    hands.take(Assignment.objects.filter(run__dossier__in=pks), "withdrawn")
    return Dossier.objects.filter(pk__in=pks).update(state="void", closed_at=now(), stage="")


def _void_conflicts(hands: Handing) -> int:
    """Two records turned out to be one person: whoever was given their own dossier, or one dossier twice, loses it."""
    own, twice = conflicts()
    return sum(_void(hands, found, why) for found, why in ((own, "own-dossier"), (twice - own, "twice")))


def _void(hands: Handing, assignments: set[int], why: str) -> int:
    rows = Assignment.objects.filter(pk__in=assignments)
    return hands.take(rows, why) + rows.filter(state="done").update(state="void", void_reason=why)


def _open_dossiers() -> int:
    """One dossier per version of a submission that was handed in, with the stages its programme's document asks for.

    Each in a savepoint of its own: one that fails is named on a dossier without stages, and tried again later.
    """
    there = Dossier.objects.filter(
        ~Q(stage="", stuck_at__lte=now() - AGAIN), submission=OuterRef("pk"), version=OuterRef("version"),
        state__in=("open", "returned", "decided"),
    )  # fmt: skip
    handed_in = Submission.objects.filter(~Exists(there), state__in=("submitted", "opened"))
    waiting = list(handed_in.order_by("submitted_at", "pk")[:BATCH])
    for submission in waiting:
        try:
            with transaction.atomic():
                _open_dossier(submission)
        except Exception as error:  # one that cannot begin must not stop the others
            log.exception("The dossier of submission %s cannot begin.", submission.pk)
            _write_dossier(submission, "", stuck_at=now(), stuck_because=_told(error))
    return len(waiting)


def _open_dossier(submission: Submission) -> None:
    enrolment = Enrolment.objects.get(pk=submission.enrolment)
    stages = document_of(enrolment.version_id).stages
    dossier = _write_dossier(submission, stages[0].code)
    StageRun.objects.filter(dossier=dossier).delete()
    StageRun.objects.bulk_create(_run(dossier, place, stage) for place, stage in enumerate(stages))


def _write_dossier(
    submission: Submission, stage: str, *, stuck_at: datetime | None = None, stuck_because: str = ""
) -> Dossier:
    returns = Dossier.objects.filter(submission=submission, state="returned").count()
    dossier, _made = Dossier.objects.update_or_create(
        submission=submission, version=submission.version,
        defaults={
            "person_id": submission.person_id, "enrolment": submission.enrolment, "stage": stage, "state": "open",
            "returns": returns, "opened_at": now(), "closed_at": None, "stuck_at": stuck_at, "stuck_because": stuck_because,
        },
    )  # fmt: skip
    return dossier


def _told(error: Exception) -> str:
    """An error as its dossier names it."""
    return f"{type(error).__name__}: {error}"[:200]


def _run(dossier: Dossier, place: int, stage: Stage) -> StageRun:
    due = today() + timedelta(days=stage.days) if place == 0 else None
    return StageRun(
        dossier=dossier, stage=stage.code, place=place, wanted=stage.reviewers, decides=stage.decides, due_on=due
    )


def _assign(hands: Handing) -> int:
    """Give every waiting stage the reviewers it lacks, evenly, never to the person judged, nobody twice."""
    lacking = runs_lacking_reviewers().filter(_movable()).select_related("dossier")
    runs = list(lacking.order_by("dossier__opened_at", "pk")[:BATCH])
    if not runs:
        return 0
    versions = dict(
        Enrolment.objects.filter(pk__in={run.dossier.enrolment for run in runs})
        .values_list("pk", "version")
        .order_by("pk")
    )
    by_way: dict[tuple[str, ...], list[StageRun]] = defaultdict(list)

    def sort(run: StageRun) -> int:
        stage = _stage_of(versions[run.dossier.enrolment], run.stage)
        if stage.by == "self":
            return _give(hands, run, current_person(run.dossier.person_id), "self", "self")
        by_way[("panel",) if stage.by == "panel" else ("group", *stage.fallback)].append(run)
        return 0

    given = _each(runs, sort)
    for way, group in by_way.items():
        given += _assign_from(hands, group, way)
    return given


def _stage_of(version: int, code: str) -> Stage:
    """The rule of a stage, from the document an enrolment is judged by."""
    return next(stage for stage in document_of(version).stages if stage.code == code)


def _assign_from(hands: Handing, runs: Sequence[StageRun], way: tuple[str, ...]) -> int:
    """Fill from the first pool, then from the next one where it was not enough (semantics 20)."""
    given = 0
    lacking = {run.pk: run.wanted - run.live for run in runs}  # type: ignore[attr-defined]
    for basis in way:
        open_runs = [run for run in runs if lacking[run.pk] > 0 and run.dossier.stuck_at is None]
        if not open_runs:
            break
        given += _fill_from(hands, open_runs, basis, lacking)
    advice = [run for run in runs if lacking[run.pk] > 0 and run.dossier.stuck_at is None and not run.decides]
    return given + _each(advice, lambda run: _make_do(run, lacking[run.pk]))


def _fill_from(hands: Handing, runs: Sequence[StageRun], basis: str, lacking: dict[int, int]) -> int:
    """Give each run as many of a pool's reviewers as it lacks, those with the least work first."""
    pools = eligible(basis, [run.dossier_id for run in runs], today())
    taken = _already(runs)
    load = defaultdict(int, loads(set().union(*pools.values())))

    def fill(run: StageRun) -> int:
        free = sorted(pools[run.dossier_id] - taken[run.dossier_id], key=lambda person: (load[person], person))
        chosen = free[: lacking[run.pk]]
        for reviewer in chosen:
            _give(hands, run, reviewer, "panel" if basis == "panel" else "peer", basis)
            load[reviewer] += 1001
        lacking[run.pk] -= len(chosen)
        return len(chosen)

    return _each(runs, fill)


def _make_do(run: StageRun, lacking: int) -> int:
    """Advice that too few people can give: with those there are; where there is nobody, the stage is skipped."""
    if lacking < run.wanted:
        StageRun.objects.filter(pk=run.pk).update(wanted=F("wanted") - lacking)
        return 0
    StageRun.objects.filter(pk=run.pk).update(state="skipped", skipped_because="nobody-eligible")
    _next_stage(run)
    return 1


def _already(runs: Sequence[StageRun]) -> dict[int, set[int]]:
    """Who has a part in these dossiers already, in any stage: nobody judges twice."""
    taken: dict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.filter(run__dossier__in=[run.dossier_id for run in runs]).exclude(role="self")
    rows = rows.exclude(state="void", void_reason=LAPSED)
    for dossier, reviewer in rows.values_list("run__dossier", REVIEWER):
        taken[dossier].add(reviewer)
    return taken


def _give(hands: Handing, run: StageRun, reviewer: int, role: str, basis: str) -> int:
    given = {
        "judged_id": run.dossier.person_id, "role": role, "basis": basis, "assigned_at": now(), "due_on": run.due_on,
    }  # fmt: skip
    again = Assignment.objects.filter(run=run, reviewer=reviewer, state="void", void_reason=LAPSED)
    if not (made := again.update(**given, state="assigned", void_reason="")):
        made = int(Assignment.objects.get_or_create(run=run, reviewer_id=reviewer, defaults=given)[1])
    if made:
        mine = Assignment.objects.filter(run=run, reviewer=reviewer)
        hands.given.update(mine.values_list("pk", flat=True))
    return made


def _end_stages(hands: Handing) -> int:
    """Advising stages end when everybody asked has answered, or when their time is over."""
    runs = StageRun.objects.filter(
        _movable(), state="waiting", decides=False, dossier__state="open", dossier__stage=F("stage")
    ).annotate(
        live=Count("assignments", filter=~Q(assignments__state="void")),
        done=Count("assignments", filter=Q(assignments__state="done")),
    )
    over = runs.filter(Q(live__gt=0, done=F("live")) | Q(due_on__lt=today()))
    found = over.select_related("dossier").order_by("pk")[:BATCH]
    return _each(found, lambda run: _end_stage(hands, run), still=over)


def _end_stage(hands: Handing, run: StageRun) -> int:
    hands.take(Assignment.objects.filter(run=run), "time-over")
    StageRun.objects.filter(pk=run.pk).update(state="done")
    _next_stage(run)
    return 1


def _next_stage(run: StageRun) -> None:
    """The dossier moves to the next stage, whose time begins now."""
    following = StageRun.objects.filter(dossier=run.dossier_id, place__gt=run.place).order_by("place").first()
    if following is None:
        return
    enrolment = Enrolment.objects.get(pk=run.dossier.enrolment)
    stage = _stage_of(enrolment.version_id, following.stage)
    StageRun.objects.filter(pk=following.pk).update(due_on=today() + timedelta(days=stage.days))
    Dossier.objects.filter(pk=run.dossier_id).update(stage=following.stage)


def _decide(hands: Handing) -> int:
    """Deciding stages: two equal ratings per evidence decide; where they differ a third reviewer is asked, then the median."""
    heard = runs_heard().filter(_movable()).select_related("dossier__submission")
    return _each(heard.order_by("pk")[:BATCH], lambda run: _decide_one(hands, run), still=runs_heard())


def _decide_one(hands: Handing, run: StageRun) -> int:
    levels = _levels(run)
    if any(level is None for level in levels.values()):
        return _ask_third(hands, run)
    return _close(hands, run, {seq: level for seq, level in levels.items() if level is not None})


def _levels(run: StageRun) -> dict[int, str | None]:
    """The decided level of each rated piece of evidence; None where a third rating is needed."""
    first: dict[int, list[str]] = defaultdict(list)
    third: dict[int, str] = {}
    ratings = Rating.objects.filter(assignment__run=run, assignment__state="done", final=True).order_by(
        "assignment", "seq"
    )
    for seq, level, role in ratings.values_list("seq", "level", "assignment__role"):
        if role == "third":
            third[seq] = level
        else:
            first[seq].append(level)
    return {seq: decided_level(first[seq], third.get(seq)) for seq in rated_seqs(run.dossier.submission)}


def _ask_third(hands: Handing, run: StageRun) -> int:
    pool = eligible("panel", [run.dossier_id], today())[run.dossier_id] - _already([run])[run.dossier_id]
    if not pool:
        return 0  # the school sees that its panel is too small; nothing is decided without a third
    load = defaultdict(int, loads(pool))
    return _give(hands, run, min(pool, key=lambda person: (load[person], person)), "third", "panel")


def _close(hands: Handing, run: StageRun, levels: dict[int, str]) -> int:
    """Write the result, tell everybody whom it concerns."""
    submission = run.dossier.submission
    level = point_level(levels.values())
    on: date = today()
    Result.objects.create(
        person_id=submission.person_id, enrolment=submission.enrolment, submission=submission, item=submission.item,
        point=submission.point, level=level, decided_at=now(), decided_on=on,
        detail={"evidence": {str(seq): value for seq, value in levels.items()}, "run": run.pk},
    )  # fmt: skip
    StageRun.objects.filter(pk=run.pk).update(state="done")
    Dossier.objects.filter(pk=run.dossier_id).update(state="decided", stage="", closed_at=now())
    decide_submission(cause=hands.line, submission=submission.pk, level=level)
    if submission.item == "point" and level != "fail":
        mark_passed(cause=hands.line, enrolments=[submission.enrolment], point=submission.point)
    touch(enrolments=[submission.enrolment])
    return 1
