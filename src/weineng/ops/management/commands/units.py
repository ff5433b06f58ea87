"""`weineng units FILE`: found the tree of offices and schools from a csv file; units whose code is known are left as they are.

Columns: code, name, level, kind, parent (a code above it in the file or in the tree; empty for a root), stages (words
with spaces between them). Teaching groups need no line: they come with the roster.
"""

import csv
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import found_unit
from weineng.organisations.models import Unit

COLUMNS = {"code", "name", "level", "kind", "parent", "stages"}


class Command(BaseCommand):
    help = "Found offices and schools from a csv file (UTF-8)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="csv with the columns code, name, level, kind, parent, stages")

    def handle(self, *args, file: str, **options) -> None:
        founded = known = 0
        with transaction.atomic():
            for line, row in enumerate(read_rows(file), 2):
                if Unit.objects.filter(code=row["code"]).exists():
                    known += 1
                    continue
                try:
                    self._found(row, line)
                except Refused as refusal:
                    raise CommandError(f"{file}:{line}: {refusal.code}: {refusal}") from refusal
                founded += 1
        self.stdout.write(f"{founded} founded, {known} known already")

    def _found(self, row: dict[str, str], line: int) -> None:
        parent = Unit.objects.filter(code=row["parent"]).values_list("pk", flat=True).first() if row["parent"] else None
        if row["parent"] and parent is None:
            raise CommandError(f"line {line}: no unit has the code {row['parent']}")
        found_unit(
            by=platform("ops"), name=row["name"], level=row["level"], kind=row["kind"], parent=parent, code=row["code"],
            official_code=row["code"], stages=row["stages"].split(), place=line,
        )  # fmt: skip


def read_rows(file: str) -> list[dict[str, str]]:
    """The rows, stripped; refuses a file that cannot be read, lacks a column or a code."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as source:
            rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in csv.DictReader(source)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"cannot be read: {error}", returncode=2) from error
    for line, row in enumerate(rows, 2):
        if lacking := COLUMNS - row.keys():
            raise CommandError(f"{file}: the columns {', '.join(sorted(lacking))} are missing")
        if not row["code"]:
            raise CommandError(f"{file}:{line}: the code is missing")
    return rows
