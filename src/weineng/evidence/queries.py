"""What can be asked of evidence: the checklist that ticks itself, the page of a submission, where one stands item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F, Q, QuerySet
from django.utils.translation import get_language

from weineng.evidence.models import EDITABLE, Event, Item, Submission
from weineng.evidence.permissions import SUBMIT, VIEW
from weineng.evidence.refusals import text_of
from weineng.evidence.rules import (
    SHOWS_PEOPLE,
    File,
    Span,
    limits_of,
    problem_of_declared,
    problem_of_length,
    problem_of_number,
)
from weineng.files.models import Upload, Use
from weineng.files.queries import files_of, problem_of, unfinished
from weineng.files.rules import Limits, Problem
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.planning.models import ChosenPoint
from weineng.planning.queries import declared_points
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Earning
from weineng.standards.models import Evidence

HOLDER = "evidence.item"  # of files.Use, and the kind of purpose of uploads


def purpose_of(item: int) -> str:
    """What an upload for a piece of evidence is for."""
    return f"{HOLDER}:{item}"


# --- The checklist --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Have:
    """A file that is there, and what is wrong with it."""

    use: Use
    problem: Problem | None

    @property
    def text(self) -> str:
        """What is wrong, in the reader's language; '' where nothing is."""
        return text_of(self.problem) if self.problem else ""


@dataclass(frozen=True)
class Check:
    """One piece of evidence: what is asked, what is there, what is on its way, what is still wrong."""

    item: Item
    asked: Evidence
    limits: Limits
    files: tuple[Have, ...]
    under_way: tuple[Upload, ...]
    missing: Problem | None

    @property
    def done(self) -> bool:
        """Ticked: enough files, none with a problem, none on its way."""
        return self.missing is None and not self.under_way and all(have.problem is None for have in self.files)

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return word_for(self.asked.title, get_language() or "")

    @property
    def text(self) -> str:
        """What is missing, in the reader's language; '' where nothing is."""
        return text_of(self.missing) if self.missing else ""


@dataclass(frozen=True)
class Checklist:
    """All pieces of a submission's present version, and what belongs to none of them (consent, declared points)."""

    submission: Submission
    checks: tuple[Check, ...]
    open: tuple[Problem, ...]

    @property
    def ready(self) -> bool:
        """Whether it can be handed in, as far as it goes by itself."""
        return not self.open and all(check.done for check in self.checks)

    @property
    def consent_asked(self) -> bool:
        """Whether any file may show pupils."""
        return any(have.use.blob.family in SHOWS_PEOPLE for check in self.checks for have in check.files)

    @property
    def texts(self) -> tuple[str, ...]:
        """The open points that belong to no piece, in the reader's language."""
        return tuple(text_of(problem) for problem in self.open)


def checklist(submission: Submission) -> Checklist:
    """What a submission asks for and how far it is; six queries whatever its size. The caller has narrowed the reach."""
    items = list(submission.items.filter(version=submission.version).order_by("seq"))
    asked = {evidence.seq: evidence for evidence in asked_for(submission)}
    uses = files_by_item([item.pk for item in items])
    coming = _under_way([item.pk for item in items])
    least = recording_rule(submission.enrolment).least_minutes if submission.item == "recording" else 0
    checks = tuple(
        _check(item, asked[item.seq], uses.get(item.pk, ()), coming.get(item.pk, ()), least) for item in items
    )
    listed = Checklist(submission, checks, ())
    return Checklist(submission, checks, tuple(_open_points(submission, listed)))


def asked_for(submission: Submission) -> QuerySet[Evidence]:
    """The pieces of evidence its point (or the recording) asks for, in order."""
    point = Q(point__code=submission.point) if submission.item == "point" else Q(point__isnull=True)
    return Evidence.objects.filter(point, edition__code=submission.edition).select_related("point").order_by("seq")


def files_by_item(items: Sequence[int]) -> Mapping[int, tuple[Use, ...]]:
    """The files of each piece of evidence, in order; one query."""
    uses = sorted(files_of(HOLDER, items), key=lambda use: (use.holder_id, use.place, use.pk))
    return {item: tuple(group) for item, group in groupby(uses, key=lambda use: use.holder_id)}


