"""What can be asked of assessment: what waits for me, what a review page shows, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from weineng.assessment.measures import Agreement, agreements
from weineng.assessment.models import Assignment, Dossier, Phrase, Rating, Recusal
from weineng.assessment.permissions import REVIEW
from weineng.assessment.queries.acceptances import submissions_to_accept
from weineng.assessment.queries.arranged import stage_of
from weineng.assessment.rules import without_names
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import Words
from weineng.organisations.models import Person, Posting
from weineng.organisations.queries import current_person
from weineng.organisations.reach import same_people
from weineng.programmes.models import Programme
from weineng.standards.models import Evidence, Indicator

RECORDING = "recording"
FEW = 10  # pieces of evidence below which a share would mislead
FEW_OTHERS = 3  # reviewers below which a share would be that of somebody one knows
AFTERWARDS = timedelta(days=14)  # how long a reviewer may look again at what was decided or returned


def evidence_asked(submission: Submission) -> QuerySet[Evidence]:
    """The pieces of evidence that a submission is judged on or must contain, in order."""
    rows = Evidence.objects.filter(edition__code=submission.edition).order_by("seq")
    if submission.item == RECORDING:
        return rows.filter(point__isnull=True)
    return rows.filter(point__code=submission.point)


def rated_seqs(submission: Submission) -> list[int]:
    """The numbers of the rated pieces of evidence; supporting ones are there but not rated (semantics 19)."""
    return list(evidence_asked(submission).filter(rated=True).values_list("seq", flat=True))


def assigned_to(by: Actor) -> QuerySet[Assignment]:
    """The dossiers given to the person who acts and still theirs; decided ones for two weeks. Nobody reviews in another's name,
    nor, but for their own look, what turns out to be their own."""
    if REVIEW.code not in by.assigned or by.person is None:
        return Assignment.objects.none()
    mine = same_people([by.person])
    own = Q(judged__in=mine) & ~Q(role="self")
    rows = Assignment.objects.filter(reviewer__in=mine).exclude(own).exclude(state="void")
    lately = Q(run__dossier__state__in=("decided", "returned"), run__dossier__closed_at__gt=now() - AFTERWARDS)
    return rows.filter(Q(run__dossier__state="open") | lately).select_related("run__dossier__submission")


def waiting_for(by: Actor) -> QuerySet[Assignment]:
    """Those of `assigned_to` that are not done, in the order of the day."""
    rows = assigned_to(by).filter(state__in=("assigned", "opened"), run__dossier__state="open")
    return rows.order_by("due_on", "assigned_at", "pk")


def own_recusals(by: Actor) -> QuerySet[Recusal]:
    """Whom the person who acts has said they may not judge, newest first."""
    rows = Recusal.objects.filter(reviewer__in=same_people([by.person]), ended_at__isnull=True)
    return (rows if by.person is not None else rows.none()).order_by("-at", "-pk")


def conflicts() -> tuple[set[int], set[int]]:
    """Assignments of open dossiers that cannot stand since two records turned out to be one person: (those given to the one
    who is judged, those given to somebody who has a part in the same dossier already)."""
    merged = Assignment.objects.filter(reviewer__merged_into__isnull=False).values("run__dossier")
    behind = Dossier.objects.filter(Q(pk__in=merged) | Q(person__merged_into__isnull=False), state="open")
    concerned = list(behind.values_list("pk", flat=True))
    if not concerned:
        return set(), set()
    others = Assignment.objects.exclude(role="self").exclude(state="void")
    given = others.annotate(by=Coalesce("reviewer__merged_into", "reviewer"))
    rows = given.filter(run__dossier__in=concerned)
    own = rows.filter(by=Coalesce("judged__merged_into", "judged"))
    same = given.filter(run__dossier=OuterRef("run__dossier"), by=OuterRef("by"), pk__lt=OuterRef("pk"))
    twice = rows.filter(Exists(same))
    return set(own.values_list("pk", flat=True)), set(twice.values_list("pk", flat=True))


def own_ratings(by: Actor, assignment: int) -> dict[int, Rating]:
    """What the person who acts has saved of a review given to them, by the number of the piece of evidence."""
    rows = Rating.objects.filter(assignment=assignment, assignment__in=assigned_to(by).order_by())
    return {rating.seq: rating for rating in rows.order_by("seq")}


@dataclass(frozen=True)
class EndedReview:
    """A review that was given to one and ended without one: why, when (where that is known), what was saved of it."""

    submission: Submission
    why: str  # returned, withdrawn, decided, reassigned, time-over, own-dossier, twice, no-longer-eligible, moved-on (another stage has it)
    at: datetime | None
    saved: Sequence[Rating]

    @property
    def saved_at(self) -> datetime | None:
        """When one saved last; None: never."""
        return max((rating.saved_at for rating in self.saved), default=None)


def review_ended(by: Actor, assignment: int) -> EndedReview | None:
    """Why a review given to the person who acts is no longer theirs to do; None while it is, once they have finished it,
    and for one that was never given to them."""
    if REVIEW.code not in by.assigned or by.person is None:
        return None
    rows = Assignment.objects.filter(reviewer__in=same_people([by.person])).exclude(state="done")
    row = rows.select_related("run__dossier__submission").filter(pk=assignment).first()
    if row is None:
        return None
    dossier = row.run.dossier
    over = "" if dossier.state == "open" else dossier.state
    if over == "void" or (not over and dossier.version != dossier.submission.version):
        over = "withdrawn"
    elsewhere = "moved-on" if dossier.stage != row.run.stage else ""
    why = row.void_reason or over or elsewhere
    if not why:
        return None
    saved = Rating.objects.filter(assignment=row).order_by("seq")
    return EndedReview(dossier.submission, why, dossier.closed_at if why == over else None, list(saved))


@dataclass(frozen=True)
class InLine:
    """How a reviewer's levels compare in one programme, by decided dossiers alone; `pair` and `others` are None where too
    few stand behind them, `few` says so of one's own."""

    programme: Words
    lane: str  # panel, backbone, peer
    own: Agreement
    pair: Agreement | None
    others: Agreement | None

    @property
    def few(self) -> bool:
        """Whether so little was decided of what one rated that a share would mislead."""
        return self.own.count < FEW


