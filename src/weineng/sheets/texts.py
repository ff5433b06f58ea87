"""Every sentence of this package, by code: refused files, wrong cells, states of rows, the exported sheets' own words.

Message ids are English; they are translated when they are shown, so reading a file needs no settings, only showing a sentence does.
"""

from collections.abc import Mapping
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.sheets.verdicts import Issue


class Say(Protocol):
    """How a caller turns a code and its parameters into a sentence in the reader's language."""

    def __call__(self, code: str, params: Mapping[str, object], /) -> str:
        """The sentence for a code in the reader's language."""


FILE_TEXTS = {
    "file-empty": _("The file is empty."),
    "file-too-big": _("The file is bigger than %(limit)s MB. Divide it and send the parts."),
    "too-many-rows": _("The file has more than %(limit)s rows. Divide it and send the parts."),
    "file-is-bomb": _(
        "The file would unpack to a size no roster has (%(what)s). Copy the filled cells into a new workbook and send that."
    ),
    "file-protected": _("The file is protected with a password. Take the password away and send it again."),
    "file-old-excel": _(
        "The file has the old Excel format (.xls). Open it, save it as “Excel workbook (.xlsx)” and send that."
    ),
    "file-not-sheet": _(
        "The file is not a spreadsheet (%(kind)s), whatever its name says. Send an .xlsx or a .csv file."
    ),
    "file-broken": _("The file is damaged and cannot be read to its end. Open it, save it again and send that."),
    "quote-not-closed": _(
        "A quotation mark in row %(row)s is never closed, so the rows after it cannot be told apart. Close or remove it."
    ),
    "no-sheet-of-kind": _(
        "No sheet of the file has the headings of “%(kind)s”: %(columns)s. Write them above your columns, or use the template."
    ),
    "columns-missing": _("The sheet lacks needed columns: %(columns)s."),
}

CELL_TEXTS = {
    "name-missing": _("The name is missing."),
    "name-invalid": _("“%(written)s” is not a name."),
    "id-checksum": _("The identity number is mistyped: its last character does not fit the others."),
    "id-damaged": _(
        "The spreadsheet damaged this identity number (its last digits are lost). Format the cell as text and type it again."
    ),
    "id-format": _("The identity number must have 18 characters with a possible birth date, and may not be empty."),
    "id-masked": _(
        "The identity number is shortened with asterisks, and nothing else says who is meant. Write it in full."
    ),
    "school-unknown": _("No school has this code and this name: “%(written)s”."),
    "school-ambiguous": _("“%(written)s” can be several schools: %(schools)s."),
    "school-guessed": _("“%(written)s” was read as %(school)s."),
    "school-name-differs": _("The school with this code is called %(school)s; the file says “%(written)s”."),
    "subject-unknown": _("The subject “%(written)s” is not in the list."),
    "establishment-unknown": _("The kind of employment “%(written)s” is not in the list."),
    "stage-unknown": _("The school stage “%(written)s” is not in the list."),
    "stage-mismatch": _("%(school)s does not offer the stage “%(written)s”."),
    "gender-unknown": _("The gender “%(written)s” is not in the list."),
    "id-type-unknown": _("The kind of document “%(written)s” is not in the list."),
    "in-post-unknown": _("The state of duty “%(written)s” is not in the list."),
    "licence-unknown": _("The entry “%(written)s” for the teaching licence is not in the list."),
    "word-unknown": _("“%(written)s” is not in the list of this column."),
    "date-invalid": _("“%(written)s” is not a date that can be read for certain. Write it like 2021-09-01."),
    "time-invalid": _("“%(written)s” is not a time of day. Write it like 08:30."),
    "name-differs": _("The name with this number in the roster is another one. Check the number."),
    "person-unknown": _(
        "Nobody here has this number yet. The hours are kept and count once the person is in the roster."
    ),
    "before-the-cycle": _("This was decided before the programme began; it counts all the same."),
    "phone-invalid": _("“%(written)s” is not a mobile number of 11 digits that begins with 1."),
    "number-invalid": _("“%(written)s” is not a number that fits here."),
    "code-invalid": _("“%(written)s” is not a code that fits here."),
    "value-missing": _("This cell may not be empty."),
    "cell-error": _("A formula in this cell ended in an error (%(written)s)."),
    "too-long": _("The text is longer than %(limit)s characters."),
    "duplicate-row": _("The same entry as row %(row)s. Nothing has to be done."),
    "id-name-conflict": _("This identity number stands beside different names in this file (%(names)s)."),
}

SHEET_TEXTS = {
    "status-header": _("Check result"),
    "status-ok": _("This row is right"),
    "status-warning": _("Please look at this row"),
    "status-error": _("This row is not taken in"),
    "status-duplicate": _("This row is in the file twice"),
    "sheet-roster": _("Roster of teachers"),
    "sheet-hours": _("Hours"),
    "sheet-results": _("Results and items"),
    "sheet-books": _("Books of a platform"),
    "sheet-instructions": _("How to fill this in"),
    "sheet-lists": _("Words of the lists"),
    "help-one-row": _("One row for each person and school; do not merge cells."),
    "help-required": _("Columns with * must be filled."),
    "help-text": _(
        "Identity numbers, phone numbers and codes are text: the cells are formatted for it, keep that when you paste."
    ),
    "help-dates": _("Dates are written like 2021-09-01."),
    "help-lists": _("Columns with a list take the words of that list."),
    "help-mark": _("The last column tells which row is whose. Leave it as it is; clear it in rows that you copy."),
    "help-headings": _("Columns may be moved or left out; keep their headings."),
}

TEXTS: Mapping[str, str | Promise] = FILE_TEXTS | CELL_TEXTS | SHEET_TEXTS


def sentence(issue: Issue, say: Say) -> str:
    """What is wrong, in the reader's language: in the words of whoever refused the row, else in ours."""
    return str(issue.text) if issue.text else say(issue.code, issue.params)


def say(code: str, params: Mapping[str, object] | None = None) -> str:
    """The sentence for `code` in the active language; the code itself where there is no sentence."""
    text = str(TEXTS.get(code, code))
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
