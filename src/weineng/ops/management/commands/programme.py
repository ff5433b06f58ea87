"""`weineng programme check|load|schema`: check a programme's document, publish it, print the format's JSON Schema."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.checks import unfit_database
from weineng.organisations.models import Unit
from weineng.programmes.actions import publish_programme
from weineng.programmes.documents import DocumentRefused, check_document, document_schema, not_counted_yet
from weineng.programmes.queries import find_base


class Command(BaseCommand):
    help = "Check and publish programmes' documents."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="name every problem of a document at its line and column")
        check.add_argument("file")
        load = verbs.add_parser("load", help="publish a document as the next version of its programme")
        load.add_argument("file")
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

    def do_load(self, *, file: str, owner: str | None, **_) -> None:
        unit = Unit.objects.filter(code=owner).values_list("pk", flat=True).first() if owner else None
        if owner and unit is None:
            raise CommandError(f"no unit has the code {owner}")
        try:
            done = publish_programme(by=platform("ops"), source=read_text(file), owner=unit, file=file)
        except DocumentRefused as refused:
            raise CommandError("\n".join(str(problem) for problem in refused.problems)) from refused
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        code, number = done.version.programme.code, done.version.number
        self.stdout.write(f"{code}: version {number}" + (", unchanged" if done.unchanged else ""))

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
