"""`weineng audit verify|export|anchor`: check the log, take it out, lay its head down outside."""

import json
import sys
from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from weineng.audit import chain
from weineng.audit.actions import anchor_head, seal_lines
from weineng.audit.queries import anchor_entries, export_entries
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand


class Command(DataCommand):
    help = "Check the log's hash chain and its anchors, export it, anchor its head."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="check the chain, in the database or in an exported file")
        verify.add_argument("file", nargs="?", help="an export (default: the database)")
        verify.add_argument(
            "--anchors",
            help="the file of anchors kept outside (default: those in the database)",
        )
        export = verbs.add_parser("export", help="write the log as JSON lines for the stand-alone checker")
        export.add_argument("--out", default="-", help="the file (default: standard output)")
        verbs.add_parser("anchor", help="lay the head down outside now")

    def handle(self, *args, verb: str, **options) -> None:
        getattr(self, verb)(**options)

    def verify(self, *, file: str | None, anchors: str | None, **_) -> None:
        try:
            entries = chain.read_entries(Path(file)) if file else export_entries()
            outside = list(chain.read_entries(Path(anchors))) if anchors else anchor_entries() if not file else []
            found = chain.check_lines(entries, outside)
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"cannot be read: {error}", returncode=2) from error
        for fault in found.faults:
            self.stdout.write(f"BROKEN {fault}")
        self.stdout.write(
            f"{'whole' if found.whole else 'broken'}: {found.sealed} sealed, {found.unsealed} not sealed yet, "
            f"{found.anchors} anchors, head {found.head}"
        )
        if not found.whole:
            sys.exit(1)

    def export(self, *, out: str, **_) -> None:
        if out == "-":
            self._write(self.stdout)
        else:
            with Path(out).open("w", encoding="utf-8") as file:
                self._write(file)

    def _write(self, file) -> None:
        for entry in export_entries():
            file.write(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")

    def anchor(self, **_) -> None:
        seal_lines(by=platform("ops"))
        try:
            anchor = anchor_head(by=platform("ops"), occasion="command")
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        self.stdout.write(f"anchored position {anchor.position}" if anchor else "the head has not moved")
