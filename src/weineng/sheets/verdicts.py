"""What is said about a row: shared by rosters and every other sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Verdict = Literal["ok", "warning", "error", "duplicate-of"]
VERDICTS: tuple[Verdict, ...] = ("ok", "warning", "error", "duplicate-of")


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong, or worth a look, in one cell; `code` and `params` make the sentence (see `texts`).

    `text` is the sentence of an action that refused the row: it says there what it says everywhere.
    """

    column: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    text: object = ""


class JudgedRow(Protocol):
    """A row as the annotated workbook shows it; `row` is the number the spreadsheet program shows."""

    @property
    def row(self) -> int:
        """The row's number as the spreadsheet program shows it."""

    @property
    def verdict(self) -> Verdict:
        """What becomes of the row."""

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Why it must not go in."""

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """Where somebody should look."""


def count_verdicts(rows: "list[JudgedRow] | tuple[JudgedRow, ...]") -> dict[str, int]:
    """How many rows have each verdict; every verdict is a key."""
    counts: dict[str, int] = dict.fromkeys(VERDICTS, 0)
    for row in rows:
        counts[row.verdict] += 1
    return counts
