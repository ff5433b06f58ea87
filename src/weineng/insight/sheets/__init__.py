"""Spreadsheets as an interface to the work itself: rosters, hours, results and items in; judged, previewed, applied.

The engine (`weineng.sheets`) knows files and words; here its rows meet our tables. Pages and commands call the same
functions, so they say the same thing.
"""

from weineng.insight.sheets.books import BOOKS, apply_books, read_books
from weineng.insight.sheets.hours import HOURS, apply_hours, counts, read_hours
from weineng.insight.sheets.naming import Named, blob_names
from weineng.insight.sheets.results import RESULTS, apply_results, read_results
from weineng.insight.sheets.rosters import RosterSheet, export_roster_file, read_roster_file, template_file
from weineng.insight.sheets.stored import (
    AnySheet,
    pack_sheet,
    pack_understood,
    unpack_sheet,
    unpack_understood,
)
from weineng.insight.sheets.understood import LISTED, Understood
from weineng.insight.sheets.work import FORMATS, Source, WorkSheet, read_work_file

__all__ = [
    "BOOKS",
    "FORMATS",
    "HOURS",
    "LISTED",
    "RESULTS",
    "AnySheet",
    "Named",
    "RosterSheet",
    "Source",
    "Understood",
    "WorkSheet",
    "apply_books",
    "apply_hours",
    "apply_results",
    "blob_names",
    "counts",
    "export_roster_file",
    "pack_sheet",
    "pack_understood",
    "read_books",
    "read_hours",
    "read_results",
    "read_roster_file",
    "read_work_file",
    "template_file",
    "unpack_sheet",
    "unpack_understood",
]
