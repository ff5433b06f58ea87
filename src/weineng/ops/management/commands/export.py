"""`weineng export standings --programme CODE --out FILE`: take tables out as xlsx or csv (docs/sheets.md)."""

from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from weineng.insight.actions import export_standings
from weineng.insight.queries import notes_on_standings
from weineng.kernel.refusals import Refused
from weineng.kernel.words import LANGUAGES
from weineng.ops.commands import DataCommand
from weineng.ops.options import actor_named, programme_named, unit_named
from weineng.sheets import say, write_csv, write_sheet


class Command(DataCommand):
    help = "Take out tables; the log keeps who took out what."

    def add_arguments(self, parser: CommandParser) -> None:
        tables = parser.add_subparsers(dest="table", required=True)
        standings = tables.add_parser("standings", help="where everybody stands against every demand")
        standings.add_argument("--programme", required=True, help="code of the programme")
        standings.add_argument("--out", required=True, type=Path, help="the file: .xlsx or .csv")
        standings.add_argument("--unit", help="code of a unit: only people at or below it")
        standings.add_argument(
            "--as", dest="name", help="sign-in name: in this person's reach (default: the platform's)"
        )
        standings.add_argument("--language", choices=LANGUAGES, default="zh-hans")

    def handle(self, *args, table: str, **options) -> None:
        getattr(self, table)(**options)

    def standings(
        self, *, programme: str, out: Path, unit: str | None, name: str | None, language: str, **_more
    ) -> None:
        if out.suffix.lower() not in (".xlsx", ".csv"):
            raise CommandError("the file's name must end in .xlsx or .csv")
        by, ours, under = actor_named(name), programme_named(programme).pk, unit_named(unit)
        with translation.override(language):
            try:
                table = export_standings(by=by, programme=ours, unit=under)
            except Refused as refusal:
                raise CommandError(f"{refusal.code}: {refusal}") from refusal
            if out.suffix.lower() == ".csv":
                content = write_csv(table.form, table.rows)
            else:
                content = write_sheet(
                    table.form, table.rows, say, sheet_name=_("Standings"), instructions=notes_on_standings()
                )
        try:
            out.write_bytes(content)
        except OSError as error:
            raise CommandError(f"cannot be written: {error}") from error
        self.stdout.write(f"{out}: {len(table.rows)} rows")
