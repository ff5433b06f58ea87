"""What can be asked of assessment: what waits for me, what a review page shows, what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.assessment.measures import Agreement, agreements, eligible
from weineng.assessment.models import Assignment, Dossier, Phrase, Rating, Result, ResultsSheet, StageRun
from weineng.assessment.permissions import IMPORT, OVERTURN, REASSIGN, REVIEW, VIEW_RESULTS
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import LANGUAGES, Words, spoken, word_for
from weineng.organisations.models import Person
from weineng.organisations.reach import people_below, require_unit, same_people, units_within
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import document_of
from weineng.standards.models import Evidence, Indicator, Point

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
    lane: str  # panel, peer
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
    """The condition on `evidence.Submission` for the dossiers given to one: the `assigned` shape of reach."""
    open_ones = assigned_to(by).filter(run__dossier__state="open")
    return Q(pk__in=open_ones.values("run__dossier__submission"))


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
    """What somebody else said before: self, peers; shown to the panel, not counted (semantics 20)."""

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
        returns_left=max(0, returns - dossier.returns),
        phrases=list(Phrase.objects.filter(person=by.person).order_by("-used", "pk")[:12]),
    )


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
    """Self and peers, for the panel; a third reviewer sees neither of the two who differ."""
    if row.role not in ("panel", "third"):
        return []
    said = Rating.objects.filter(assignment__run__dossier=row.run.dossier_id, assignment__state="done", final=True)
    rows = said.filter(assignment__role__in=("self", "peer")).order_by("seq", "assignment")
    return [Advice(*values) for values in rows.values_list("assignment__role", "seq", "level", "comment")]


def results_of(enrolment: int) -> QuerySet[Result]:
    """The results of an enrolment that stand, oldest first."""
    return Result.objects.filter(enrolment=enrolment, overturned_at__isnull=True).order_by("decided_at", "pk")


def results_within(by: Actor) -> QuerySet[Result]:
    """The results one may see, newest decision first."""
    return Result.objects.within(by, VIEW_RESULTS).select_related("person").order_by("-decided_at", "-pk")


def sheets_within(by: Actor) -> QuerySet[ResultsSheet]:
    """The sheets of results brought in for units in one's part of the tree, newest first."""
    rows = ResultsSheet.objects.filter(unit__in=units_within(by, IMPORT))
    return rows.select_related("programme").order_by("-at", "-pk")


def results_of_sheet(by: Actor, sheet: int) -> QuerySet[Result]:
    """What a sheet brought, each with its `state`: stands, overturned, taken-back, or away (of somebody not in reach)."""
    mine = Result.objects.within(by, IMPORT, changing=True).filter(sheet=sheet)
    return Result.objects.filter(sheet=sheet).annotate(  # type: ignore[no-redef]  # the model names it for its readers
        state=Case(
            When(overturned_by__isnull=False, then=Value("overturned")),
            When(overturned_at__isnull=False, then=Value("taken-back")),
            When(pk__in=mine.values("pk"), then=Value("stands")),
            default=Value("away"),
            output_field=CharField(),
        )
    )


def item_words(result: Result) -> Words:
    """What a result is about, in every language: the point by its code and title, or the recording."""
    if result.item == RECORDING:
        return spoken(_("Classroom recording"))
    version = Enrolment.objects.values_list("version", flat=True).filter(pk=result.enrolment).first()
    points = Point.objects.filter(edition__code=document_of(version).standard if version else "", code=result.point)
    title: Words = points.values_list("title", flat=True).first() or {}
    return {language: f"{result.point} {word_for(title, language)}".strip() for language in LANGUAGES}


@dataclass(frozen=True)
class ResultPage:
    """One result and how it came about: `history` from the first decision to the present one, `ratings` as `advice_for`
    says them, `others` the results of other attempts at the same thing that stand."""

    result: Result
    item: Words
    history: Sequence[Result]
    ratings: Sequence[Mapping[str, Any]]
    others: Sequence[Result]

    @property
    def present(self) -> Result:
        """The result that stands in the end."""
        return self.history[-1]

    @property
    def before(self) -> Result | None:
        """What the present one took the place of, which would be put back."""
        return self.history[-2] if len(self.history) > 1 else None


def result_page(by: Actor, result: int) -> ResultPage:
    """A result within reach with its history; refuses `not-found`."""
    row = get_or_refuse(results_within(by), pk=result)
    same = Result.objects.filter(person=row.person_id, enrolment=row.enrolment, item=row.item, point=row.point)
    rows = {one.pk: one for one in same.order_by("pk")}
    later = {one.overturns_id: one for one in rows.values() if one.overturns_id}
    history = [rows[row.pk]]
    while history[0].overturns_id:
        history.insert(0, rows[history[0].overturns_id])
    while history[-1].pk in later:
        history.append(later[history[-1].pk])
    told = {one.pk for one in history}
    return ResultPage(
        result=row,
        item=item_words(row),
        history=history,
        ratings=advice_for(row.submission) if row.submission else [],
        others=[one for one in rows.values() if one.overturned_at is None and one.pk not in told],
    )


