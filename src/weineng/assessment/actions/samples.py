"""Draw a sample of what was decided, and stop one (a stage that `samples`): two steps, so that nobody can choose who is drawn."""

import hashlib
import secrets
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._looking import tell_drawn
from weineng.assessment.actions._telling import Handing
from weineng.assessment.measures import draw_from, frame_digest, make_frame
from weineng.assessment.models import Assignment, Dossier, Sample, SampledResult, SampleStratum
from weineng.assessment.permissions import SAMPLE
from weineng.assessment.queries import sampling_stages, versions_sampling
from weineng.assessment.rules import UNIT_LEVELS, wanted_of
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import require_unit, units_within


@transaction.atomic
def frame_sample(*, by: Actor, programme: int, stage: str, unit: int, until: date) -> Sample:
    """Fix what can be drawn: every result decided as passed by a day under the unit that was in no frame of this stage before,
    numbered through; the digest of the list, and that of a secret which the platform makes, are published before anybody knows a seed.

    Refuses `in-the-future`, `sample-open` while one of this stage is not over here, `nothing-to-sample`; `not-found` for a stage
    that does not sample at this level, and for a unit at which one draws no samples.
    """
    place = require_unit(by, SAMPLE, unit)
    rule = next((one for one in sampling_stages(programme) if one.code == stage), None)
    if rule is None or rule.sampling is None or UNIT_LEVELS.get(rule.level, rule.level) != place.level:
        raise NotFound("programmes.stage")
    if until > today():
        raise Refused("in-the-future", _("This day is still to come."), field="until")
    rows = Sample.objects.filter(programme=programme, stage=stage, unit=unit)
    if rows.filter(state__in=("framed", "running")).exists():
        raise Refused("sample-open", _("Another sample of this stage is not over yet."))
    how, secret = rule.sampling, secrets.token_hex(32)
    sample = Sample.objects.create(
        programme_id=programme, stage=stage, unit=place, number=(rows.aggregate(last=Max("number"))["last"] or 0) + 1, until=until,
        share=how.share, least=how.least, strata=list(how.strata), tolerance=how.tolerance, size=0, digest="", framed_at=now(),
        secret=secret, secret_digest=hashlib.sha256(secret.encode()).hexdigest(),
    )  # fmt: skip
    make_frame(
        sample.pk, programme=programme, stage=stage, unit=unit, versions=versions_sampling(programme, stage), strata=how.strata,
        until=until, on=today(),
    )  # fmt: skip
    sample.size, sample.digest = frame_digest(sample.pk)
    if not sample.size:
        raise Refused("nothing-to-sample", _("Nothing has been decided that could be drawn."))
    sample.save(update_fields=("size", "digest"))
    for stratum in SampleStratum.objects.filter(sample=sample):
        stratum.wanted = wanted_of(stratum.size, how.share, how.least)
        stratum.save(update_fields=("wanted",))
    record(
        by=by,
        verb="assessment.frame_sample",
        thing=sample,
        unit=unit,
        facts={"size": sample.size, "digest": sample.digest, "secret": sample.secret_digest},
    )
    return sample


@transaction.atomic
def drop_sample(*, by: Actor, sample: int) -> None:
    """Throw a frame away from which nothing was drawn: it stays to be seen under its number, and its results can be drawn from the
    next one. Refuses `already-drawn`, `frame-dropped`; `not-found`."""
    row = _held(by, sample)
    _only_framed(row)
    record(by=by, verb="assessment.drop_sample", thing=row, unit=row.unit_id, facts={"digest": row.digest})
    row.state, row.ended_at = "dropped", now()
    row.save(update_fields=("state", "ended_at"))


@transaction.atomic
def draw_sample(*, by: Actor, sample: int, seed: str = "") -> Sample:
    """Draw with a seed that is published: one that nobody could know when the frame was fixed (numbers of a public lottery), or,
    where none is given, one made now; and with the secret of the frame, which nobody knew either and is published now. Those drawn
    and their schools are told; reviewers are asked by the platform.

    Refuses `already-drawn`, `frame-dropped`, `text-too-long`; `not-found`.
    """
    row = _held(by, sample)
    _only_framed(row)
    seed = seed.strip() or secrets.token_hex(16)
    refuse_long(Sample, seed=seed)
    row.seed, row.state, row.drawn_at = seed, "running", now()
    row.save(update_fields=("seed", "state", "drawn_at"))
    count = draw_from(row.pk, f"{seed}{row.secret}")
    line = record(
        by=by, verb="assessment.draw_sample", thing=row, unit=row.unit_id, facts={"seed": seed, "drawn": count}
    )
    drawn = SampledResult.objects.filter(stratum__sample=row, drawn=1).order_by("pk").values_list("pk", flat=True)
    tell_drawn(line, row, list(drawn))
    return row


@transaction.atomic
def stop_sample(*, by: Actor, sample: int, reason: str) -> Sample:
    """End a sample before everything was looked at, with the reason: nobody is asked any more and no certificate waits for it. What
    was lowered stays so; overturning it is the way back.

    Refuses `reason-missing`, `text-too-long`, `sample-not-running`; `not-found`.
    """
    row = _held(by, sample)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(Sample, reason=reason)
    if row.state != "running":
        raise Refused("sample-not-running", _("This sample is not under way."))
    row.state, row.reason, row.ended_at = "stopped", reason.strip(), now()
    row.save(update_fields=("state", "reason", "ended_at"))
    hands = Handing(record(by=by, verb="assessment.stop_sample", thing=row, unit=row.unit_id, reason=reason))
    looks = Dossier.objects.filter(sampled__stratum__sample=row, state="open")
    hands.take(Assignment.objects.filter(run__dossier__in=looks), "sample-stopped")
    looks.update(state="void", stage="", closed_at=now())
    hands.tell()
    return row


def _only_framed(row: Sample) -> None:
    if row.state == "dropped":
        raise Refused("frame-dropped", _("This list was thrown away."))
    if row.state != "framed":
        raise Refused("already-drawn", _("The sample is drawn already."))


def _held(by: Actor, sample: int) -> Sample:
    rows = Sample.objects.filter(unit__in=units_within(by, SAMPLE)).select_for_update(of=("self",))
    return get_or_refuse(rows, pk=sample)
