"""`weineng units FILE`: found the tree of offices and schools from a csv file (docs/sheets.md, “Units”).

Units whose code is known are left as they are. Teaching groups need no line: they come with the roster.
"""

import csv
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from weineng.insight.sheets.words import values
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand
from weineng.organisations.actions import found_unit
from weineng.organisations.models import KINDS_OF, STAGES, Unit
from weineng.sheets import roster_format
from weineng.sheets.plain import plain

NEEDED = ("code", "name", "level", "kind", "parent", "stages")
_SEVERAL = re.compile(r"[\s;,\u3001\uff1b\uff0c]+")  # also full-width


def _lists() -> dict[str, dict[str, str]]:
    """Writing → value for headings, levels, kinds and stages; the stages are those of the roster, and our own words."""
    lists: dict[str, dict[str, str]] = {}
    text = files("weineng.ops").joinpath("data", "unit-words.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        lists.setdefault(row["list"], {})[plain(row["accepted_writing"])] = row["value"]
    [stage] = [column for column in roster_format().columns if column.key == "stage"]
    lists["stages"] = {writing: values("stage")[word] for writing, word in stage.words.items()}
    lists["stages"] |= {word: word for word in STAGES}
    return lists


WORDS = _lists()


class Command(DataCommand):
    help = "Found offices and schools from a csv file (UTF-8)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="csv with the columns code, name, level, kind, parent, stages")

    def handle(self, *args, file: str, **options) -> None:
        founded = known = 0
        rows, unread = read_rows(file)
        with transaction.atomic():
            for line, row in enumerate(rows, 2):
                if Unit.objects.filter(code=row["code"]).exists():
                    known += 1
                    continue
                try:
                    self._found(row, line)
                except Refused as refusal:
                    raise CommandError(f"{file}: line {line}: {refusal.code}: {refusal}") from refusal
                except ValueError as error:
                    raise CommandError(f"{file}: line {line}: {error}") from error
                founded += 1
        said = f"; not read: {', '.join(unread)}" if unread else ""
        self.stdout.write(f"{founded} founded, {known} known already{said}")

    def _found(self, row: Mapping[str, str], line: int) -> None:
        parent = Unit.objects.filter(code=row["parent"]).values_list("pk", flat=True).first() if row["parent"] else None
        if row["parent"] and parent is None:
            raise ValueError(f"parent: no unit has the code {row['parent']}.")
        level, kind = word("level", row["level"]), word("kind", row["kind"])
        if kind not in KINDS_OF[level]:
            raise ValueError(f"kind: a {level} cannot be “{row['kind']}”, only {', '.join(KINDS_OF[level])}.")
        found_unit(
            by=platform("ops"), name=row["name"], level=level, kind=kind,
            parent=parent, code=row["code"], official_code=row.get("official_code", row["code"]) or None,
            stages=[word("stages", text) for text in _SEVERAL.split(row["stages"]) if text],
            flags=[text for text in _SEVERAL.split(row.get("flags", "")) if text], place=line,
        )  # fmt: skip


def word(name: str, written: str) -> str:
    """The value of a writing, in either script; a ValueError names what the list has."""
    try:
        return WORDS[name][plain(written)]
    except KeyError:
        raise ValueError(f"{name}: “{written}” is none of {', '.join(_known(name))}.") from None


def _known(name: str) -> list[str]:
    """The words of a list as its refusal names them: what a Chinese file says, and ours where that is not all."""
    if name == "stages":
        return list(values("stage"))
    writings: dict[str, list[str]] = {}
    for writing, value in WORDS[name].items():
        writings.setdefault(value, []).append(writing)
    return [f"{value} {next(text for text in said if not text.isascii())}" for value, said in writings.items()]


def read_rows(file: str) -> tuple[list[dict[str, str]], list[str]]:
    """The rows by our columns' names, stripped, and the headings that say nothing to us; refuses a file that cannot be read,
    lacks a column or a code."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source)
            headings = {heading: WORDS["header"].get(plain(heading)) for heading in reader.fieldnames or () if heading}
            rows = [{ours: (row[given] or "").strip() for given, ours in headings.items() if ours} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"cannot be read: {error}", returncode=2) from error
    for column in NEEDED:
        if column not in headings.values():
            others = [text for text, value in WORDS["header"].items() if value == column and text != column]
            also = f" (it may also be called {', '.join(others)})" if others else ""
            raise CommandError(f"{file}: the column {column} is missing{also}.", returncode=2)
    for line, row in enumerate(rows, 2):
        if not row["code"]:
            raise CommandError(f"{file}: line {line}: the code is missing.")
    return rows, [heading for heading, ours in headings.items() if ours is None]
