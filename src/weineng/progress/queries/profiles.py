"""The profile: at which level somebody masters which dimension in which environment (semantics 27). It changes no state."""

from collections.abc import Mapping
from dataclasses import dataclass

from weineng.programmes.rules import Document
from weineng.progress.models import Standing
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS


@dataclass(frozen=True)
class ProfileCell:
    """The highest level among the passed points of a cell. `level`: excellent, pass, none, or not-applicable where the
    programme has no point."""

    dimension: str
    title: object
    level: str

    @property
    def applies(self) -> bool:
        """Whether there is a point to pass."""
        return self.level != "not-applicable"


@dataclass(frozen=True)
class ProfileRow:
    """An environment with a cell for each dimension, in the order of the standard."""

    environment: str
    title: object
    cells: tuple[ProfileCell, ...]


def profile_in(document: Document, overall: Standing) -> tuple[ProfileRow, ...]:
    """The profile beside an overall standing; () where the document shows none."""
    if not document.profile:
        return ()
    levels: Mapping[str, str] = overall.detail.get("profile") or {}  # none: the standard has no points
    return tuple(
        ProfileRow(
            environment,
            title,
            tuple(
                ProfileCell(dimension, name, levels.get(f"{environment} {dimension}", "not-applicable"))
                for dimension, name in DIMENSIONS.items()
            ),
        )
        for environment, title in ENVIRONMENTS.items()
    )
