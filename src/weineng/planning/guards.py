"""What modules above may refuse here: they know what became of a point."""

from collections.abc import Callable, Collection

from weineng.kernel.refusals import Refused

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