def _under_way(items: Sequence[int]) -> Mapping[int, tuple[Upload, ...]]:
    found: dict[int, tuple[Upload, ...]] = {}
    for upload in unfinished([purpose_of(item) for item in items]):
        item = int(upload.purpose.rpartition(":")[2])
        found[item] = (*found.get(item, ()), upload)
    return found


def _check(item: Item, asked: Evidence, uses: Sequence[Use], coming: Sequence[Upload], least: int) -> Check:
    limits = limits_of(asked, least)
    files = tuple(Have(use, problem_of(use.blob, limits)) for use in uses)
    counted = [
        File(use.blob.family, use.blob.seconds, int(use.blob.facts.get("entries", 0)))
        for use, have in zip(uses, files, strict=True)
        if have.problem is None
    ]
    missing = problem_of_number(asked, counted)
    if missing is None and not coming:
        missing = problem_of_length(sum(file.seconds or 0 for file in counted) or None, least)
    if missing and missing.code == "item-missing" and files:
        missing = None  # a file is there; what is wrong with it stands beside it
    return Check(item, asked, limits, files, tuple(coming), missing)


def _open_points(submission: Submission, listed: Checklist) -> list[Problem]:
    found = []
    if listed.consent_asked and not submission.consent:
        found.append(Problem("consent-missing"))
    if submission.item == "recording":
        length = sum(have.use.blob.seconds or 0 for check in listed.checks for have in check.files) or None
        wrong = problem_of_declared(
            submission.declared,
            spans_of(submission),
            chosen_points(submission.enrolment),
            recording_rule(submission.enrolment).declared_minimum,
            length,
        )
        found += [wrong] if wrong else []
    return found


def spans_of(submission: Submission) -> list[Span]:
    """When each declared point can be seen."""
    return [Span(row["point"], row["from_seconds"], row["to_seconds"]) for row in submission.spans]


def chosen_points(enrolment: int) -> frozenset[str]:
    """The points of the choice in force, and points passed before (they always count)."""
    mine = ChosenPoint.objects.filter(choice__enrolment=enrolment)
    counts = Q(choice__superseded_at__isnull=True) | Q(passed_at__isnull=False)
    return frozenset(mine.filter(counts).values_list("point", flat=True))


def undeclared(enrolment: Enrolment, point: str) -> bool:
    """Whether the document has points declared and this one is not: then it is not handed in."""
    return document_of(enrolment.version_id).choice.declare and point not in declared_points(enrolment)


def recording_rule(enrolment: int) -> Earning:
    """What the enrolment's document says of recordings; without a word it asks for nothing."""
    version = Enrolment.objects.values_list("version", flat=True).get(pk=enrolment)
    earnings = document_of(version).earnings
    return next((one for one in earnings if one.item == "recording"), Earning("recording", "", 0, "passed"))


def recording_limits(enrolment: Enrolment) -> Limits:
    """What may be uploaded as an enrolment's recording, said before it is begun."""
    document = document_of(enrolment.version_id)
    asked = get_or_refuse(Evidence.objects.filter(point__isnull=True, edition__code=document.edition))
    return limits_of(asked, recording_rule(enrolment.pk).least_minutes)


def limits_for_item(by: Actor, item: int) -> Limits:
    """What may be uploaded for a piece of one's own evidence that can be changed; refuses `not-found`."""
    row = get_or_refuse(own_items(by), pk=item)
    asked = get_or_refuse(asked_for(row.submission), seq=row.seq)
    least = recording_rule(row.submission.enrolment).least_minutes if asked.point_id is None else 0
    return limits_of(asked, least)


def own_items(by: Actor) -> QuerySet[Item]:
    """The pieces of one's own evidence that can be changed now."""
    mine = Submission.objects.within(by, SUBMIT).filter(state__in=EDITABLE)
    return Item.objects.filter(submission__in=mine, version=F("submission__version")).select_related("submission")


# --- The page of a submission ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Piece:
    """One piece of evidence of a version, as it was handed in (or is being written)."""

    item: Item
    asked: Evidence
    files: tuple[Use, ...]

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return word_for(self.asked.title, get_language() or "")


