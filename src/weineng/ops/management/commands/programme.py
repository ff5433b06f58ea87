"""`weineng programme check|load|schema`: check a programme's document, publish or propose it, print the format's JSON Schema."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.checks import unfit_database
from weineng.organisations.models import Unit
from weineng.programmes.actions import propose_version, publish_programme
from weineng.programmes.documents import DocumentRefused, check_document, document_schema, not_counted_yet
from weineng.programmes.queries import find_base


class Command(BaseCommand):
    help = "Check and publish programmes' documents."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="name every problem of a document at its line and column")
        check.add_argument("file")
        load = verbs.add_parser(
            "load", help="publish a document as the next version of its programme; once that has started, propose it"
        )
        load.add_argument("file")
        load.add_argument("--reason", default="", help="why a programme that has started is to change")
        load.add_argument(
            "--everybody", action="store_true", help="the change holds for those who take part already, too"
        )
        load.add_argument("--owner", help="code of the unit that runs the programme (needed the first time)")
        verbs.add_parser("schema", help="print the JSON Schema of the format")

    def handle(self, *args, verb: str, **options) -> None:
        if verb == "load" and (says := unfit_database(connection)):
            raise CommandError(says)
        getattr(self, f"do_{verb}")(**options)

    def do_check(self, *, file: str, **_) -> None:
        reading = check_document(read_text(file), beside(file), file)
        for problem in reading.problems:
            self.stdout.write(str(problem))
        if reading.problems:
            sys.exit(1)
        document = reading.document
        says = f"{len(document.demands)} demands, {len(document.assumptions)} assumed lines" if document else "a base"
        self.stdout.write(f"{reading.programme}: right ({says})")
        if document and (lines := not_counted_yet(document)):
            self.stdout.write(f"not counted yet, so it cannot be published: {', '.join(lines)}")

    def do_load(self, *, file: str, owner: str | None, reason: str, everybody: bool, **_) -> None:
        unit = Unit.objects.filter(code=owner).values_list("pk", flat=True).first() if owner else None
        if owner and unit is None:
            raise CommandError(f"no unit has the code {owner}")
        try:
            self.stdout.write(self._load(read_text(file), unit, file, reason, everybody=everybody))
        except DocumentRefused as refused:
            raise CommandError("\n".join(str(problem) for problem in refused.problems)) from refused
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal

    def _load(self, source: str, unit: int | None, file: str, reason: str, *, everybody: bool) -> str:
        """Publish or, once the programme has started, propose; returns what to say."""
        by = platform("ops")
        try:
            done = publish_programme(by=by, source=source, owner=unit, file=file)
        except Refused as refusal:
            if refusal.code != "needs-proposal":
                raise
            made = propose_version(by=by, source=source, everybody=everybody, reason=reason, file=file)
            whom = "everybody" if everybody else "new enrolments"
            return f"{made.programme.code}: proposed for {whom}; the programme has started, so its office confirms it"
        same = ", unchanged" if done.unchanged else ""
        return f"{done.version.programme.code}: version {done.version.number}{same}"

    def do_schema(self, **_) -> None:
        self.stdout.write(json.dumps(document_schema(), indent=1, ensure_ascii=False))


def read_text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot be read: {error}", returncode=2) from error


def beside(file: str):
    """Bases are looked for beside the file first, so that both can be checked before either is published."""

    def find(code: str) -> tuple[str, str] | None:
        place = Path(file).parent / f"{code}.yaml"
        return (str(place), place.read_text(encoding="utf-8")) if place.is_file() else find_base(code)

    return find