def may_overturn(by: Actor, result: Result) -> bool:
    """Whether one may put another level in the place of a result."""
    return Result.objects.within(by, OVERTURN, changing=True).filter(pk=result.pk).exists()


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


def runs_lacking_reviewers() -> QuerySet[StageRun]:
    """The present stages of open dossiers with fewer reviewers (`live`) than their programme asks for."""
    here = StageRun.objects.filter(state="waiting", dossier__state="open", dossier__stage=F("stage"))
    asked = ~Q(assignments__state="void") & ~Q(assignments__role="third")
    return here.annotate(live=Count("assignments", filter=asked)).filter(live__lt=F("wanted"))


def runs_heard() -> QuerySet[StageRun]:
    """The present deciding stages in which everybody asked has answered: the next round decides or asks a third; those
    that stay found no third."""
    here = StageRun.objects.filter(state="waiting", decides=True, dossier__state="open", dossier__stage=F("stage"))
    return here.annotate(
        answers=Count("assignments", filter=Q(assignments__state="done") & ~Q(assignments__role="third")),
        unheard=Count("assignments", filter=Q(assignments__state__in=("assigned", "opened"))),
    ).filter(answers__gte=F("wanted"), unheard=0)


def dossiers_waiting_for_reviewers() -> QuerySet[Dossier]:
    """Dossiers in a deciding stage that found too few reviewers, or no third: the school has to name panel members."""
    few = runs_lacking_reviewers().filter(decides=True).values("dossier")
    heard = runs_heard().filter(dossier__stuck_at__isnull=True)
    return Dossier.objects.filter(Q(pk__in=few) | Q(pk__in=heard.values("dossier")))


def stuck_dossiers() -> QuerySet[Dossier]:
    """Open dossiers whose last step failed, with the error (`stuck_because`): for whoever runs the platform."""
    return Dossier.objects.filter(state="open", stuck_at__isnull=False).order_by("stuck_at", "pk")


def dossiers_held_up() -> QuerySet[Dossier]:
    """Open dossiers for which nobody was found, or whose reviewers are late."""
    late = Assignment.objects.filter(state__in=("assigned", "opened"), due_on__lt=today()).exclude(role="self")
    found = Q(pk__in=late.values("run__dossier")) | Q(pk__in=dossiers_waiting_for_reviewers().values("pk"))
    return Dossier.objects.filter(found, state="open")


@dataclass(frozen=True)
class Stalled:
    """A dossier that does not go on by itself: whose, who was asked and is late, who could be asked instead.

    `lacking`: nobody could be found for it, or no third where two differ: the school has to name panel members.
    """

    dossier: Dossier
    lacking: bool
    asked: Sequence[Assignment]
    candidates: Sequence[tuple[int, str]]


def held_up_below(by: Actor, unit: int) -> QuerySet[Dossier]:
    """The dossiers of the people at or below a unit that wait for a reviewer, longest waiting first. Refuses `not-found`."""
    require_unit(by, REASSIGN, unit)
    rows = dossiers_held_up().filter(person__in=same_people(people_below({unit})))
    return rows.select_related("submission", "person").order_by("opened_at", "pk")


def stalled(found: Sequence[Dossier]) -> list[Stalled]:
    """What holds each of these dossiers of `held_up_below` up."""
    ids = [dossier.pk for dossier in found]
    waiting = set(dossiers_waiting_for_reviewers().filter(pk__in=ids).values_list("pk", flat=True))
    parts = Assignment.objects.filter(run__dossier__in=ids).select_related("reviewer", "run").order_by("due_on", "pk")
    mine: dict[int, list[Assignment]] = {pk: [] for pk in ids}
    for part in parts:
        mine[part.run.dossier_id].append(part)
    pools = {
        basis: eligible(basis, ids, today()) for basis in sorted({part.basis or "panel" for part in parts} - {"self"})
    }
    names = dict(
        Person.objects.filter(pk__in=set().union(*(people for pool in pools.values() for people in pool.values())))
        .order_by("name_order", "pk")
        .values_list("pk", "name")
    )
    return [_stalled(dossier, mine[dossier.pk], pools, names, lacking=dossier.pk in waiting) for dossier in found]


def _stalled(
    dossier: Dossier, parts: Sequence[Assignment], pools: Mapping[str, Mapping[int, set[int]]], names: Mapping[int, str], *, lacking: bool
) -> Stalled:  # fmt: skip
    asked = [part for part in parts if part.state in ("assigned", "opened") and part.role != "self"]
    taken = {reviewer for part in parts for reviewer in (part.reviewer_id, part.reviewer.merged_into_id)}
    could = set().union(*(pools[part.basis or "panel"][dossier.pk] for part in asked)) - taken
    return Stalled(dossier, lacking, asked, [(pk, name) for pk, name in names.items() if pk in could])
