"""Reads the spreadsheets offices really send, says what is wrong in them, and writes sheets that come back unchanged.

Plain Python on bytes: no database, no request. The register of schools, today's date and the reader's language are
handed in. `read_workbook` opens a file, `read_roster` and `read_table` judge its rows, `annotate_workbook` gives the person's
own file back with the wrong cells marked, `write_roster` and `write_sheet` export.
"""

from weineng.sheets.annotate import annotate_workbook
from weineng.sheets.formats import (
    Column,
    ColumnPlan,
    Kind,
    SheetFormat,
    format_from_lists,
    roster_format,
)
from weineng.sheets.headers import (
    FoundColumn,
    Ignored,
    Table,
    locate,
    roster_sheets,
)
from weineng.sheets.reading import read_workbook
from weineng.sheets.roster import (
    OwnRow,
    ReadRow,
    RosterReading,
    RosterValues,
    read_roster,
    roster_texts,
)
from weineng.sheets.schools import SchoolMatch, SchoolRegister, Unit
from weineng.sheets.tables import TableReading, TableRow, read_table
from weineng.sheets.texts import Say, SheetRefused, say, sentence
from weineng.sheets.verdicts import Issue, JudgedRow, Verdict
from weineng.sheets.workbook import (
    DEFAULT_LIMITS,
    CellError,
    Limits,
    Sheet,
    Value,
    Workbook,
)
from weineng.sheets.writing import write_csv, write_roster, write_sheet

__all__ = [
    "DEFAULT_LIMITS",
    "CellError",
    "Column",
    "ColumnPlan",
    "FoundColumn",
    "Ignored",
    "Issue",
    "JudgedRow",
    "Kind",
    "Limits",
    "OwnRow",
    "ReadRow",
    "RosterReading",
    "RosterValues",
    "Say",
    "SchoolMatch",
    "SchoolRegister",
    "Sheet",
    "SheetFormat",
    "SheetRefused",
    "Table",
    "TableReading",
    "TableRow",
    "Unit",
    "Value",
    "Verdict",
    "Workbook",
    "annotate_workbook",
    "format_from_lists",
    "locate",
    "read_roster",
    "read_table",
    "read_workbook",
    "roster_format",
    "roster_sheets",
    "roster_texts",
    "say",
    "sentence",
    "write_csv",
    "write_roster",
    "write_sheet",
]
