"""What modules above may refuse here: they know what became of a point."""

from collections.abc import Callable, Collection

DecidedGuard = Callable[[Collection[int], Collection[str]], None]
_guards: list[DecidedGuard] = []


def guard_decided(guard: DecidedGuard) -> None:
    """Let a module above refuse `already-decided` for points (by code) of enrolments; called once, when it starts."""
    _guards.append(guard)


def refuse_decided(enrolments: Collection[int], points: Collection[str]) -> None:
    """Ask every such module about these points of these enrolments; their refusals come through."""
    for guard in _guards:
        guard(enrolments, points)
