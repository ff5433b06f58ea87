"""What follows by itself: dossiers open, reviewers are assigned, stages end, results are decided.

Every step is a query for what is due and a change that makes it no longer due, so the round can run at any time, twice,
and after a crash. Stages run one after the other; a stage that only advises is closed at its due date with what is there.
A dossier whose step fails is named on its row and tried again later; it holds no other up.
"""

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._assigning import LAPSED, ask_third, assign, next_stage
from weineng.assessment.actions._looking import close_look, open_looks
from weineng.assessment.actions._steps import AGAIN, BATCH, each, movable, told
from weineng.assessment.actions._telling import Handing
from weineng.assessment.measures import lapsed
from weineng.assessment.models import Assignment, Dossier, OwnMode, Rating, Result, StageRun
from weineng.assessment.queries import conflicts, mode_in_force, rated_seqs, runs_heard, stage_of, stages_under
from weineng.assessment.rules import decided_level, point_level
from weineng.audit.effects import record
from weineng.evidence.effects import decide_submission
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.organisations.queries import Concerned
from weineng.planning.effects import mark_passed
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of, school_of_enrolment
from weineng.programmes.rules import Stage

log = logging.getLogger(__name__)

# Asked in every round of the worker: without any of these none of the steps finds anything.
_WAITS = """
select exists (select from assessment_dossier where state = 'open')
    or exists (select from evidence_submission where state in ('submitted', 'opened'))
    or exists (select from assessment_sample where state = 'running')
"""


@transaction.atomic
def settle_results(*, by: Actor) -> int:
    """Bring every dossier as far as it can go; returns how many steps were taken. Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        if not cursor.fetchone()[0]:
            return 0
    hands = Handing(lambda: record(by=by, verb="assessment.settle"))
    done = _void_withdrawn(hands) + _void_conflicts(hands) + _open_dossiers() + open_looks(hands)
    while step := assign(hands) + _end_stages(hands) + _decide(hands):
        done += step
    if done:
        hands.tell()
    else:  # a round that did nothing is no event
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
        ~Q(stage="", stuck_at__lte=now() - AGAIN), sampled__isnull=True, submission=OuterRef("pk"), version=OuterRef("version"),
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
            _write_dossier(submission, "", stuck_at=now(), stuck_because=told(error))
    return len(waiting)


def _open_dossier(submission: Submission) -> None:
    enrolment = Enrolment.objects.get(pk=submission.enrolment)
    mode = mode_in_force(enrolment.programme_id, school_of_enrolment(enrolment)) if _own_assessment(enrolment) else None
    following = stages_under(enrolment.version_id, mode.pk if mode else None)
    stages = [stage for stage in following if not stage.does]  # the others come after the decision
    dossier = _write_dossier(submission, stages[0].code, mode=mode)
    StageRun.objects.filter(dossier=dossier).delete()
    StageRun.objects.bulk_create(_run(dossier, place, stage) for place, stage in enumerate(stages))


def _own_assessment(enrolment: Enrolment) -> bool:
    """Whether a school may have stages of its own under the document that judges somebody."""
    return bool(document_of(enrolment.version_id).own_assessment)


def _write_dossier(
    submission: Submission,
    stage: str,
    *,
    mode: OwnMode | None = None,
    stuck_at: datetime | None = None,
    stuck_because: str = "",
) -> Dossier:
    returns = Dossier.objects.filter(submission=submission, state="returned").count()
    dossier, _made = Dossier.objects.update_or_create(
        submission=submission, version=submission.version, sampled=None,
        defaults={
            "person_id": submission.person_id, "enrolment": submission.enrolment, "stage": stage, "state": "open",
            "returns": returns, "opened_at": now(), "closed_at": None, "mode": mode, "stuck_at": stuck_at, "stuck_because": stuck_because,
        },
    )  # fmt: skip
    return dossier


def _run(dossier: Dossier, place: int, stage: Stage) -> StageRun:
    due = today() + timedelta(days=stage.days) if place == 0 else None
    return StageRun(
        dossier=dossier, stage=stage.code, place=place, wanted=stage.reviewers, decides=stage.decides, due_on=due
    )


def _end_stages(hands: Handing) -> int:
    """Advising stages end when everybody asked has answered, or when their time is over."""
    runs = StageRun.objects.filter(
        movable(), state="waiting", decides=False, dossier__state="open", dossier__stage=F("stage")
    ).annotate(
        live=Count("assignments", filter=~Q(assignments__state="void")),
        done=Count("assignments", filter=Q(assignments__state="done")),
    )
    over = runs.filter(Q(live__gt=0, done=F("live")) | Q(due_on__lt=today()))
    found = over.select_related("dossier").order_by("pk")[:BATCH]
    return each(found, lambda run: hands.attempt(_end_stage, run), still=over)


def _end_stage(hands: Handing, run: StageRun) -> int:
    hands.take(Assignment.objects.filter(run=run), "time-over")
    StageRun.objects.filter(pk=run.pk).update(state="done")
    next_stage(run)
    return 1


def _decide(hands: Handing) -> int:
    """Deciding stages: equal ratings per evidence decide; where an even number differs one more reviewer is asked, then the median."""
    heard = runs_heard().filter(movable()).select_related("dossier__submission")
    return each(heard.order_by("pk")[:BATCH], lambda run: hands.attempt(_decide_one, run), still=runs_heard())


def _decide_one(hands: Handing, run: StageRun) -> int:
    levels = _levels(run)
    if any(level is None for level in levels.values()):
        return ask_third(hands, run)
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
    asks = stage_of(run.dossier).third_on_difference
    return {seq: decided_level(first[seq], third.get(seq), asks=asks) for seq in rated_seqs(run.dossier.submission)}


def _close(hands: Handing, run: StageRun, levels: dict[int, str]) -> int:
    """Write the result, tell everybody whom it concerns; of a second look, what was found."""
    if run.dossier.sampled_id is not None:
        return close_look(hands, run, levels)
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
