"""What modules above may refuse here: they know what became of a point."""

from collections.abc import Callable, Collection

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.organisations.models import Reorganisation
from weineng.planning.models import SchoolPlan

DecidedGuard = Callable[[Collection[int], Collection[str]], None]
_guards: list[DecidedGuard] = []
_withdrawal_guards: list[DecidedGuard] = []


def guard_decided(guard: DecidedGuard) -> None:
    """Let a module above refuse `already-decided` for points (by code) of enrolments; called once, when it starts."""
    _guards.append(guard)


def refuse_decided(enrolments: Collection[int], points: Collection[str]) -> None:
    """Ask every such module about these points of these enrolments; their refusals come through."""
    for guard in _guards:
        guard(enrolments, points)


def guard_withdrawals(guard: DecidedGuard) -> None:
    """Let a module above refuse that the declaration of such points is withdrawn while they are looked at; called once, when it
    starts."""
    _withdrawal_guards.append(guard)


def refuse_withdrawing(enrolments: Collection[int], points: Collection[str]) -> None:
    """Ask every such module, and those that know what was decided; their refusals come through."""
    refuse_decided(enrolments, points)
    for guard in _withdrawal_guards:
        guard(enrolments, points)


def withdrawal_refusal(enrolments: Collection[int], points: Collection[str]) -> Refused | None:
    """What `refuse_withdrawing` would refuse; None where nothing speaks against it."""
    try:
        refuse_withdrawing(enrolments, points)
    except Refused as refusal:
        return refusal
    return None


def refuse_used_plans(deed: str, unit: int, other: int) -> None:
    """Refuse `plan-used-since` where a merge or split would be taken back and people rest on the plan that came along: chose by
    it, made a group's plan of it, changed it."""
    if not deed.startswith("undo-"):
        return
    rows = Reorganisation.objects.filter(
        unit=unit, other=other, undone_at__isnull=True, kind=deed.removeprefix("undo-")
    )
    copies = [plan for row in rows.order_by("pk") for plan in row.followed.get("planning", {}).get("plans", ())]
    used = SchoolPlan.objects.filter(
        Q(choices__isnull=False) | Q(group_plans__isnull=False) | ~Q(state="approved") | Q(number__lt=_newest(other)),
        pk__in=copies,
    )
    if used.exists():
        text = _("The school plan that came along has been used since: people chose by it, or it was changed or filed.")
        raise Refused("plan-used-since", text)


def _newest(unit: int) -> Subquery:
    rows = SchoolPlan.objects.filter(unit=unit, programme=OuterRef("programme")).order_by("-number")
    return Subquery(rows.values("number")[:1])
