"""Lines that a refinement says otherwise than its base, with the approval of a level above: asked for, given, returned, ended.

Nothing is published half: what needs an approval is refused until it is there, and then published as any other document.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import LANGUAGES
from weineng.notices.effects import notify
from weineng.organisations.reach import is_behind, units_within
from weineng.programmes.actions._guards import need, need_reason
from weineng.programmes.documents import DocumentRefused, Reading, as_base_says, check_document, compare
from weineng.programmes.models import Approval, Draft
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import (
    approved_lines,
    approver_of,
    find_base,
    find_points,
    holders_of,
    lines_to_approve,
    rests_on,
)

OFFICE = ("office",)


@transaction.atomic
def ask_approval(*, by: Actor, draft: int, revision: int, reason: str) -> list[Approval]:
    """Ask that a draft may say otherwise what its base lets be replaced; one request for each level that decides. `revision` is
    the one that was shown.

    Refuses `reason-missing`, `too-long`, `draft-ended`, `stale-draft`, `document-wrong` where something else is wrong with it,
    `nothing-to-approve`, `approval-waits`, `no-approver`; `not-found`.
    """
    need_reason(reason)
    refuse_long(Approval, reason=reason.strip())
    row = get_or_refuse(Draft.objects.within(by, PUBLISH, changing=True).select_for_update(of=("self",)), pk=draft)
    need(row.state == "open", "draft-ended", _("This draft was published or thrown away already."))
    changed = _("This draft was changed since it was shown; look at it again first.")
    need(row.revision == revision, "stale-draft", changed)
    reading = check_document(row.source, find_base, "", find_points, approved_lines(row.source, row.owner_id))
    wanted = lines_to_approve(reading.problems)
    if len(wanted) < len(reading.problems):
        raise DocumentRefused(reading.problems)
    need(wanted, "nothing-to-approve", _("No line of this draft needs an approval."))
    waits = Approval.objects.filter(owner=row.owner_id, code=row.code, state="asked").exists()
    need(not waits, "approval-waits", _("Another request for this programme waits to be decided; withdraw it first."))
    levels = dict.fromkeys(level for *_line, level in wanted)
    return [_ask(by, row, reading, level, [line for line in wanted if line[3] == level], reason) for level in levels]


@transaction.atomic
def approve_lines(*, by: Actor, approval: int) -> Approval:
    """Approve, as an office of the level: these lines may be replaced by these values. Refuses `self-approval` (who asked, or
    anybody acting for them), `approval-decided`; `not-found`."""
    row = _asked_of(by, approval)
    return _decide(by, row, "approved", "programmes.approve_lines", "approval-given", "")


@transaction.atomic
def return_approval(*, by: Actor, approval: int, reason: str) -> Approval:
    """Do not approve, and say why. Refuses `reason-missing`, `too-long`, and as `approve_lines`."""
    need_reason(reason)
    refuse_long(Approval, answer=reason.strip())
    row = _asked_of(by, approval)
    return _decide(by, row, "returned", "programmes.return_approval", "approval-returned", reason.strip())


@transaction.atomic
def withdraw_approval(*, by: Actor, approval: int) -> Approval:
    """Take a request back while it waits, as the office that asked. Refuses `not-your-request` (whoever decides returns it),
    `approval-decided`; `not-found`."""
    row = _locked(by, approval)
    decides = units_within(by, PUBLISH).filter(pk=row.approver_id).exists()
    own = is_behind(by, row.asked_by, row.asked_for)
    need(own or not decides, "not-your-request", _("Somebody else asked for this; return it instead, and say why."))
    need(row.state == "asked", "approval-decided", _DECIDED)
    row.state = "withdrawn"
    row.save(update_fields=["state"])
    line = record(by=by, verb="programmes.withdraw_approval", thing=row, unit=row.owner_id)
    _tell(line, row, (row.approver_id,), "approval-withdrawn", {})
    return row


@transaction.atomic
def end_approval(*, by: Actor, approval: int, reason: str) -> Approval:
    """Take an approval back as long as nothing rests on it. Refuses `reason-missing`, `too-long`, `not-approved`, `approval-used`
    (a version, or a change that waits, says what it allows); `not-found`."""
    need_reason(reason)
    refuse_long(Approval, answer=reason.strip())
    row = _of_approver(by, approval)
    need(row.state == "approved", "not-approved", _("This is not approved."))
    need(not rests_on(row), "approval-used", _("A document that rests on it was published or proposed."))
    return _decide(by, row, "ended", "programmes.end_approval", "approval-ended", reason.strip())


_DECIDED = _("This request was decided or withdrawn already.")


def _ask(
    by: Actor, draft: Draft, reading: Reading, level: str, lines: list[tuple[str, str, str, str]], reason: str
) -> Approval:
    approver = approver_of(draft.owner_id, level)
    if approver is None:
        raise Refused("no-approver", _("There is no unit of this level above: %(level)s."), level=level)
    row = Approval.objects.create(
        code=draft.code, title=draft.title, owner_id=draft.owner_id, approver_id=approver, level=level, draft=draft,
        lines=[_line(draft, reading, *line[:3]) for line in lines], reason=reason.strip(), asked_by=by.person,
        asked_for=by.on_behalf_of, asked_at=now(),
    )  # fmt: skip
    facts = {"code": row.code, "level": level, "lines": [path for path, *_said in lines]}
    line = record(
        by=by, verb="programmes.ask_approval", thing=row, unit=row.owner_id, facts=facts, reason=row.reason
    )  # fmt: skip
    _tell(line, row, (approver,), "approval-asked", {"unit": row.owner.name, "reason": row.reason})
    return row


def _line(draft: Draft, reading: Reading, path: str, base: str, value: str) -> dict[str, Any]:
    """A line as it is kept: what the base says, what is said instead, and the sentences that differ by it in each language."""
    before = as_base_says(draft.source, find_base, path)
    said = {
        language: [[one.before, one.after] for one in compare(before, reading.draft, language)]
        for language in LANGUAGES
        if before is not None and reading.draft is not None
    }
    return {"path": path, "base": base, "value": value, "said": said}


def _locked(by: Actor, approval: int) -> Approval:
    rows = Approval.objects.within(by, PUBLISH, changing=True).select_related("owner", "approver")
    return get_or_refuse(rows.select_for_update(of=("self",)), pk=approval)


def _of_approver(by: Actor, approval: int) -> Approval:
    row = _locked(by, approval)
    if not units_within(by, PUBLISH).filter(pk=row.approver_id).exists():
        raise NotFound("programmes.approval")
    return row


def _asked_of(by: Actor, approval: int) -> Approval:
    row = _of_approver(by, approval)
    if by.person is None or is_behind(by, row.asked_by, row.asked_for):
        text = _("Somebody else has to decide: neither who asked, nor anyone acting for them.")
        raise Refused("self-approval", text)
    need(row.state == "asked", "approval-decided", _DECIDED)
    return row


def _decide(by: Actor, row: Approval, state: str, verb: str, event: str, reason: str) -> Approval:
    row.state, row.answer = state, reason
    row.decided_by, row.decided_for, row.decided_at = by.person, by.on_behalf_of, now()
    row.save()
    line = record(by=by, verb=verb, thing=row, unit=row.owner_id, facts={"code": row.code}, reason=reason)
    _tell(line, row, (row.owner_id, row.approver_id), event, {"unit": row.approver.name, "reason": reason})
    return row


def _tell(line: Line, row: Approval, units: tuple[int, ...], event: str, params: dict[str, str]) -> None:
    if people := set().union(*holders_of(units, *OFFICE).values()):
        known = {"programme": row.title or row.code, **params}
        notify(cause=line, event=event, people=people, params=known, link="/programmes/approvals/")
