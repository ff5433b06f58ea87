"""`weineng import roster|hours|results|items FILE --programme CODE`: bring a sheet in from the command line."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from weineng.accounts.models import Account
from weineng.accounts.queries import actor_for
from weineng.insight.sheets import apply_hours, apply_results, read_hours, read_results, read_roster_file
from weineng.kernel.actors import Actor, platform
from weineng.kernel.refusals import Refused
from weineng.organisations.models import Unit
from weineng.programmes.queries import document_in_force, programme
from weineng.sheets import annotate_workbook, say, sentence


class Command(BaseCommand):
    help = "Bring in a roster, hours, results or items (docs/sheets.md). Exit code 1 if any row was wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("roster", "hours", "results", "items"))
        parser.add_argument("file", type=Path)
        parser.add_argument("--programme", required=True, help="the programme's code")
        parser.add_argument("--unit", help="roster: the unit's code (default: the programme's owner)")
        parser.add_argument("--provider", help="hours: the code of the platform or office that reports")
        parser.add_argument(
            "--as", dest="account", help="the sign-in name of the account that acts (default: the platform itself)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument("--annotated", type=Path, help="write the file back here with the wrong cells marked")

    def handle(self, *args: Any, kind: str, file: Path, **options: Any) -> None:
        try:
            wrong = getattr(self, f"_{kind}")(self._actor(options["account"]), file, options)
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}", returncode=2) from refusal
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        if wrong:
            sys.exit(1)

    def _actor(self, name: str | None) -> Actor:
        if name is None:
            return platform("ops")
        account = Account.objects.filter(name=name.strip().lower(), is_active=True).first()
        if account is None:
            raise CommandError(f"There is no account {name}.", returncode=2)
        return actor_for(account, "ops")

    def _roster(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        owner = programme(options["programme"]).owner_id
        unit = (
            Unit.objects.filter(code=options["unit"]).values_list("pk", flat=True).first() if options["unit"] else owner
        )
        if unit is None:
            raise CommandError("There is no such unit.", returncode=2)
        data = file.read_bytes()
        sheet = read_roster_file(by, unit, data, file.name)
        if not options["dry_run"]:
            sheet = sheet.apply(by)
        self._write(options["annotated"], lambda: sheet.annotated(data))
        self.stdout.write(" ".join(f"{name}={count}" for name, count in sheet.counts.items()))
        self._name([(row.row, row.errors) for row in sheet.judged if row.verdict == "error"])
        return sheet.counts["wrong"]

    def _hours(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        if not options["provider"]:
            raise CommandError("Hours need --provider.", returncode=2)
        reading = read_hours(file.read_bytes(), file.name)
        minutes = document_in_force(programme(options["programme"]).pk).period_minutes
        rows = apply_hours(
            by=by,
            provider=options["provider"],
            reading=reading,
            period_minutes=minutes,
            name=file.name,
            dry_run=options["dry_run"],
        )
        return self._tell(rows, reading, options)

    def _results(self, by: Actor, file: Path, options: dict[str, Any]) -> int:
        reading = read_results(file.read_bytes(), file.name)
        rows = apply_results(
            by=by, programme=options["programme"], reading=reading, name=file.name, dry_run=options["dry_run"]
        )
        return self._tell(rows, reading, options)

    _items = _results  # one format: the column “item” says point or recording

    def _tell(self, rows: Any, reading: Any, options: dict[str, Any]) -> int:
        verdicts = [row.verdict for row in rows]
        wrong = verdicts.count("error")
        new = verdicts.count("ok") + verdicts.count("warning")
        self.stdout.write(f"new={new} same={verdicts.count('duplicate-of')} wrong={wrong}")
        self._name([(row.row, row.errors) for row in rows if row.verdict == "error"])
        self._write(
            options["annotated"],
            lambda: annotate_workbook(reading.table, list(rows), say),
        )
        return wrong

    def _name(self, rows: list[tuple[int, Any]]) -> None:
        for number, issues in rows[:50]:
            self.stderr.write(
                f"row {number}: " + "; ".join(f"{i.column}: {i.code}: {sentence(i, say)}" for i in issues)
            )

    def _write(self, place: Path | None, make: Any) -> None:
        if place is not None:
            place.write_bytes(make())
