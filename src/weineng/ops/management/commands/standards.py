"""`weineng standards load [FOLDER]`: bring in an edition of a standard; without a folder, those that come with the platform."""

from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand
from weineng.standards.actions import load_edition
from weineng.standards.rules import EDITIONS


class Command(DataCommand):
    help = "Load editions of the standard: capability points, evidence, rubrics."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        load = verbs.add_parser("load", help="load an edition; a second time writes nothing")
        load.add_argument(
            "folder", nargs="?", help="with edition.yaml and three tables (default: those of the platform)"
        )

    def handle(self, *args, verb: str, folder: str | None, **options) -> None:
        folders = [Path(folder)] if folder else sorted(p for p in EDITIONS.iterdir() if p.is_dir())
        for place in folders:
            try:
                done = load_edition(by=platform("ops"), folder=place)
            except Refused as refusal:
                raise CommandError(f"{refusal.code}: {refusal}") from refusal
            self.stdout.write(f"{done.edition.code}: {done.new} new, {done.changed} changed, {done.same} unchanged")
