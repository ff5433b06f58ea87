"""What the page of a sheet shows of it: small, whatever the size of the sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from weineng.organisations.rules import mask
from weineng.sheets import Issue

SHOWN = 5  # sample rows
LISTED = 200  # wrong rows named on the page; the marked file names all


@dataclass(frozen=True)
class About:
    """Where in the file the table was found: `columns` are headings as written, their column's key, its letters."""

    sheet: str | None
    other_sheets: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """A row, its name as written, and what is said of it."""

    row: int
    name: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class Sample:
    """A row that could be read: its name and the cells that are shown."""

    row: int
    name: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Understood:
    """What was understood of a sheet, or what became of it: how many rows of each kind, its columns, the first rows, and the
    first of those that are wrong or want a look."""

    counts: Mapping[str, int]
    about: About
    samples: Sequence[Sample]
    wrong: Sequence[Remark]
    looks: Sequence[Remark]


def unnumbered(issue: Issue) -> Issue:
    """The same without the identity number that it quotes."""
    if issue.column != "id_number" or "written" not in issue.params:
        return issue
    return replace(issue, params=dict(issue.params) | {"written": mask(str(issue.params["written"]))})
