"""What was decided: results in reach, how each came about, and the sheets that brought some."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Case, CharField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Result, ResultsSheet
from weineng.assessment.permissions import IMPORT, OVERTURN, VIEW_RESULTS
from weineng.assessment.queries.reviews import RECORDING
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import LANGUAGES, Words, spoken, word_for
from weineng.organisations.reach import units_within
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.standards.models import Point


def results_of(enrolment: int) -> QuerySet[Result]:
    """The results of an enrolment that stand, oldest first."""
    return Result.objects.filter(enrolment=enrolment, overturned_at__isnull=True).order_by("decided_at", "pk")


def results_within(by: Actor, *, among: Collection[int] | None = None) -> QuerySet[Result]:
    """The results one may see, newest decision first. `among`: of these ids alone."""
    return Result.objects.within(by, VIEW_RESULTS, among=among).select_related("person").order_by("-decided_at", "-pk")


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
    points = Point.objects.filter(edition__code=document_of(version).edition if version else "", code=result.point)
    title: Words = points.values_list("title", flat=True).first() or {}
    return {language: f"{result.point} {word_for(title, language)}".strip() for language in LANGUAGES}


@dataclass(frozen=True)
class ResultPage:
    """One result and how it came about: `history` from the first decision to the present one, `others` the results of other
    attempts at the same thing that stand."""

    result: Result
    item: Words
    history: Sequence[Result]
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
        others=[one for one in rows.values() if one.overturned_at is None and one.pk not in told],
    )


def may_overturn(by: Actor, result: Result) -> bool:
    """Whether one may put another level in the place of a result."""
    return Result.objects.within(by, OVERTURN, changing=True).filter(pk=result.pk).exists()
