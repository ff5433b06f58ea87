"""What reading a document gathers, and what a shape is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import Place, Problem, near

WRONG: Any = object()  # what a reader returns after it named a problem


@dataclass
class Found:
    """What reading a document gathers: problems, where each path stands, which values were assumed or inherited."""

    programme: str = ""
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    assumed: list[tuple[str, object, dict[str, str], str]] = field(default_factory=list)  # path, value, because, base
    inherited: list[str] = field(default_factory=list)
    tightened: set[str] = field(default_factory=set)  # paths of lines that say something else than a base states
    added: set[str] = field(default_factory=set)  # paths of rows and lines that a refinement adds
    fixed: list[str] = field(default_factory=list)
    replaceable: dict[str, str] = field(default_factory=dict)  # path -> level that approves
    approved: frozenset[tuple[str, str, str, str]] = (
        frozenset()
    )  # (path, what the base says, what is said instead, level)

    def wrong(self, node: Node | Place, path: str, code: str, **params: object) -> Any:
        """Name a problem; returns WRONG."""
        place = node.place if isinstance(node, Node) else node
        self.problems.append(Problem(place, path, code, params))
        return WRONG

    def at(self, path: str, code: str, **params: object) -> None:
        """Name a problem at a path that was read (or at the nearest path above it that was)."""
        known = path
        while known and known not in self.places:
            known = known.rpartition(".")[0]
        self.wrong(self.places.get(known, self.places[""]), path, code, **params)


class Shape(Protocol):
    """Anything that can be read and described."""

    def read(self, node: Node, path: str, found: Found) -> Any:
        """The plain value, or WRONG after naming a problem."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the plain value."""


def refuse_unknown(node: Node, path: str, found: Found, known: Sequence[str]) -> None:
    """Name every key of a mapping that is none of the known ones."""
    for key in node.value:
        if key not in known:
            below = f"{path}.{key}" if path else key
            found.wrong(node.keys[key], below, "unknown-field", field=key, **near(key, known))
