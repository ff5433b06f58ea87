"""A workbook that was read: sheets of plain values, each of the kind its cell really has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias


class CellError(str):
    """What a formula ended in instead of a value: its error (#N/A) or, for a formula never computed, ''."""

    __slots__ = ()


Value: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | CellError
"""A cell: text, number, truth, date or time, formula error; '' is an empty cell. A text stays text, '007' too."""

SheetState = Literal["visible", "hidden"]
Range: TypeAlias = tuple[int, int, int, int]
"""First row, first column, last row, last column; from 0, inclusive."""

ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost before it is refused. Sizes in bytes; `ratio` is unpacked to packed size."""

    size: int = 40_000_000
    unpacked: int = 500_000_000
    ratio: int = 250
    entries: int = 2_000
    cells: int = 20_000_000
    rows: int = 300_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `rows` begin at the sheet's first row and column, so rows[0][0] is A1. Rows may differ in length."""

    name: str | None
    state: SheetState
    rows: Sequence[Sequence[Value]]
    merged: tuple[Range, ...] = ()
    widths: tuple[tuple[int, int, float], ...] = ()
    """First column, last column (from 0), width in characters: as the person set them."""

    def value(self, row: int, column: int) -> Value:
        """The value at a place from 0; '' outside the sheet."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return ""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that was read completely. `encoding` and `delimiter` are None for xlsx; a csv's one sheet has no name."""

    file_name: str
    format: Literal["xlsx", "csv"]
    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    delimiter: str | None = None
    epoch_1904: bool = False


def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
