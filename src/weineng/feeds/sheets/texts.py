"""Every sentence of this package, by code: refused files, wrong cells, states of rows, the exported sheets' own words.

Message ids are English; they are translated when they are shown, so reading a file needs no settings, only showing a sentence does.
"""

from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext, gettext_noop

from weineng.kernel.refusals import Refused


class Say(Protocol):
    """How a caller turns a code and its parameters into a sentence in the reader's language."""

    def __call__(self, code: str, params: Mapping[str, object], /) -> str: ...


FILE_TEXTS = {
    "file-empty": gettext_noop("The file is empty."),
    "file-too-big": gettext_noop(
        "The file is too big: at most %(limit)s %(unit)s can be read at once. Divide it and send the parts."
    ),
    "file-is-bomb": gettext_noop(
        "The file would unpack to a size no roster has (%(what)s). Copy the filled cells into a new workbook and send that."
    ),
    "file-protected": gettext_noop("The file is protected with a password. Take the password away and send it again."),
    "file-old-excel": gettext_noop(
        "The file has the old Excel format (.xls). Open it, save it as “Excel workbook (.xlsx)” and send that."
    ),
    "file-not-sheet": gettext_noop(
        "The file is not a spreadsheet (%(kind)s), whatever its name says. Send an .xlsx or a .csv file."
    ),
    "file-broken": gettext_noop(
        "The file is damaged and cannot be read to its end (%(where)s). Open it, save it again and send that."
    ),
    "no-roster-sheet": gettext_noop(
        "No sheet of the file has the headings that are needed. Use the template, or write its headings above your columns."
    ),
    "columns-missing": gettext_noop("Columns are missing on the sheet “%(sheet)s”: %(columns)s."),
}

CELL_TEXTS = {
    "name-missing": gettext_noop("The name is missing."),
    "name-invalid": gettext_noop("“%(written)s” is not a name."),
    "id-checksum": gettext_noop("The identity number is mistyped: its last character does not fit the others."),
    "id-damaged": gettext_noop(
        "The spreadsheet damaged this identity number (its last digits are lost). Format the cell as text and type it again."
    ),
    "id-format": gettext_noop(
        "The identity number must have 18 characters with a possible birth date, and may not be empty."
    ),
    "school-unknown": gettext_noop("No school has this code and this name: “%(written)s”."),
    "school-ambiguous": gettext_noop("“%(written)s” can be several schools: %(schools)s."),
    "school-guessed": gettext_noop("“%(written)s” was read as %(school)s."),
    "school-name-differs": gettext_noop("The school with this code is called %(school)s; the file says “%(written)s”."),
    "subject-unknown": gettext_noop("The subject “%(written)s” is not in the list."),
    "establishment-unknown": gettext_noop("The kind of employment “%(written)s” is not in the list."),
    "stage-unknown": gettext_noop("The school stage “%(written)s” is not in the list."),
    "stage-mismatch": gettext_noop("%(school)s does not offer the stage “%(written)s”."),
    "gender-unknown": gettext_noop("The gender “%(written)s” is not in the list."),
    "id-type-unknown": gettext_noop("The kind of document “%(written)s” is not in the list."),
    "in-post-unknown": gettext_noop("The state of duty “%(written)s” is not in the list."),
    "licence-unknown": gettext_noop("The entry “%(written)s” for the teaching licence is not in the list."),
    "word-unknown": gettext_noop("“%(written)s” is not in the list of this column."),
    "date-invalid": gettext_noop("“%(written)s” is not a date that can be read for certain. Write it like 2021-09-01."),
    "phone-invalid": gettext_noop("“%(written)s” is not a mobile number of 11 digits that begins with 1."),
    "number-invalid": gettext_noop("“%(written)s” is not a number that fits here."),
    "code-invalid": gettext_noop("“%(written)s” is not a code that fits here."),
    "value-missing": gettext_noop("This cell may not be empty."),
    "cell-error": gettext_noop("A formula in this cell ended in an error (%(written)s)."),
    "too-long": gettext_noop("The text is longer than %(limit)s characters."),
    "duplicate-row": gettext_noop("The same entry as row %(row)s. Nothing has to be done."),
    "id-name-conflict": gettext_noop("This identity number stands beside different names in this file (%(names)s)."),
}

SHEET_TEXTS = {
    "status-header": gettext_noop("Check result"),
    "status-ok": gettext_noop("Good"),
    "status-warning": gettext_noop("Please look"),
    "status-error": gettext_noop("Not taken in"),
    "status-duplicate": gettext_noop("Twice in the file"),
    "status-more": gettext_noop("Further rows are wrong too; see their last column."),
    "sheet-roster": gettext_noop("Teachers"),
    "sheet-instructions": gettext_noop("How to fill this in"),
    "sheet-lists": gettext_noop("Lists"),
    "help-one-row": gettext_noop("One row for each person and school; do not merge cells."),
    "help-required": gettext_noop("Columns with * must be filled."),
    "help-text": gettext_noop(
        "Identity numbers, phone numbers and codes are text: the cells are formatted for it, keep that when you paste."
    ),
    "help-dates": gettext_noop("Dates are written like 2021-09-01."),
    "help-lists": gettext_noop("Columns with a list take the words of that list."),
    "help-headings": gettext_noop("Columns may be moved or left out; keep their headings."),
}

TEXTS: Mapping[str, str] = FILE_TEXTS | CELL_TEXTS | SHEET_TEXTS


def say(code: str, params: Mapping[str, object] | None = None) -> str:
    """The sentence for `code` in the active language; the code itself where there is no sentence."""
    text = gettext(TEXTS[code]) if code in TEXTS else code
    return text % dict(params or {}) if "%(" in text else text


class _Sentence:
    """A text that is translated when it is shown, like Django's lazy strings."""

    def __init__(self, code: str, params: Mapping[str, object]) -> None:
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return say(self.code, self.params)


class SheetRefused(Refused):
    """A file that cannot be read at all; its rows were not looked at.

    Codes: the keys of `FILE_TEXTS`. `params` are plain data, ready for an API answer.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _Sentence(code, params))
        self.params = params

    def __str__(self) -> str:
        return str(self.message)