@dataclass(frozen=True)
class Version:
    """One version with its pieces; `advice` is what it was returned with."""

    number: int
    pieces: tuple[Piece, ...]
    advice: str


@dataclass(frozen=True)
class SubmissionPage:
    """A submission for a reader: versions newest first, timeline oldest first, other attempts at the same item."""

    submission: Submission
    mine: bool
    versions: tuple[Version, ...]
    timeline: tuple[Event, ...]
    attempts: tuple[Submission, ...]


def submission_page(by: Actor, submission: int, assigned: Q | None = None) -> SubmissionPage:
    """What `by` may see of a submission: all of one's own; of others' only versions that were handed in.

    `assigned`: see `EvidenceQuerySet.within`. Refuses `not-found`.
    """
    row = get_or_refuse(Submission.objects.within(by, VIEW, assigned=assigned), pk=submission)
    mine = Submission.objects.filter(Submission.objects.reach_own(by), pk=row.pk).exists()
    items = list(visible_items(row, mine=mine))
    asked = {evidence.seq: evidence for evidence in asked_for(row)}
    uses = files_by_item([item.pk for item in items])
    timeline = tuple(row.events.order_by("pk"))
    advice = {event.version: event.text for event in timeline if event.kind == "returned"}
    versions = tuple(
        Version(number, tuple(Piece(i, asked[i.seq], uses.get(i.pk, ())) for i in group), advice.get(number, ""))
        for number, group in groupby(items, key=lambda item: item.version)
    )
    others = Submission.objects.within(by, VIEW, assigned=assigned).exclude(pk=row.pk)
    same = others.filter(enrolment=row.enrolment, item=row.item, point=row.point).order_by("attempt")
    return SubmissionPage(row, mine, versions, timeline, tuple(same))


def visible_items(submission: Submission, *, mine: bool) -> QuerySet[Item]:
    """Newest version first; of others' evidence never the version that is being written."""
    rows = submission.items.order_by("-version", "seq")
    if mine or submission.state not in EDITABLE:
        return rows
    return rows.filter(version__lt=submission.version)


def files_for(by: Actor, submission: int, assigned: Q | None = None) -> QuerySet[Use]:
    """The files of a submission that `by` may open, of all its visible versions; refuses `not-found`."""
    row = get_or_refuse(Submission.objects.within(by, VIEW, assigned=assigned), pk=submission)
    mine = Submission.objects.filter(Submission.objects.reach_own(by), pk=row.pk).exists()
    return files_of(HOLDER, visible_items(row, mine=mine).values("pk"))


# --- Where one stands, item by item -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class ItemState:
    """One thing to hand in: a chosen point, or the recording (`point` ''); `latest` is its newest attempt, if any.

    `best` is the best level of its decided attempts, '' while there is none.
    """

    item: str
    point: str
    latest: Submission | None
    best: str


def item_states(enrolment: Enrolment) -> tuple[ItemState, ...]:
    """What an enrolment has to hand in, chosen points first (where points are declared, those of them that are), and how far
    each is. The caller has narrowed the reach."""
    document = document_of(enrolment.version_id)
    chosen = ChosenPoint.objects.filter(choice__enrolment=enrolment, choice__superseded_at__isnull=True)
    if document.choice.declare:
        chosen = chosen.filter(point__in=declared_points(enrolment))
    wanted = [("point", point) for point in chosen.order_by("pk").values_list("point", flat=True)]
    if any(earning.item == "recording" for earning in document.earnings):
        wanted.append(("recording", ""))
    attempts: dict[tuple[str, str], list[Submission]] = {}
    for row in Submission.objects.filter(enrolment=enrolment.pk).order_by("attempt"):
        attempts.setdefault((row.item, row.point), []).append(row)
    wanted += [key for key in attempts if key not in wanted]  # points of an earlier choice
    return tuple(_item_state(item, point, attempts.get((item, point), [])) for item, point in wanted)


def _item_state(item: str, point: str, attempts: Sequence[Submission]) -> ItemState:
    levels = ("", "fail", "pass", "excellent")
    best = max((row.level for row in attempts), key=levels.index, default="")
    return ItemState(item, point, attempts[-1] if attempts else None, best)
