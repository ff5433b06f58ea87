"""The second look at results that were drawn: who is asked, what is found, and when a bad sample draws all of a stratum."""

from datetime import timedelta

from django.db.models import Count

from weineng.assessment.actions._overturning import follow_result, put_in_place
from weineng.assessment.actions._steps import BATCH
from weineng.assessment.actions._telling import Handing
from weineng.assessment.measures import tally_strata
from weineng.assessment.models import (
    Assignment,
    Dossier,
    Rating,
    Result,
    Sample,
    SampledResult,
    SampleStratum,
    StageRun,
)
from weineng.assessment.queries import item_words, sampling_stage
from weineng.assessment.rules import LEVELS, point_level, widens
from weineng.audit.models import Line
from weineng.evidence.rules import LEVEL_NAMES
from weineng.kernel.clock import now, today
from weineng.kernel.ids import seal_id
from weineng.kernel.words import spoken
from weineng.notices.effects import Told, notify, notify_each
from weineng.organisations.queries import current_person, in_force
from weineng.planning.queries import people_in_charge


def open_looks(hands: Handing) -> int:
    """A dossier for each result that is drawn and has none yet; what was changed since it was drawn needs no look any more, and with
    fewer that count a sample may turn out to be bad."""
    rows = SampledResult.objects.filter(drawn__gt=0, outcome="", dossier__isnull=True, stratum__sample__state="running")
    found = list(rows.select_related("result__submission", "stratum__sample").order_by("pk")[:BATCH])
    gone = [row for row in found if row.result.overturned_at is not None]
    for row in gone:
        _end(row, "gone", "")
    for stratum in {row.stratum_id: row.stratum for row in gone}.values():
        _widen_if_bad(hands, stratum)
    for sample in {row.stratum.sample_id for row in gone}:
        _close_sample(sample)
    fresh = [row for row in found if row.result.overturned_at is None]
    stages = {row.stratum.sample_id: sampling_stage(row.stratum.sample) for row in fresh}
    dossiers = Dossier.objects.bulk_create(
        Dossier(
            submission=row.result.submission, version=row.result.submission.version, person_id=row.result.person_id,
            enrolment=row.result.enrolment, stage=stages[row.stratum.sample_id].code, opened_at=now(), sampled=row,
        )
        for row in fresh
        if row.result.submission is not None
    )  # fmt: skip
    runs = []
    for dossier, row in zip(dossiers, fresh, strict=True):
        stage = stages[row.stratum.sample_id]
        runs.append(
            StageRun(
                dossier=dossier, stage=stage.code, place=0, wanted=stage.reviewers, decides=True,
                due_on=today() + timedelta(days=stage.days),
            )
        )  # fmt: skip
    StageRun.objects.bulk_create(runs)
    return len(found)


def close_look(hands: Handing, run: StageRun, levels: dict[int, str]) -> int:
    """What the second look found: a lower level takes the place of the result, with what the reviewers wrote; a higher one is
    noted and changes nothing, since those who were not drawn had no such chance."""
    row = SampledResult.objects.select_related("result", "stratum__sample").get(dossier=run.dossier_id)
    found, old = point_level(levels.values()), row.result
    StageRun.objects.filter(pk=run.pk).update(state="done")
    Dossier.objects.filter(pk=run.dossier_id).update(state="decided", stage="", closed_at=now())
    if old.overturned_at is not None:
        _end(row, "gone", found)
    elif LEVELS.index(found) < LEVELS.index(old.level):
        detail = {"evidence": {str(seq): level for seq, level in levels.items()}, "sampled": row.pk}
        new = put_in_place(old, found, source="sample", reason=_why(run), detail=detail)
        follow_result(hands.line, new)
        _end(row, "lower", found)
    else:
        _end(row, "same" if found == old.level else "higher", found)
    _tell_teacher(hands.line, row, old)
    _widen_if_bad(hands, row.stratum)
    _close_sample(row.stratum.sample_id)
    return 1


