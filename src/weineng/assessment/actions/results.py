"""Decide about decisions: overturn a result, give a dossier to another reviewer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._assigning import already
from weineng.assessment.actions._overturning import follow_result, put_in_place
from weineng.assessment.actions._telling import Handing
from weineng.assessment.measures import eligible
from weineng.assessment.models import LEVELS, Assignment, Result
from weineng.assessment.permissions import OVERTURN, REASSIGN
from weineng.assessment.queries import item_words, reassignable
from weineng.audit.effects import record
from weineng.evidence.rules import LEVEL_NAMES
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import spoken
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.queries import current_person
from weineng.organisations.reach import behind, is_behind, same_people


@transaction.atomic
def overturn_result(*, by: Actor, result: int, level: str, reason: str) -> Result:
    """Put another level in the place of a result, with a reason; the old one stays on record. Overturning the new one
    again is the way back.

    Refuses `level-unknown`, `level-same`, `reason-missing`, `own-result`, `own-judgement` (nobody overturns what they
    helped to decide), `already-overturned`, `person-erased`.
    """
    old = get_or_refuse(Result.objects.within(by, OVERTURN, changing=True).select_for_update(of=("self",)), pk=result)
    if level not in LEVELS:
        raise Refused("level-unknown", _("There is no such level."), field="level")
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    if is_behind(by, old.person_id):
        raise Refused("own-result", _("Somebody else has to decide about your own result."))
    refuse_erased([old.person_id])
    judges = Assignment.objects.filter(
        run__dossier__submission=old.submission_id, state="done", reviewer__in=behind(by)
    )
    if old.submission_id is not None and judges.exists():
        raise Refused("own-judgement", _("You helped to decide this; somebody else has to."))
    if old.overturned_at is not None:
        raise Refused("already-overturned", _("This result was overturned already."))
    if level == old.level:
        named = str(LEVEL_NAMES[level])
        raise Refused("level-same", _("The result is “%(level)s” already."), field="level", level=named)
    new = put_in_place(old, level, source="overturn", reason=reason)
    facts = {"before": old.level, "after": level, "item": old.point or old.item}
    line = record(by=by, verb="assessment.overturn", thing=new, subject=old.person_id, facts=facts, reason=reason)
    follow_result(line, new)
    params = {"item": item_words(old), "level": spoken(LEVEL_NAMES[level]), "reason": reason}
    notify(cause=line, event="result-overturned", people=[current_person(old.person_id)], params=params, link="/my/")
    return new


@transaction.atomic
def reassign_review(*, by: Actor, assignment: int, to: int | None, reason: str) -> Assignment | None:
    """Take a dossier from a reviewer who has not finished; `to` gets it, or (None) the next round finds somebody.

    Refuses `reason-missing`, `already-finished`, `own-dossier`, `not-eligible` (the person judged, somebody who has a
    part in it already, of a second look also in the first, or somebody outside the panel or group); `not-found` for a second
    look unless one reaches the unit that drew the sample.
    """
    rows = Assignment.objects.within(by, REASSIGN, changing=True).select_for_update(of=("self",)).exclude(role="self")
    old = get_or_refuse(rows.filter(reassignable(by, "run__dossier__")).select_related("run__dossier"), pk=assignment)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    if is_behind(by, old.judged_id):
        raise Refused("own-dossier", _("Somebody else has to assign your own dossier."))
    facts = {"from": old.reviewer_id, "to": to}
    hands = Handing(
        record(by=by, verb="assessment.reassign", thing=old, subject=old.judged_id, facts=facts, reason=reason)
    )
    if not hands.take(Assignment.objects.filter(pk=old.pk), "reassigned"):
        raise Refused("already-finished", _("This review is finished."))
    new = None if to is None else _given(old, to)
    hands.given |= {new.pk} if new else set()
    hands.tell()
    return new


def _given(old: Assignment, to: int) -> Assignment:
    """The dossier is given to somebody who can review it."""
    pool = eligible(old.basis or "panel", [old.run.dossier_id], today())[old.run.dossier_id]
    part = Assignment.objects.filter(run__dossier=old.run.dossier_id, reviewer__in=same_people([to])).exists()
    if to not in pool or part or to in already([old.run])[old.run.dossier_id]:
        raise Refused("not-eligible", _("This person cannot review this dossier."), field="to")
    return Assignment.objects.create(
        run=old.run, reviewer_id=to, judged_id=old.judged_id, role=old.role, basis=old.basis, assigned_at=now(), due_on=old.due_on
    )  # fmt: skip