def in_line(by: Actor) -> list[InLine]:
    """Whether the person who acts judges like the others, per programme, as panel member and as peer; never who they are,
    nor anything of a dossier that is not decided."""
    if REVIEW.code not in by.assigned or by.person is None:
        return []
    rows = {(row.programme, row.lane, row.of): row for row in agreements(by.person)}
    titles = dict(Programme.objects.filter(code__in={code for code, _lane, _of in rows}).values_list("code", "title"))
    found = []
    for (code, lane, of), own in rows.items():
        if of == "own":
            pair, others = rows.get((code, lane, "pair")), rows.get((code, lane, "others"))
            enough = own.count >= FEW
            found.append(
                InLine(
                    titles[code], lane, own, pair if enough and _tells_nobody(pair) else None,
                    others if enough and _tells_nobody(others) else None,
                )
            )  # fmt: skip
    return found


def _tells_nobody(row: Agreement | None) -> bool:
    return row is not None and row.count >= FEW and row.reviewers >= FEW_OTHERS


def submissions_assigned(by: Actor) -> Q:
    """The condition on `evidence.Submission` for the dossiers given to one, and what lies before one to be accepted: the `assigned`
    shape of reach."""
    open_ones = assigned_to(by).filter(run__dossier__state="open")
    return Q(pk__in=open_ones.values("run__dossier__submission")) | submissions_to_accept(by)


@dataclass(frozen=True)
class Line:
    """One line of a rubric as a reviewer sees it."""

    key: str  # pass:1
    level: str
    text: dict[str, str]
    ticked: bool


@dataclass(frozen=True)
class EvidencePage:
    """One piece of evidence on a review page: what was asked, the rubric, the reviewer's own ticks so far."""

    seq: int
    title: dict[str, str]
    requirement: dict[str, str]
    rated: bool
    needed: bool  # a third reviewer rates only what the first two disagree on
    lines: Sequence[Line]
    level: str
    comment: str
    revision: int
    final: bool


@dataclass(frozen=True)
class Advice:
    """What somebody said in an earlier stage: shown, not counted (semantics 20)."""

    role: str
    seq: int
    level: str
    comment: str


@dataclass(frozen=True)
class ReviewPage:
    """Everything a reviewer needs on one page; no name, no school: who is judged stays unknown to the panel."""

    assignment: Assignment
    submission: Submission
    evidence: Sequence[EvidencePage]
    advice: Sequence[Advice]
    left: int
    due_on: date | None
    returns_left: int
    phrases: Sequence[Phrase]
    hides: Sequence[str]  # names that the page leaves out wherever they are written: the stage is blind

    def shown(self, text: str) -> str:
        """A text as this reviewer may read it."""
        return without_names(text, self.hides)


