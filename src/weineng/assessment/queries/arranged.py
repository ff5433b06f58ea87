"""By which stages a dossier goes: the document's, or the school's own; and what a school has handed over or proposed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import QuerySet

from weineng.assessment.measures import handed_over
from weineng.assessment.models import Dossier, HandOver, OwnMode
from weineng.assessment.permissions import APPROVE_MODE, ARRANGE, VIEW_RESULTS
from weineng.assessment.queries.acceptances import holders_above
from weineng.assessment.rules import UNIT_LEVELS, ModeStage, own_stages
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Closure, Unit
from weineng.organisations.reach import units_within
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import document_in_force, document_of
from weineng.programmes.rules import Stage


def stages_of(dossiers: Iterable[Dossier]) -> dict[int, Stage]:
    """The rule of the stage in which each of these dossiers is: dossier id → stage. Where the school has handed it over, the
    training team looks."""
    rows = list(dossiers)
    found = Enrolment.objects.filter(pk__in={dossier.enrolment for dossier in rows}).order_by("pk")
    versions = dict(found.values_list("pk", "version"))
    stages = {row.pk: _stage(versions[row.enrolment], row.mode_id, row.stage) for row in rows}
    delegable = [pk for pk, stage in stages.items() if stage.delegated_to]
    handed = handed_over(delegable, today()) if delegable else set()
    return {pk: _by_team(stage) if pk in handed else stage for pk, stage in stages.items()}


def stage_of(dossier: Dossier, code: str = "") -> Stage:
    """The rule of a stage of a dossier (default: the one it is in)."""
    if not code or code == dossier.stage:
        return stages_of([dossier])[dossier.pk]
    version = Enrolment.objects.values_list("version", flat=True).get(pk=dossier.enrolment)
    return _stage(version, dossier.mode_id, code)


def _by_team(stage: Stage) -> Stage:
    return replace(stage, by="training-team", level="", insiders=0, outsiders=0)


def _stage(version: int, mode: int | None, code: str) -> Stage:
    return next(stage for stage in stages_under(version, mode) if stage.code == code)


def stages_under(version: int, mode: int | None) -> tuple[Stage, ...]:
    """The stages of a document's version; with a school's own mode, its stages, and those of the document after the decision."""
    stages = document_of(version).stages
    return (*_own(mode, version), *(stage for stage in stages if stage.does)) if mode is not None else stages


@lru_cache(maxsize=1_000)
def _own(mode: int, version: int) -> tuple[Stage, ...]:
    """A mode's stages: once it is approved they never change."""
    rows = OwnMode.objects.values_list("stages", flat=True).get(pk=mode)
    return own_stages([ModeStage(**row) for row in rows], document_of(version).stages)


def mode_in_force(programme: int, school: int | None) -> OwnMode | None:
    """A school's own mode that holds."""
    return OwnMode.objects.filter(programme=programme, unit=school, state="approved").first()


@dataclass(frozen=True)
class StageOfSchool:
    """A stage as a school goes through it: by whom, whether it may be handed over and is (since `handed`)."""

    stage: Stage
    handed: HandOver | None


@dataclass(frozen=True)
class ArrangedPage:
    """How a school is assessed: the stages (its own ones where it has a mode), what was proposed, and what who acts may do.
    `approver`: the level that approves an own mode, '' where the document has none."""

    programme: Programme
    unit: Unit
    stages: Sequence[StageOfSchool]
    approver: str
    mode: OwnMode | None
    proposed: OwnMode | None  # submitted, or returned since
    arranges: bool
    approves: bool


def arranged_page(by: Actor, programme: int, unit: int) -> ArrangedPage:
    """The page of a school, for whoever arranges, approves or sees its results; refuses `not-found`."""
    document = document_in_force(programme)
    school = Unit.objects.filter(pk=unit, level="school").first()
    arranges = units_within(by, ARRANGE).filter(pk=unit).exists()
    approves = approves_here(by, document.own_assessment, unit)
    if school is None or not (arranges or approves or units_within(by, VIEW_RESULTS).filter(pk=unit).exists()):
        raise NotFound("organisations.unit")
    mode = mode_in_force(programme, unit)
    handed = {row.stage: row for row in HandOver.objects.filter(programme=programme, unit=unit, ended_at__isnull=True)}
    stages = own_stages_of(mode, document.stages) if mode else document.stages
    newest = (
        OwnMode.objects.filter(programme=programme, unit=unit, state__in=("submitted", "returned"))
        .order_by("-pk")
        .first()
    )
    return ArrangedPage(
        programme=Programme.objects.get(pk=programme),
        unit=school,
        stages=[StageOfSchool(stage, handed.get(stage.code)) for stage in stages],
        approver=document.own_assessment,
        mode=mode,
        proposed=newest,
        arranges=arranges,
        approves=approves,
    )


def own_stages_of(mode: OwnMode, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages of a mode, those of the document that accept or sample after them."""
    return (*own_stages([ModeStage(**row) for row in mode.stages], stages), *(stage for stage in stages if stage.does))


def approves_here(by: Actor, level: str, school: int) -> bool:
    """Whether who acts approves own modes of a school: at a unit of the level that the document names, above it."""
    units = Unit.objects.filter(pk__in=by.units(APPROVE_MODE), level=UNIT_LEVELS.get(level, level))
    above = Closure.objects.filter(unit=school, ancestor__in=units.values("pk"), during__contains=today())
    return bool(level) and above.exists()


def people_approving(level: str, school: int) -> set[int]:
    """Whose office approves own modes of a school, where the document names this level: whom to tell."""
    return holders_above(school, "office", UNIT_LEVELS.get(level, level))


def modes_to_approve(by: Actor, programme: int) -> QuerySet[OwnMode]:
    """The modes that schools have proposed and that wait for who acts, longest waiting first."""
    level = document_in_force(programme).own_assessment
    units = Unit.objects.filter(pk__in=by.units(APPROVE_MODE), level=UNIT_LEVELS.get(level, level))
    below = Closure.objects.filter(ancestor__in=units.values("pk"), during__contains=today()).values("unit")
    rows = OwnMode.objects.filter(programme=programme, state="submitted", unit__in=below)
    return rows.select_related("unit").order_by("submitted_at", "pk")


def handed_to_team(programme: int, schools: Sequence[int]) -> Mapping[int, list[str]]:
    """The stages that each of these schools has handed over: school → codes."""
    found: dict[int, list[str]] = {}
    rows = HandOver.objects.filter(programme=programme, unit__in=schools, ended_at__isnull=True).order_by("pk")
    for unit, stage in rows.values_list("unit", "stage"):
        found.setdefault(unit, []).append(stage)
    return found
