"""A reviewer may not judge somebody: kin, or anything else that makes them partial."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._telling import Handing
from weineng.assessment.models import Assignment, Recusal
from weineng.assessment.queries import assigned_to, own_recusals
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.queries import current_person
from weineng.organisations.reach import same_people

RECUSED = "recused"


@transaction.atomic
def recuse_reviewer(*, by: Actor, assignment: int, reason: str) -> Recusal:
    """Say that one may not judge the author of a dossier given to one: whatever of theirs is given to one and not finished
    goes to somebody else, and nothing of theirs is given to one again (`end_recusal` takes that back).

    Refuses `reason-missing`, `text-too-long`, `own-look` for one's own self-assessment, `already-finished`; `not-found`.
    """
    row = get_or_refuse(assigned_to(by).select_for_update(of=("self",)), pk=assignment)
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(Recusal, reason=reason)
    if row.role == "self":
        raise Refused("own-look", _("This is your look at your own work."))
    if row.state == "done":
        raise Refused("already-finished", _("You have finished this review."))
    recusal, _new = Recusal.objects.get_or_create(
        reviewer_id=by.person, judged_id=row.judged_id, ended_at=None, defaults={"reason": reason.strip(), "at": now()}
    )
    hands = Handing(record(by=by, verb="assessment.recuse", thing=recusal, subject=row.judged_id, reason=reason))
    theirs = {
        side: same_people([current_person(pk)])
        for side, pk in (("reviewer", row.reviewer_id), ("judged", row.judged_id))
    }
    given = Assignment.objects.filter(reviewer__in=theirs["reviewer"], judged__in=theirs["judged"])
    hands.take(given.exclude(role="self"), RECUSED)
    hands.begun.clear()  # they know
    hands.tell()
    return recusal


@transaction.atomic
def end_recusal(*, by: Actor, recusal: int) -> Recusal:
    """Take back that one may not judge somebody. Refuses `not-found`, also for one that was taken back already."""
    row = get_or_refuse(own_recusals(by).select_for_update(of=("self",)), pk=recusal)
    row.ended_at = now()
    row.save(update_fields=("ended_at",))
    record(by=by, verb="assessment.end_recusal", thing=row, subject=row.judged_id)
    return row
