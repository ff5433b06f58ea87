"""Who acts, for whom, through which door, and what they may do where.

`accounts` builds one Actor per request or job; every action takes it as `by`. It is a value: it can be written down,
compared, and never changes while the request runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Reach(StrEnum):
    """The four shapes in which a permission can reach a row."""

    OWN = "own"  # I am the person
    ASSIGNED = "assigned"  # this dossier was given to me
    UNIT = "unit"  # a role at a node, for a time
    SOURCE = "source"  # records I delivered


@dataclass(frozen=True)
class Permission:
    """What may be done: `code` is `<module>.<verb>`; `says` tells the person who grants it what it allows."""

    code: str
    reaches: frozenset[Reach]
    says: object = field(compare=False)


@dataclass(frozen=True)
class Actor:
    """One who acts.

    `nodes` maps a permission code to the units it is held at, each with the id of the grant it comes from;
    `own` and `assigned` are the permission codes held for oneself and for dossiers given to one;
    `sources` are the provider codes whose records one delivered. `machine` names the key behind which a program acts (its
    readable part); a program of an office holds its permissions by that key, without a grant (0). `system` marks the
    platform's own loops.
    """

    person: int | None = None
    door: str = "system"
    on_behalf_of: int | None = None
    nodes: Mapping[str, Mapping[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    own: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    source_permissions: frozenset[str] = frozenset()
    machine: str = ""
    system: bool = False

    def units(self, permission: Permission) -> frozenset[int]:
        """The units at which this permission is held (without their descendants)."""
        if Reach.UNIT not in permission.reaches:
            return frozenset()
        return frozenset(self.nodes.get(permission.code, ()))

    def holds(self, permission: Permission) -> bool:
        """Whether the permission is held in any shape, anywhere: for menus, never for a row."""
        return (
            self.system
            or permission.code in self.own
            or permission.code in self.assigned
            or permission.code in self.source_permissions
            or bool(self.units(permission))
        )

    @property
    def hands(self) -> frozenset[int]:
        """Everybody who stands behind this act: the person acting and the person acted for (conflicts of interest)."""
        return frozenset(p for p in (self.person, self.on_behalf_of) if p is not None)


def platform(loop: str) -> Actor:
    """The platform acting by itself in one of its loops, e.g. `platform("settle")`."""
    return Actor(door=loop, system=True)
