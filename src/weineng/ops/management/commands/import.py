"""`weineng import roster|hours|results|items|books FILE`: bring a sheet in from the command line."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from weineng.accounts.rules import source_code
from weineng.insight.sheets import (
    apply_books,
    apply_hours,
    apply_results,
    counts,
    read_books,
    read_hours,
    read_results,
    read_roster_file,
)
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand
from weineng.ops.options import actor_named, programme_named, provider_named, unit_named
from weineng.programmes.queries import document_in_force
from weineng.sheets import annotate_workbook, say, sentence

NAMED = 50  # rows of each kind that are named one by one


class Command(DataCommand):
    help = "Bring in a roster, hours, results, items or a platform's own books (docs/sheets.md). Exit code 1 if any row was wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("roster", "hours", "results", "items", "books"))
        parser.add_argument("file", type=Path)
        parser.add_argument("--programme", help="the programme's code; of all but books it has to be said")
        parser.add_argument("--unit", help="roster, results: the unit's code (default: the programme's owner)")
        parser.add_argument("--provider", help="hours, books: the code of the platform or office that reports")
        parser.add_argument("--sandbox", action="store_true", help="hours: into the sandbox of the platform")
        parser.add_argument(
            "--as", dest="account", help="the sign-in name of the account that acts (default: the platform itself)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument(
            "--annotated", type=Path, help="write it back here, as a workbook (xlsx) with the wrong cells marked"
        )

    def handle(self, *args: Any, kind: str, file: Path, **options: Any) -> None:
        if kind != "books" and options["programme"] is None:
            raise CommandError("Say --programme.", returncode=2)
        try:
            wrong = getattr(self, f"_{kind}")(actor_named(options["account"]), file, options)
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}", returncode=2) from refusal
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        if wrong:
            sys.exit(1)

    def _unit(self, options: dict[str, Any]) -> int:
        """The unit that was named, else the one that runs the programme."""
        ours = programme_named(options["programme"])
        unit = unit_named(options["unit"]) or ours.owner_id
        if unit is None:
            raise CommandError(f"--programme {ours.code}: no unit runs it; say --unit.", returncode=2)
        return unit

    def _roster(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        unit = self._unit(options)
        data = file.read_bytes()
        sheet = read_roster_file(by, unit, data, file.name)
        if not options["dry_run"]:
            sheet = sheet.apply(by)
        self._write(options["annotated"], lambda: sheet.annotated(data))
        self.stdout.write(" ".join(f"{name}={count}" for name, count in sheet.counts.items()))
        self._pass_over(sheet.about.unknown)
        self._name(sheet.judged)
        return sheet.counts["wrong"]

    def _hours(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        ours, provider = programme_named(options["programme"]), provider_named(options["provider"], by)
        reading = read_hours(file.read_bytes(), file.name)
        minutes = document_in_force(ours.pk).period_minutes
        rows = apply_hours(
            by=by,
            provider=source_code(provider, sandbox=options["sandbox"]),
            rows=reading.rows,
            period_minutes=minutes,
            name=file.name,
            dry_run=options["dry_run"],
        )
        return self._tell(rows, reading, options)

    def _books(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        provider = provider_named(options["provider"], by)
        reading = read_books(file.read_bytes(), file.name)
        return self._tell(
            apply_books(by=by, provider=provider, rows=reading.rows, dry_run=options["dry_run"]), reading, options
        )

    def _results(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        ours, unit = programme_named(options["programme"]), self._unit(options)
        reading = read_results(file.read_bytes(), file.name)
        rows = apply_results(
            by=by,
            programme=ours.code,
            unit=unit,
            rows=reading.rows,
            name=file.name,
            dry_run=options["dry_run"],
        )
        return self._tell(rows, reading, options)

    _items = _results  # one format: the column “item” says point or recording

    def _tell(self, rows: Any, reading: Any, options: dict[str, Any]) -> int:
        tally = counts(rows)
        self.stdout.write(" ".join(f"{name}={count}" for name, count in tally.items()))
        self._pass_over(reading.table.unknown)
        self._name(rows)
        self._write(
            options["annotated"],
            lambda: annotate_workbook(reading.table, list(rows), say),
        )
        return tally["wrong"]

    def _pass_over(self, headings: Sequence[str]) -> None:
        if headings:
            self.stderr.write(f"columns not understood, passed over: {', '.join(headings)}")

    def _name(self, rows: Any) -> None:
        """The wrong rows, then those that went in and that somebody should look at; of each kind the first ones."""
        for verdict, mark in (("error", ""), ("warning", "look: ")):
            found = [row for row in rows if row.verdict == verdict]
            for row in found[:NAMED]:
                issues = row.errors if verdict == "error" else row.warnings
                says = "; ".join(f"{i.column}: {i.code}: {sentence(i, say)}" for i in issues)
                self.stderr.write(f"row {row.row}: {mark}{says}")
            if len(found) > NAMED:
                self.stderr.write(f"{mark}and {len(found) - NAMED} rows more; --annotated FILE marks all")

    def _write(self, place: Path | None, make: Any) -> None:
        if place is not None:
            place.write_bytes(make())
