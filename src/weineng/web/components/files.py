"""A table as a file to save."""

from collections.abc import Mapping, Sequence

from django.http import HttpResponse

from weineng.sheets import SheetFormat, say, write_csv, write_sheet

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


def table_file(
    form: SheetFormat, rows: Sequence[Mapping[str, object]], *, kind: str, name: str, title: str, notes: Sequence[str]
) -> HttpResponse:
    """The table as xlsx (`kind`; a second sheet holds the `notes`) or csv; `name` without its ending, in ASCII."""
    if kind == "csv":
        content = write_csv(form, rows)
    else:
        kind, content = "xlsx", write_sheet(form, rows, say, sheet_name=title, instructions=notes)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
