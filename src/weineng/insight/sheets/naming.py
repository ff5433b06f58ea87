"""Whether a sheet names somebody: found in its own cells, row by row, so that nobody's namesakes are taken for them."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from weineng.files.models import Blob
from weineng.files.queries import all_bytes_of, sections_of
from weineng.organisations.rules import mask
from weineng.sheets import SheetRefused, read_workbook

_SHORTEST = 6  # characters of a number that says by itself whose it is
_IDENTITY = re.compile(r"\d{15}|\d{17}[\dX]|\d{3}\*+\d[\dX]")  # in full, or shortened as lists show it
_BETWEEN = re.compile(r" \| |[,;\t]")


@dataclass(frozen=True)
class Named:
    """The names and numbers by which somebody is known."""

    names: Collection[str]
    numbers: Collection[str]

    def stands_in(self, cells: Sequence[str]) -> bool:
        """Whether a row is about one of them: by a number of theirs; or by the name, as a cell of its own, where no identity
        number says that it is somebody else."""
        plain = [_plain(cell) for cell in cells]
        numbers = {_plain(number) for number in self.numbers if len(number) >= _SHORTEST}
        if any(number in cell for cell in plain for number in numbers):
            return True
        if not {_plain(name) for name in self.names}.intersection(plain):
            return False
        shortened = {mask(number) for number in numbers}
        return all(cell in shortened for cell in plain if _IDENTITY.fullmatch(cell))


def blob_names(blob: Blob, named: Named) -> bool:
    """Whether the sheet with these bytes names one of them; of bytes that are no sheet, their text does."""
    return any(named.stands_in(cells) for cells in _rows_of(blob))


def _rows_of(blob: Blob) -> Iterator[Sequence[str]]:
    try:
        book = read_workbook(all_bytes_of(blob) or b"", "")
    except SheetRefused:  # as it does where there are none
        for section in sections_of(blob):
            yield from (_BETWEEN.split(unicodedata.normalize("NFKC", line)) for line in section.lines)
        return
    for sheet in book.sheets:
        for row in sheet.rows:
            yield [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in row]


def _plain(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).upper().split())
