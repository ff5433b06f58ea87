"""Evidence on its way through the stages, for tests: handed in without files, rated by whoever is asked."""

from tests.planning.plans import enrol
from weineng.assessment.actions import finish_review, open_review, save_ratings, settle_results
from weineng.assessment.models import Assignment, Rating
from weineng.assessment.queries import evidence_asked, needed_seqs
from weineng.assessment.rules import RatingDraft
from weineng.evidence.models import Item, Submission
from weineng.kernel.actors import platform
from weineng.kernel.clock import now
from weineng.planning.models import Choice, ChosenPoint
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.standards.models import Indicator

LOOP = platform("settle")
EDITION = "ecnu-2019-unofficial"


def enrolled(p4, member, *points):
    """The member's enrolment with these points chosen."""
    row = Enrolment.objects.filter(programme=p4, person_id=member.person).first() or enrol(p4, member)
    if points:
        choice = Choice.objects.create(
            enrolment=row, version=row.version, dimensions=["x"], opened=list(points), chosen_at=now()
        )
        ChosenPoint.objects.bulk_create(ChosenPoint(choice=choice, point=point, dimension="x") for point in points)
    return row


def hand_in(p4, member, point="A1"):
    """An attempt that was handed in."""
    row = enrolled(p4, member)
    item = "point" if point else "recording"
    attempt = Submission.objects.filter(enrolment=row.pk, item=item, point=point).count() + 1
    submission = Submission.objects.create(
        person_id=member.person, enrolment=row.pk, programme=p4.code, item=item, point=point, attempt=attempt,
        edition=document_of(row.version_id).edition,
        state="submitted", unit_id=member.unit, submitted_at=now(), created_at=now(), edited_at=now(),
    )  # fmt: skip
    Item.objects.bulk_create(
        Item(submission=submission, seq=asked.seq, rated=asked.rated) for asked in evidence_asked(submission)
    )
    return submission


def settle():
    return settle_results(by=LOOP)


def waiting(submission, role):
    """Who is asked in a role and has not answered."""
    rows = Assignment.objects.filter(run__dossier__submission=submission, role=role, state__in=("assigned", "opened"))
    return list(rows.order_by("reviewer"))


def ticks_for(submission, seq, level):
    """The ticks that mean a level."""
    lines = Indicator.objects.filter(evidence=evidence_asked(submission).get(seq=seq)).order_by("pk")
    wanted = {"fail": (), "pass": ("pass",), "excellent": ("pass", "excellent")}[level]
    return [f"{line.level}:{line.number}" for line in lines if line.level in wanted]


def rate(world, assignment, *levels):
    """The reviewer rates every piece asked of them (one level for all, or one each) and hands in."""
    by = world.member(assignment.reviewer_id).actor
    open_review(by=by, assignment=assignment.pk)
    seqs = needed_seqs(assignment)
    submission, drafts = assignment.run.dossier.submission, []
    for seq, level in zip(seqs, levels * len(seqs) if len(levels) == 1 else levels, strict=True):
        revision = Rating.objects.filter(assignment=assignment, seq=seq).values_list("revision", flat=True).first() or 0
        drafts.append(RatingDraft(seq, ticks_for(submission, seq, level), "建议", revision))
    told = save_ratings(by=by, assignment=assignment.pk, drafts=drafts)
    assert all(isinstance(one, Rating) for one in told.values())
    finish_review(by=by, assignment=assignment.pk)


def through_advice(world, submission, level="pass"):
    """Self and peers have answered; the panel is asked."""
    settle()
    for role in ("self", "peer"):
        for assignment in waiting(submission, role):
            rate(world, assignment, level)
        settle()


def decide(world, submission, *levels):
    """Self and peers answer, then the panel: see `conclude`."""
    through_advice(world, submission)
    conclude(world, submission, *levels)


def conclude(world, submission, *levels):
    """The panel answers with these levels, one a reviewer (a third one only where the first two differ)."""
    first, second, *third = levels
    for assignment, level in zip(waiting(submission, "panel"), (first, second), strict=True):
        rate(world, assignment, level)
    settle()
    for assignment, level in zip(waiting(submission, "third"), third, strict=True):
        rate(world, assignment, level)
    settle()