def review_page(by: Actor, assignment: int, returns: int) -> ReviewPage:
    """One assignment's page; `returns` is the number of returns its programme allows. Refuses `not-found`."""
    row = assigned_to(by).filter(pk=assignment).first()
    if row is None:
        raise NotFound("assessment.assignment")
    dossier = row.run.dossier
    mine = {rating.seq: rating for rating in Rating.objects.filter(assignment=row)}
    needed = needed_seqs(row)
    pieces = evidence_asked(dossier.submission).prefetch_related(
        Prefetch("indicators", Indicator.objects.order_by("-level", "number"))  # pass before excellent
    )
    pages = [_evidence_page(asked, mine.get(asked.seq), needed) for asked in pieces]
    return ReviewPage(
        assignment=row,
        submission=dossier.submission,
        evidence=pages,
        advice=_advice(row),
        left=waiting_for(by).count(),
        due_on=row.due_on,
        returns_left=max(0, returns - dossier.returns) if dossier.sampled_id is None else 0,
        hides=names_around(dossier) if stage_of(dossier, row.run.stage).blind else (),
        phrases=list(Phrase.objects.filter(person=by.person).order_by("-used", "pk")[:12]),
    )


def names_around(dossier: Dossier) -> list[str]:
    """The names that would tell whose work a dossier is: the author's under all their records, and of the units they belong to."""
    people = same_people([current_person(dossier.person_id)])
    posts = Posting.objects.filter(person__in=people).order_by("pk").values_list("unit__name", "school__name")
    names = set(Person.objects.filter(pk__in=people).exclude(name="").order_by("pk").values_list("name", flat=True))
    return sorted({*names, *(name for pair in posts for name in pair)}, key=lambda name: (-len(name), name))


def _evidence_page(asked: Evidence, rating: Rating | None, needed: Sequence[int]) -> EvidencePage:
    ticks: list[str] = rating.ticks if rating else []
    lines = [
        Line(f"{i.level}:{i.number}", i.level, i.text, f"{i.level}:{i.number}" in ticks) for i in asked.indicators.all()
    ]
    return EvidencePage(
        seq=asked.seq, title=asked.title, requirement=asked.requirement, rated=asked.rated, needed=asked.seq in needed, lines=lines,
        level=rating.level if rating else "", comment=rating.comment if rating else "",
        revision=rating.revision if rating else 0, final=rating.final if rating else False,
    )  # fmt: skip


def needed_seqs(assignment: Assignment) -> list[int]:
    """The pieces of evidence this reviewer has to rate: all rated ones; a third only those on which the two differ."""
    seqs = rated_seqs(assignment.run.dossier.submission)
    if assignment.role != "third":
        return seqs
    first = Rating.objects.filter(assignment__run=assignment.run, assignment__state="done", final=True)
    levels: dict[int, set[str]] = {}
    for seq, level in first.exclude(assignment__role="third").values_list("seq", "level"):
        levels.setdefault(seq, set()).add(level)
    return [seq for seq in seqs if len(levels.get(seq, ())) > 1]


def _advice(row: Assignment) -> list[Advice]:
    """What earlier stages said, for all but self and peers; a third reviewer sees neither of the two who differ."""
    if row.role in ("self", "peer"):
        return []
    said = Rating.objects.filter(assignment__run__dossier=row.run.dossier_id, assignment__state="done", final=True)
    rows = said.filter(assignment__run__place__lt=row.run.place).order_by("seq", "assignment")
    return [Advice(*values) for values in rows.values_list("assignment__role", "seq", "level", "comment")]


def advice_for(submission: Submission) -> list[dict[str, Any]]:
    """What reviewers said of a submission, for its author: role, evidence, level, ticks, comment; never who."""
    ratings = Rating.objects.filter(
        assignment__run__dossier__submission=submission, assignment__state="done", final=True
    )
    fields = ("assignment__run__dossier__version", "assignment__role", "seq", "level", "ticks", "comment")
    return list(ratings.order_by("-assignment__run__dossier__version", "seq", "assignment").values(*fields))


def may_reopen(assignment: Assignment) -> bool:
    """Whether a finished review can be taken back: nothing was built on it yet."""
    run = assignment.run
    return (
        assignment.state == "done" and run.state == "waiting" and run.dossier.state == "open"
        and run.dossier.stage == run.stage and not run.assignments.filter(role="third").exclude(pk=assignment.pk).exists()
    )  # fmt: skip
