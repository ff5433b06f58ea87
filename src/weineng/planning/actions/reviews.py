"""The district judges schools' plans: returns, approves, files, and takes an approval or a filing back."""

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import notify
from weineng.organisations.models import Posting
from weineng.organisations.reach import is_behind
from weineng.planning.actions._plans import CONTENT, check_plan, hold_school, move_plan, refuse_state, touch_counted
from weineng.planning.models import PLAN_MOVES, PlanReview, SchoolPlan
from weineng.planning.permissions import REVIEW_SCHOOL_PLAN
from weineng.planning.queries import people_in_charge

FILING_LOCK = 7_215_101  # advisory lock: filing numbers run without gaps


@transaction.atomic
def return_school_plan(*, by: Actor, plan: int, comment: str) -> SchoolPlan:
    """Give a submitted plan back with comments; the school goes on with it. Refuses `comment-missing`, `self-approval`,
    `plan-state`."""
    row = _judged(by, plan, "return")
    if not comment.strip():
        raise Refused("comment-missing", _("Say what to change."), field="comment")
    move_plan(row, "return", decided_at=now())
    line = _write_review(by, row, "returned", comment)
    people = people_in_charge(row.unit_id, "cio", "principal")
    notify(
        cause=line,
        event="plan-returned",
        people=people,
        params={"comment": comment},
        link=f"/plans/{seal_id('planning.schoolplan', row.pk)}/edit/",
    )
    return row


@transaction.atomic
def approve_school_plan(*, by: Actor, plan: int, comment: str = "") -> SchoolPlan:
    """Approve a submitted plan: what it opens can be chosen from now on; the one in force before is superseded.

    Refuses `self-approval`, `plan-state`, and those of `check_opened` where the school's flags changed meanwhile.
    """
    row = _judged(by, plan, "approve")
    check_plan(row)
    before = SchoolPlan.objects.filter(programme=row.programme_id, unit=row.unit_id, state__in=("approved", "filed"))
    before.update(state="superseded")
    move_plan(row, "approve", decided_at=now(), approved_on=today())
    line = _write_review(by, row, "approved", comment)
    teachers = (
        Posting.objects.filter(school=row.unit_id, during__contains=today())
        .order_by("pk")
        .values_list("person", flat=True)
    )
    people = people_in_charge(row.unit_id, "cio", "principal") | set(teachers)
    notify(cause=line, event="plan-approved", people=people, link="/points/")
    touch_counted(row)
    return row


@transaction.atomic
def reopen_school_plan(*, by: Actor, plan: int, reason: str) -> SchoolPlan:
    """Take an approval back before the plan was filed: it waits for review again, the plan before it is in force again,
    choices made under it stay frozen.

    Refuses `reason-missing`, `self-approval`, `plan-state`, `plan-in-work` where the school began another version.
    """
    row = _judged(by, plan, "reopen")
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    hold_school(row.programme_id, row.unit_id)
    other = SchoolPlan.objects.filter(
        programme=row.programme_id, unit=row.unit_id, state__in=("draft", "submitted", "returned")
    )
    if other.exists():
        raise Refused("plan-in-work", _("The school is working on a newer version."))
    move_plan(row, "reopen", approved_on=None, decided_at=None)
    before = _restore_before(row)
    line = record(by=by, verb="planning.reopen", thing=row, unit=row.unit_id, facts={"restored": before}, reason=reason)
    _tell_school(line, row, "plan-reopened", reason=reason)
    touch_counted(row)
    return row


def _restore_before(row: SchoolPlan) -> int | None:
    """The plan that the approval had superseded is in force again; returns its number."""
    older = SchoolPlan.objects.filter(programme=row.programme_id, unit=row.unit_id, number__lt=row.number)
    before = older.filter(state="superseded", approved_on__isnull=False).order_by("-number").first()
    if before is None:
        return None
    SchoolPlan.objects.filter(pk=before.pk, state="superseded").update(state="filed" if before.filed_at else "approved")
    return before.number


@transaction.atomic
def file_school_plan(*, by: Actor, plan: int) -> SchoolPlan:
    """File an approved plan under the next number of its programme, or under its own if it had been filed before.

    Refuses `self-approval`, `plan-state`.
    """
    row = _judged(by, plan, "file")
    number = row.filing_number or _next_number(row)
    move_plan(row, "file", filed_at=now(), filing_number=number)
    line = record(by=by, verb="planning.file", thing=row, unit=row.unit_id, facts={"number": number})
    _tell_school(line, row, "plan-filed", number=number)
    return row


def _next_number(row: SchoolPlan) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [FILING_LOCK])
    filed = SchoolPlan.objects.filter(programme=row.programme_id, filing_number__isnull=False).count()
    return f"{row.programme.code.upper()}-{today():%Y}-{filed + 1:04}"


@transaction.atomic
def unfile_school_plan(*, by: Actor, plan: int, reason: str) -> SchoolPlan:
    """Take a filing back: the plan stays in force as approved. Its number is spent: no other plan gets it, and this one is
    filed under it again.

    Refuses `reason-missing`, `self-approval`, `plan-state`.
    """
    row = _judged(by, plan, "unfile")
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    move_plan(row, "unfile", filed_at=None)
    facts = {"number": row.filing_number}
    line = record(by=by, verb="planning.unfile", thing=row, unit=row.unit_id, facts=facts, reason=reason)
    _tell_school(line, row, "plan-unfiled", number=row.filing_number, reason=reason)
    return row


def _tell_school(line: Line, row: SchoolPlan, event: str, **params: Any) -> None:
    link = f"/plans/{seal_id('planning.schoolplan', row.pk)}/"
    notify(cause=line, event=event, people=people_in_charge(row.unit_id, "cio", "principal"), params=params, link=link)


def _judged(by: Actor, plan: int, verb: str) -> SchoolPlan:
    """The plan, locked, if it is in a state for the verb and the actor may judge it: nobody judges what they or the one
    they act for wrote in."""
    rows = SchoolPlan.objects.within(by, REVIEW_SCHOOL_PLAN, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows.select_related("unit", "programme"), pk=plan)
    if is_behind(by, *row.hands, row.submitted_by):
        raise Refused("self-approval", _("You wrote in this plan; somebody else has to judge it."))
    refuse_state(row, *PLAN_MOVES[verb][0])
    return row


def _write_review(by: Actor, row: SchoolPlan, verdict: str, comment: str) -> Line:
    content: dict[str, Any] = {name: getattr(row, name) for name in CONTENT}
    PlanReview.objects.create(plan=row, verdict=verdict, comment=comment, content=content, by=by.person or 0, at=now())
    return record(by=by, verb=f"planning.{verdict}", thing=row, unit=row.unit_id, facts={"comment": comment})