def _why(run: StageRun) -> str:
    said = Rating.objects.filter(assignment__run=run, assignment__state="done", final=True).exclude(comment="")
    return "; ".join(said.order_by("seq", "assignment").values_list("comment", flat=True))[:400]


def _end(row: SampledResult, outcome: str, found: str) -> None:
    row.outcome, row.found, row.done_at = outcome, found, now()
    row.save(update_fields=("outcome", "found", "done_at"))


def _tell_teacher(line: Line, row: SampledResult, old: Result) -> None:
    event = "sample-lowered" if row.outcome == "lower" else "sample-stands"
    stage = sampling_stage(row.stratum.sample)
    params = {"item": item_words(old), "stage": dict(stage.title), "level": spoken(LEVEL_NAMES[row.found])}
    notify(
        cause=line,
        event=event,
        people=[current_person(old.person_id)],
        params=params,
        link="/my/",
        about=f"sampled:{row.pk}",
    )


def _widen_if_bad(hands: Handing, stratum: SampleStratum) -> None:
    """More lowered ones than are tolerated: everything in the stratum is looked at, once."""
    (tally,) = tally_strata(stratum.sample_id, stratum.pk)
    if tally.widened or not widens(tally.first, tally.first_lowered, stratum.sample.tolerance):
        return
    SampleStratum.objects.filter(pk=stratum.pk).update(widened_at=now())
    rest = SampledResult.objects.filter(stratum=stratum, drawn=0)
    chosen = list(rest.order_by("pk").values_list("pk", flat=True))
    rest.update(drawn=2)
    tell_drawn(hands.line, stratum.sample, chosen, event="sample-widened")


def _close_sample(sample: int) -> None:
    waiting = SampledResult.objects.filter(stratum__sample=sample, drawn__gt=0, outcome="")
    if not waiting.exists():
        Sample.objects.filter(pk=sample, state="running").update(state="done", ended_at=now())


def tell_drawn(line: Line, sample: Sample, sampled: list[int], *, event: str = "sample-drawn") -> None:
    """Tell those whose results are drawn, each once, and their schools how many of theirs are."""
    stage = {"stage": dict(sampling_stage(sample).title)}
    rows = SampledResult.objects.filter(pk__in=sampled)
    counts = dict(rows.values_list("result__person").annotate(n=Count("pk")).order_by("result__person"))
    current = in_force(counts)
    told: dict[int, int] = {}
    for person, count in counts.items():
        told[current[person]] = told.get(current[person], 0) + count
    about = f"sample:{sample.pk}:{event}"
    notify_each(
        cause=line, event="sample-drawn", link="/my/",
        told=(Told(person, {**stage, "count": count}, about) for person, count in told.items()),
    )  # fmt: skip
    place = f"/samples/{seal_id('assessment.sample', sample.pk)}/"
    schools = rows.filter(result__submission__unit__isnull=False).values_list("result__submission__unit")
    for unit, count in schools.annotate(n=Count("pk")).order_by("result__submission__unit"):
        notify(
            cause=line, event=f"{event}-school", people=people_in_charge(unit, "cio"), params={**stage, "count": count}, link=place,
            about=f"{about}:{unit}",
        )  # fmt: skip


def drop_looks(people: "list[int]") -> None:
    """Nobody looks once more at the work of people who are erased."""
    rows = SampledResult.objects.filter(result__person__in=people, drawn__gt=0, outcome="")
    samples = set(rows.order_by("pk").values_list("stratum__sample", flat=True))
    Assignment.objects.filter(run__dossier__sampled__in=rows, state__in=("assigned", "opened")).update(
        state="void", void_reason="withdrawn"
    )
    Dossier.objects.filter(sampled__in=rows, state="open").update(state="void", stage="", closed_at=now())
    rows.update(outcome="gone", done_at=now())
    for sample in samples:  # of which it may have been the last
        _close_sample(sample)
