"""A school arranges its assessment within what the programme allows: it hands a stage over to the training team, or has stages of
its own; both with their way back."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._assigning import HANDED
from weineng.assessment.actions._telling import Handing
from weineng.assessment.models import Assignment, HandOver, OwnMode
from weineng.assessment.permissions import ARRANGE
from weineng.assessment.queries import ArrangedPage, arranged_page, people_approving
from weineng.assessment.rules import ModeStage, problem_of_mode
from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.effects import notify
from weineng.organisations.models import Unit
from weineng.organisations.reach import is_behind, require_unit
from weineng.planning.queries import people_in_charge, plan_in_force
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_in_force, enrolments_of_school

WRONG = {  # what `rules.problem_of_mode` finds
    "stage-wrong": _(
        "A stage has a reviewer of the list, at least one and at most nine of them, and between 1 and 365 days."
    ),
    "last-decides": _("Exactly one stage decides, and it is the last."),
    "decision-to-panel": _("The decision is with the panel or the training team."),
    "too-few-reviewers": _("The stage that decides has at least as many reviewers as the programme asks for."),
    "third-missing": _("One more has to look where the reviewers differ, as the programme asks."),
}


@transaction.atomic
def hand_over_stage(*, by: Actor, programme: int, unit: int, stage: str) -> HandOver:
    """Hand a stage that the document lets be delegated over to the nearest training team above the school: whoever of it is not
    engaged otherwise is asked from now on; what was finished stands.

    Refuses `not-delegable`, `handed-over`, `no-training-team`; `not-found` out of reach.
    """
    page = _arranging(by, programme, unit)
    found = next((one for one in page.stages if one.stage.code == stage), None)
    if found is None or not found.stage.delegated_to:
        raise Refused("not-delegable", _("The programme does not let this stage be handed over."))
    if found.handed is not None:
        raise Refused("handed-over", _("This stage is handed over already."))
    team = people_in_charge(unit, "training-team")
    if not team:
        raise Refused("no-training-team", _("There is no training team above the school yet."))
    row = HandOver.objects.create(programme_id=programme, unit_id=unit, stage=stage, at=now(), by=by.person)
    line = record(by=by, verb="assessment.hand_over", thing=row, unit=unit, facts={"stage": stage})
    _ask_others(line, programme, unit, stage)
    words = {"school": page.unit.name, "stage": dict(found.stage.title)}
    notify(
        cause=line, event="stage-handed-over", people=team, params=words, link="/review/", about=f"hand-over:{row.pk}"
    )
    return row


@transaction.atomic
def take_stage_back(*, by: Actor, programme: int, unit: int, stage: str) -> HandOver:
    """Take a stage back from the training team: the school's own reviewers are asked again; what the team finished stands.
    Refuses `not-handed-over`; `not-found` out of reach."""
    page = _arranging(by, programme, unit)
    row = (
        HandOver.objects.select_for_update(of=("self",))
        .filter(programme=programme, unit=unit, stage=stage, ended_at__isnull=True)
        .first()
    )
    if row is None:
        raise Refused("not-handed-over", _("This stage is not handed over."))
    row.ended_at = now()
    row.save(update_fields=("ended_at",))
    line = record(by=by, verb="assessment.take_stage_back", thing=row, unit=unit, facts={"stage": stage})
    _ask_others(line, programme, unit, stage)
    words = {
        "school": page.unit.name,
        "stage": next((dict(one.stage.title) for one in page.stages if one.stage.code == stage), {}),
    }
    notify(
        cause=line, event="stage-taken-back", people=people_in_charge(unit, "training-team"), params=words, link="/review/",
        about=f"hand-over:{row.pk}",
    )  # fmt: skip
    return row


@transaction.atomic
def propose_mode(*, by: Actor, programme: int, unit: int, stages: Sequence[ModeStage], why: str) -> OwnMode:
    """Propose stages of the school's own, to be approved by an office of the level that the document names; a newer proposal
    takes the place of one that waits.

    Refuses `no-own-mode`, `no-plan-in-force`, `reason-missing`, `text-too-long` and what is wrong with the stages: `stage-wrong`,
    `last-decides`, `decision-to-panel`, `too-few-reviewers`, `third-missing`; `not-found` out of reach.
    """
    page = _arranging(by, programme, unit)
    if not page.approver:
        raise Refused("no-own-mode", _("In this programme schools have no mode of assessment of their own."))
    if plan_in_force(programme, unit) is None:
        raise Refused("no-plan-in-force", _("The school plan has not been approved yet."))
    if not why.strip():
        raise Refused("reason-missing", _("Say why."), field="why")
    refuse_long(OwnMode, why=why)
    if wrong := problem_of_mode(stages, document_in_force(programme).stages):
        raise Refused(wrong, WRONG[wrong])
    OwnMode.objects.filter(programme=programme, unit=unit, state="submitted").update(
        state="withdrawn", decided_at=now()
    )
    row = OwnMode.objects.create(
        programme_id=programme, unit_id=unit, stages=[asdict(stage) for stage in stages], why=why.strip(), hands=sorted(by.hands),
        submitted_at=now(),
    )  # fmt: skip
    line = record(by=by, verb="assessment.propose_mode", thing=row, unit=unit, facts={"stages": row.stages})
    notify(
        cause=line, event="mode-proposed", people=people_approving(page.approver, unit), params={"school": page.unit.name},
        link=_link(row),
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_mode(*, by: Actor, programme: int, unit: int) -> OwnMode:
    """Take a proposal back that nobody has decided about. Refuses `nothing-proposed`; `not-found` out of reach."""
    _arranging(by, programme, unit)
    row = _proposed(programme, unit)
    row.state, row.decided_at = "withdrawn", now()
    row.save(update_fields=("state", "decided_at"))
    record(by=by, verb="assessment.withdraw_mode", thing=row, unit=unit)
    return row


@transaction.atomic
def approve_mode(*, by: Actor, programme: int, unit: int) -> OwnMode:
    """Approve what a school proposed: what is handed in from now on goes by its stages; the mode before it ends.

    Refuses `nothing-proposed`, `self-approval`, `no-plan-in-force`, and as `propose_mode` where the document changed meanwhile;
    `not-found` for a school whose modes one does not approve.
    """
    _approving(by, programme, unit)
    row = _proposed(programme, unit)
    if is_behind(by, *row.hands):
        raise Refused("self-approval", _("You wrote this; somebody else has to judge it."))
    if plan_in_force(programme, unit) is None:
        raise Refused("no-plan-in-force", _("The school plan has not been approved yet."))
    if wrong := problem_of_mode([ModeStage(**one) for one in row.stages], document_in_force(programme).stages):
        raise Refused(wrong, WRONG[wrong])
    OwnMode.objects.filter(programme=programme, unit=unit, state="approved").update(state="ended")
    row.state, row.decided_at = "approved", now()
    row.save(update_fields=("state", "decided_at"))
    line = record(by=by, verb="assessment.approve_mode", thing=row, unit=unit)
    _tell(line, row, "mode-approved")
    return row


@transaction.atomic
def return_mode(*, by: Actor, programme: int, unit: int, comment: str) -> OwnMode:
    """Give a proposal back with a comment. Refuses `nothing-proposed`, `self-approval`, `comment-missing`, `text-too-long`;
    `not-found`."""
    _approving(by, programme, unit)
    row = _proposed(programme, unit)
    if is_behind(by, *row.hands):
        raise Refused("self-approval", _("You wrote this; somebody else has to judge it."))
    if not comment.strip():
        raise Refused("comment-missing", _("Say what to change."), field="comment")
    refuse_long(OwnMode, comment=comment)
    row.state, row.decided_at, row.comment = "returned", now(), comment.strip()
    row.save(update_fields=("state", "decided_at", "comment"))
    line = record(by=by, verb="assessment.return_mode", thing=row, unit=unit, reason=comment)
    _tell(line, row, "mode-returned", comment=comment.strip())
    return row


@transaction.atomic
def end_mode(*, by: Actor, programme: int, unit: int, reason: str) -> OwnMode:
    """End a school's own mode, by the school or by who approves it: what is handed in from now on goes by the document's stages,
    dossiers that began go on as they began. Refuses `reason-missing`, `text-too-long`, `no-mode-in-force`; `not-found`."""
    page = arranged_page(by, programme, unit)
    if not (page.arranges or page.approves):
        raise NotFound("organisations.unit")
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(OwnMode, comment=reason)
    row = (
        OwnMode.objects.select_for_update(of=("self",)).filter(programme=programme, unit=unit, state="approved").first()
    )
    if row is None:
        raise Refused("no-mode-in-force", _("The school has no mode of its own."))
    row.state, row.comment = "ended", reason.strip()
    row.save(update_fields=("state", "comment"))
    line = record(by=by, verb="assessment.end_mode", thing=row, unit=unit, reason=reason)
    _tell(line, row, "mode-ended", reason=reason.strip())
    return row


def _arranging(by: Actor, programme: int, unit: int) -> ArrangedPage:
    """The page of a school whose assessment one arranges, the school locked: two who arrange at once wait for each other."""
    require_unit(by, ARRANGE, unit)
    Unit.objects.select_for_update(of=("self",)).get(pk=unit)
    return arranged_page(by, programme, unit)


def _approving(by: Actor, programme: int, unit: int) -> ArrangedPage:
    page = arranged_page(by, programme, unit)
    if not page.approves:
        raise NotFound("organisations.unit")
    return page


def _proposed(programme: int, unit: int) -> OwnMode:
    row = (
        OwnMode.objects.select_for_update(of=("self",))
        .filter(programme=programme, unit=unit, state="submitted")
        .first()
    )
    if row is None:
        raise Refused("nothing-proposed", _("Nothing waits for a decision."))
    return row


def _ask_others(line: Line, programme: int, unit: int, stage: str) -> None:
    """Take what is not finished in this stage of the school's dossiers from who has it; the next round asks others."""
    enrolled: Iterable[int] = (
        enrolments_of_school(programme, unit) | Enrolment.objects.filter(programme=programme, host=unit)
    ).values_list("pk", flat=True)
    here = Q(
        run__stage=stage,
        run__dossier__state="open",
        run__dossier__stage=F("run__stage"),
        run__dossier__sampled__isnull=True,
    )
    hands = Handing(line)
    hands.take(Assignment.objects.filter(here, run__dossier__enrolment__in=enrolled).exclude(role="self"), HANDED)
    hands.tell()


def _tell(line: Line, row: OwnMode, event: str, **params: str) -> None:
    notify(
        cause=line,
        event=event,
        people=people_in_charge(row.unit_id, "cio", "principal"),
        params=params,
        link=_link(row),
    )


def _link(row: OwnMode) -> str:
    return f"/stages/{seal_id('programmes.programme', row.programme_id)}/{seal_id('organisations.unit', row.unit_id)}/"
