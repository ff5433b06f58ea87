"""Rate a dossier given to one: open it, tick, save, finish, or return it with advice."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._telling import Handing, note_seen
from weineng.assessment.models import Assignment, Dossier, Phrase, Rating, StageRun
from weineng.assessment.queries import assigned_to, evidence_asked, may_reopen, needed_seqs
from weineng.assessment.rules import RatingDraft, level_of
from weineng.audit.effects import record
from weineng.evidence.effects import lock_submission, return_submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date, now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.standards.models import Indicator

LONGEST_ADVICE = 2_000
PHRASES = 40


@transaction.atomic
def open_review(*, by: Actor, assignment: int) -> Assignment:
    """Open a dossier: from now on its author can no longer take it back. Opening it again changes nothing.

    Refuses `dossier-closed` when it was decided, returned or withdrawn meanwhile; `not-found` unless it was given to one.
    """
    row = _mine(by, assignment)
    if row.state == "assigned":
        Assignment.objects.filter(pk=row.pk, state="assigned").update(state="opened", opened_at=now())
        line = record(by=by, verb="assessment.open", thing=row, subject=row.judged_id)
        if row.role != "self":
            lock_submission(cause=line, submission=row.run.dossier.submission_id)
            note_seen(line, row.run.dossier.submission.programme)
        row.state = "opened"
    return row


@transaction.atomic
def save_ratings(*, by: Actor, assignment: int, drafts: Sequence[RatingDraft]) -> dict[int, Rating | Refused]:
    """Save ticks and comments on pieces of evidence, as often as one likes; a level follows from its ticks. Returns what
    became of each piece: a refused one holds the others not up, so that nothing a reviewer wrote beside it is lost.

    Refuses `not-opened`, `already-finished`, `dossier-closed`; single pieces: `evidence-not-rated`, `tick-unknown`,
    `comment-too-long`, `stale-revision` (saved from another window since the page was made).
    """
    row = _mine(by, assignment)
    if row.state == "assigned":
        raise Refused("not-opened", _("Open the dossier first."))
    if row.state == "done":
        raise Refused("already-finished", _("You have finished this review."))
    needed, rubric = set(needed_seqs(row)), _rubric(row)
    known = {rating.seq: rating for rating in Rating.objects.filter(assignment=row).order_by("seq")}
    told: dict[int, Rating | Refused] = {}
    for draft in drafts:
        lines = rubric.get(draft.seq, frozenset()) if draft.seq in needed else None
        rating = known.get(draft.seq) or Rating(assignment=row, seq=draft.seq)
        told[draft.seq] = _refused(draft, lines, rating) or _rated(draft, lines or (), rating)
    saved = [one for one in told.values() if isinstance(one, Rating)]
    if saved:
        Rating.objects.bulk_create(
            saved, update_conflicts=True, unique_fields=("assignment", "seq"),
            update_fields=("ticks", "level", "comment", "saved_at", "revision"),
        )  # fmt: skip
        levels = {str(rating.seq): rating.level for rating in saved}
        record(by=by, verb="assessment.save", thing=row, subject=row.judged_id, facts={"levels": levels})
    return told


def _refused(draft: RatingDraft, lines: Collection[str] | None, rating: Rating) -> Refused | None:
    if lines is None:
        return Refused("evidence-not-rated", _("This piece of evidence is not rated."))
    if len(draft.comment) > LONGEST_ADVICE:
        longest = {"longest": LONGEST_ADVICE}
        return Refused("comment-too-long", _("At most %(longest)s characters."), field="comment", **longest)
    if unknown := set(draft.ticks) - set(lines):
        return Refused("tick-unknown", _("The rubric has no line %(line)s."), line=min(unknown))
    if rating.final or draft.revision != rating.revision:
        return Refused("stale-revision", _("This was changed in another window; reload to see it."))
    return None


def _rated(draft: RatingDraft, lines: Collection[str], rating: Rating) -> Rating:
    rating.ticks, rating.comment = sorted(draft.ticks), draft.comment
    rated = level_of(draft.ticks, _numbers(lines, "pass"), _numbers(lines, "excellent"))
    rating.level = rated if draft.ticks or draft.looked else ""
    rating.saved_at, rating.revision = now(), rating.revision + 1
    return rating


@transaction.atomic
def finish_review(*, by: Actor, assignment: int) -> Assignment:
    """Hand the ratings in; they cannot be changed afterwards unless the review is taken back (`reopen_review`).

    Refuses `not-rated` naming the first piece of evidence that was not looked at, `advice-missing` where a fail carries no
    word of advice, `already-finished`, `dossier-closed`.
    """
    row = _mine(by, assignment)
    if row.state == "done":
        raise Refused("already-finished", _("You have finished this review."))
    ratings = {rating.seq: rating for rating in Rating.objects.filter(assignment=row)}
    needed = needed_seqs(row)
    for seq in needed:
        rating = ratings.get(seq)
        if rating is None or not rating.level:
            raise Refused("not-rated", _("Evidence %(seq)s has not been rated yet."), seq=seq)
        if rating.level == "fail" and row.role != "self" and not rating.comment.strip():
            raise Refused(
                "advice-missing", _("Say what to improve in evidence %(seq)s."), field=f"comment-{seq}", seq=seq
            )
    Rating.objects.filter(assignment=row, seq__in=needed).update(final=True)
    Assignment.objects.filter(pk=row.pk).update(state="done", done_at=now())
    record(by=by, verb="assessment.finish", thing=row, subject=row.judged_id)
    row.state = "done"
    return row


@transaction.atomic
def reopen_review(*, by: Actor, assignment: int) -> Assignment:
    """Take a finished review back, as long as nothing was built on it: its ticks and words can be changed again.

    Refuses `not-finished`, `review-built-on` once the next stage has begun, a third reviewer was asked or the dossier was
    decided, `dossier-closed`.
    """
    row = _mine(by, assignment)
    if row.state != "done":
        raise Refused("not-finished", _("You have not finished this review."))
    if not may_reopen(row):
        raise Refused("review-built-on", _("The next step has begun with your review; it can no longer be taken back."))
    Rating.objects.filter(assignment=row).update(final=False)
    Assignment.objects.filter(pk=row.pk).update(state="opened", done_at=None)
    record(by=by, verb="assessment.reopen", thing=row, subject=row.judged_id)
    row.state, row.done_at = "opened", None
    return row


@transaction.atomic
def return_dossier(*, by: Actor, assignment: int, advice: str) -> Dossier:
    """Give a dossier back to its author with advice (semantics 23); the attempt is open again.

    Refuses `not-deciding` for self and peers, `not-opened`, `advice-missing`, `no-returns-left`, `return-too-late` once
    it could not be handed in again, `dossier-closed`.
    """
    row = _mine(by, assignment)
    dossier = row.run.dossier
    if not row.run.decides or dossier.sampled_id is not None:
        raise Refused("not-deciding", _("Only who decides can return evidence."))
    if row.state == "assigned":
        raise Refused("not-opened", _("Open the dossier first."))
    if not advice.strip():
        raise Refused("advice-missing", _("Say what to improve."), field="advice")
    enrolment = Enrolment.objects.get(pk=dossier.enrolment)
    _refuse_return(document_of(enrolment.version_id), dossier)
    Dossier.objects.filter(pk=dossier.pk, state="open").update(state="returned", stage="", closed_at=now())
    hands = Handing(
        record(by=by, verb="assessment.return", thing=dossier, subject=dossier.person_id, facts={"advice": len(advice)})
    )
    hands.take(Assignment.objects.filter(run__dossier=dossier), "returned")
    hands.tell()
    return_submission(cause=hands.line, submission=dossier.submission_id, advice=advice.strip())
    dossier.state = "returned"
    return dossier


@transaction.atomic
def add_phrase(*, by: Actor, text: str) -> Phrase:
    """Keep a phrase for reuse. Refuses `text-missing`, `too-many-phrases`."""
    if by.person is None:
        raise NotFound("assessment.phrase")
    if not text.strip():
        raise Refused("text-missing", _("Write something first."), field="text")
    if Phrase.objects.filter(person=by.person).count() >= PHRASES:
        raise Refused("too-many-phrases", _("At most %(most)s phrases."), most=PHRASES)
    phrase, _made = Phrase.objects.get_or_create(person_id=by.person, text=text.strip()[:400])
    record(by=by, verb="assessment.add_phrase", thing=phrase)
    return phrase


@transaction.atomic
def drop_phrase(*, by: Actor, phrase: int) -> None:
    """Forget a phrase of one's own. Refuses `not-found`."""
    row = get_or_refuse(Phrase.objects.filter(person=by.person), pk=phrase)
    record(by=by, verb="assessment.drop_phrase", thing=row)
    row.delete()


