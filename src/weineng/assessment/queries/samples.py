"""Samples: what is drawn and why, how far it has come, what it found; and what anybody may see to draw again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from weineng.assessment.measures import StratumTally, tally_strata
from weineng.assessment.models import Sample, SampledResult
from weineng.assessment.permissions import SAMPLE, VIEW_RESULTS
from weineng.assessment.rules import UNIT_LEVELS
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Unit
from weineng.organisations.reach import units_within
from weineng.programmes.models import Version
from weineng.programmes.queries import document_in_force, document_of
from weineng.programmes.rules import Stage


def sampling_stages(programme: int) -> tuple[Stage, ...]:
    """The stages of the document in force that sample."""
    return tuple(stage for stage in document_in_force(programme).stages if stage.does == "samples")


def versions_sampling(programme: int, stage: str) -> list[int]:
    """The versions of a programme whose document samples in this stage: whose results can be drawn."""
    versions = Version.objects.filter(programme=programme).order_by("pk").values_list("pk", flat=True)
    return [pk for pk in versions if any(one.code == stage and one.does == "samples" for one in document_of(pk).stages)]


def sampling_stage(sample: Sample) -> Stage:
    """The stage of a sample, as the newest version that has it says."""
    newest = versions_sampling(sample.programme_id, sample.stage)[-1]
    return next(stage for stage in document_of(newest).stages if stage.code == sample.stage)


def samples_within(by: Actor, programme: int) -> QuerySet[Sample]:
    """The samples of units within reach, of those who draw and those who see results there, newest first."""
    seen = Q(unit__in=units_within(by, SAMPLE)) | Q(unit__in=units_within(by, VIEW_RESULTS))
    return Sample.objects.filter(seen, programme=programme).select_related("unit").order_by("-framed_at", "-pk")


def units_sampling(by: Actor, stage: Stage) -> QuerySet[Unit]:
    """The units at which one draws samples of a stage."""
    level = UNIT_LEVELS.get(stage.level, stage.level)
    return units_within(by, SAMPLE).filter(level=level, closed_on__isnull=True).order_by("place", "name", "pk")


@dataclass(frozen=True)
class StratumView:
    """A stratum as it is shown: what its code means, value by value (strata in the order of the document), and how far it is."""

    values: Sequence[tuple[str, str]]  # (county, name of it), (stage, code)
    tally: StratumTally
    wanted: int


@dataclass(frozen=True)
class SamplePage:
    """A sample with its strata; `changed` the results that were lowered or found higher, for those who see results there."""

    row: Sample
    stage: Stage
    strata: Sequence[StratumView]
    changed: Sequence[SampledResult]
    may: bool  # stop, draw, drop it

    @property
    def drawn(self) -> int:
        """How many results are drawn in all."""
        return sum(one.tally.drawn for one in self.strata)

    @property
    def done(self) -> int:
        """How many of them were looked at."""
        return sum(one.tally.done for one in self.strata)


def sample_page(by: Actor, sample: int) -> SamplePage:
    """The page of a sample for those who draw or see results at its unit; refuses `not-found`."""
    row = Sample.objects.select_related("unit", "programme").filter(pk=sample).first()
    if row is None or not samples_within(by, row.programme_id).filter(pk=sample).exists():
        raise NotFound("assessment.sample")
    changed = SampledResult.objects.filter(stratum__sample=row, outcome__in=("lower", "higher"))
    return SamplePage(
        row=row,
        stage=sampling_stage(row),
        strata=_strata(row),
        changed=list(changed.select_related("result__person", "result__overturned_by").order_by("number")),
        may=units_within(by, SAMPLE).filter(pk=row.unit_id).exists(),
    )


def public_sample(sample: int) -> SamplePage:
    """What anybody may see of a sample: frame, digest, seed, strata; no person and no result. Refuses `not-found`."""
    row = Sample.objects.select_related("unit", "programme").filter(pk=sample).first()
    if row is None:
        raise NotFound("assessment.sample")
    return SamplePage(row=row, stage=sampling_stage(row), strata=_strata(row), changed=(), may=False)


def public_frame(sample: int) -> Iterator[tuple[int, str, int]]:
    """Every number of a frame with its stratum and whether it is drawn (0 no, 1 by the seed, 2 widened)."""
    rows = SampledResult.objects.filter(stratum__sample=sample).order_by("number")
    yield from rows.values_list("number", "stratum__code", "drawn").iterator(chunk_size=5_000)


def _strata(row: Sample) -> list[StratumView]:
    tallies = tally_strata(row.pk)
    wanted = dict(row.parts.order_by("pk").values_list("pk", "wanted"))
    parts = {tally.stratum: [part.partition(":")[::2] for part in tally.code.split("|")] for tally in tallies}
    ids = {int(value) for values in parts.values() for name, value in values if name in ("county", "school") and value}
    names = {str(pk): name for pk, name in Unit.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name")}
    return [
        StratumView(
            [(name, names.get(value, value) if name in ("county", "school") else value) for name, value in parts[tally.stratum]],
            tally, wanted[tally.stratum],
        )
        for tally in tallies
    ]  # fmt: skip
