"""`weineng export standings|records|reconciliation|…`: take tables out as xlsx or csv (docs/sheets.md)."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from weineng.insight.actions import export_platform, export_standings
from weineng.insight.queries import PLATFORM_TABLES, PlatformTable, StandingsTable, notes_on_standings
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.kernel.words import LANGUAGES
from weineng.ops.commands import DataCommand
from weineng.ops.contract import served
from weineng.ops.options import actor_named, programme_named, provider_named, unit_named
from weineng.sheets import say, write_csv, write_sheet

MONTH = timedelta(days=30)
HOLDS = {
    "records": "what a platform delivered, by the day of the event",
    "deliveries": "its deliveries, by the day of arrival",
    "refused": "what was not stored, and why",
    "reconciliation": "both books, day by day",
    "counted": "what each programme counts of it",
    "changes": "what changed about its records without its doing",
    "check": "what is right and wrong in its sandbox",
}


class Command(DataCommand):
    help = "Take out tables; the log keeps who took out what."

    def add_arguments(self, parser: CommandParser) -> None:
        tables = parser.add_subparsers(dest="table", required=True)
        standings = tables.add_parser("standings", help="where everybody stands against every demand")
        standings.add_argument("--programme", required=True, help="code of the programme")
        standings.add_argument("--unit", help="code of a unit: only people at or below it")
        self._common(standings)
        for what in PLATFORM_TABLES:
            one = tables.add_parser(what, help=f"of a training platform: {HOLDS[what]}")
            one.add_argument("--provider", required=True, help="code of the platform")
            one.add_argument("--since", type=date.fromisoformat, help="the first day (default: thirty days before)")
            one.add_argument("--until", type=date.fromisoformat, help="the last day (default: today)")
            self._common(one)

    def _common(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, type=Path, help="the file: .xlsx or .csv")
        parser.add_argument("--as", dest="name", help="sign-in name: in this person's reach (default: the platform's)")
        parser.add_argument("--language", choices=LANGUAGES, default="zh-hans")

    def handle(self, *args, table: str, out: Path, language: str, **options) -> None:
        if out.suffix.lower() not in (".xlsx", ".csv"):
            raise CommandError("the file's name must end in .xlsx or .csv")
        with translation.override(language):
            try:
                taken = self._standings(**options) if table == "standings" else self._of_platform(table, **options)
            except Refused as refusal:
                raise CommandError(f"{refusal.code}: {refusal}") from refusal
            found, title, notes = taken
            if out.suffix.lower() == ".csv":
                content = write_csv(found.form, found.rows)
            else:
                content = write_sheet(found.form, found.rows, say, sheet_name=title, instructions=notes)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise CommandError(f"cannot be written: {error}") from error
        self.stdout.write(f"{out}: {len(found.rows)} rows")

    def _standings(
        self, *, programme: str, unit: str | None, name: str | None, **_more
    ) -> tuple[StandingsTable, str, list[str]]:
        by, ours, under = actor_named(name), programme_named(programme).pk, unit_named(unit)
        return export_standings(by=by, programme=ours, unit=under), _("Standings"), notes_on_standings()

    def _of_platform(
        self, what: str, *, provider: str, since: date | None, until: date | None, name: str | None, **_more
    ) -> tuple[PlatformTable, str, list[str]]:
        by = actor_named(name)
        last = until or today()
        first = since or last - MONTH
        code = provider_named(provider, by)
        table = export_platform(by=by, provider=code, what=what, since=first, until=last, means=_meanings())
        return table, what, [_("No number and no name of a person is in this table.")]


def _meanings() -> Mapping[str, str]:
    """What the codes of refusals mean, as the document of the API says it."""
    operations = [one for methods in json.loads(served())["paths"].values() for one in methods.values()]
    refusals = [said for one in operations for said in (*one.get("x-row-refusals", ()), *one.get("x-refusals", ()))]
    return {refusal["code"]: _(refusal["means"]) for refusal in refusals}