def _mine(by: Actor, assignment: int) -> Assignment:
    """The assignment, locked, if it was given to the person who acts and its dossier is still open.

    The dossier is locked first, here as everywhere: of two who return it at once one waits for the other.
    """
    given = assigned_to(by).filter(pk=assignment)
    holding = StageRun.objects.filter(assignments__in=given.order_by()).values("dossier")
    dossier = Dossier.objects.select_for_update(of=("self",)).filter(pk__in=holding).first()
    row = given.select_for_update(of=("self",)).first() if dossier else None
    if dossier is None or row is None:
        raise NotFound("assessment.assignment")
    taken_back = dossier.version != row.run.dossier.submission.version
    if dossier.state != "open" or taken_back or (dossier.stage != row.run.stage and row.state != "done"):
        raise Refused("dossier-closed", _("This dossier is no longer open for review."))
    return row


def _refuse_return(document: Document, dossier: Dossier) -> None:
    """A return must leave time to hand in again: so often, and to the last day on which that is taken (semantics 23)."""
    if dossier.returns >= document.returns:
        message = _("It was returned %(allowed)s times; now it has to be decided.")
        raise Refused("no-returns-left", message, allowed=document.returns)
    late_until = document.cycle.late_until
    if civil_date(now(), ZoneInfo(document.time_zone)) > late_until:
        message = _("It could be handed in again until %(late_until)s only; now it has to be decided.")
        raise Refused("return-too-late", message, late_until=late_until.isoformat())


def _rubric(row: Assignment) -> dict[int, frozenset[str]]:
    """The lines of each piece of evidence that is rated."""
    asked = evidence_asked(row.run.dossier.submission).filter(rated=True)
    lines = Indicator.objects.filter(evidence__in=asked.order_by()).order_by("evidence__seq", "pk")
    found = {seq: frozenset[str]() for seq in asked.values_list("seq", flat=True)}
    for seq, level, number in lines.values_list("evidence__seq", "level", "number"):
        found[seq] |= {f"{level}:{number}"}
    return found


def _numbers(lines: Collection[str], level: str) -> list[int]:
    return [int(line.split(":")[1]) for line in lines if line.startswith(f"{level}:")]
