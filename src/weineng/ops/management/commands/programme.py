"""`weineng programme check|load|schema`: check a programme's document, publish or propose it, print the format's JSON Schema."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.utils.translation import override

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.kernel.words import LANGUAGES
from weineng.ops.checks import unfit_database
from weineng.organisations.models import Unit
from weineng.programmes.actions import propose_version, publish_programme
from weineng.programmes.documents import (
    LOOSENING,
    DocumentRefused,
    Reading,
    as_base_says,
    check_document,
    document_schema,
    shipped_points,
)
from weineng.programmes.proving import (
    TeacherKind,
    answer_text,
    answers,
    kind_text,
    kinds_of,
    line_texts,
    notes,
    witness_texts,
)
from weineng.programmes.queries import find_base, kinds_in_roster
from weineng.programmes.rules import Document
from weineng.progress.queries import Proven, loosened, loosened_text, prove, told


class Command(BaseCommand):
    help = "Check and publish programmes' documents."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser(
            "check", help="name every problem of a document at its line and column, and say who can pass under it"
        )
        check.add_argument("file")
        check.add_argument(
            "--against", metavar="CODE", help="the unit whose roster it is held against: whom it lets pass"
        )
        check.add_argument("--language", choices=LANGUAGES, help="in which it is told (zh-hans if nothing is said)")
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

    def do_check(self, *, file: str, against: str | None, language: str | None, **_) -> None:
        unit = unit_of(against)
        with override(language or settings.LANGUAGE_CODE):
            reading = check_document(read_text(file), beside(file), file)
            for problem in reading.problems:
                self.stdout.write(str(problem))
                if reading.draft is not None and problem.code in LOOSENING:
                    self._shown(reading.draft, as_base_says(read_text(file), beside(file), problem.path, file))
            if not reading.problems:
                self._right(reading)
            stuck = self._reached(reading, reading.draft, unit) if reading.draft else False
        if reading.problems or stuck:
            sys.exit(1)

    def _shown(self, below: Document, above: Document | None) -> None:
        """Tell a history that passes under the document and not where the line says what the base says."""
        try:
            found = loosened(below, above) if above is not None else None
        except OperationalError:
            return
        if found is None or above is None:
            return
        self.stdout.write(f"    {loosened_text(above, found)}")
        for text in witness_texts(below, found.witness):
            self.stdout.write(f"    - {text}")

    def _right(self, reading: Reading) -> None:
        document = reading.document
        says = f"{len(document.demands)} demands, {len(document.assumptions)} assumed lines" if document else "a base"
        self.stdout.write(f"{reading.programme}: right ({says})")

    def _reached(self, reading: Reading, document: Document, unit: int | None) -> bool:
        """Say who can reach what, how, or which lines stand against it; whether somebody of the roster cannot pass."""
        roster = kinds_in_roster(document, unit) if unit is not None else {}
        found = self._proven(document, list(roster) if unit is not None else list(kinds_of(document)))
        for one in told(found):
            for kind in one.kinds:
                people, _schools = roster.get(kind, (0, 0))
                self.stdout.write(kind_text(kind, people))
            said, reached = one.proven.answer, one.proven.answer.witness is not None
            self.stdout.write(f"    {answer_text(said.goal, proven=one.proven.holds, reached=reached)}")
            for text in witness_texts(document, said.witness) if said.witness else ():
                self.stdout.write(f"    - {text}")
            for number, lines in enumerate(said.contradictions, 1):
                for line in line_texts(document, lines):
                    self.stdout.write(f"    {number}. {reading.place_of(line.path)}: {line.path}: {line.text}")
        for note in notes(document, shipped_points(document.standard) or {}):
            self.stdout.write(f"{reading.place_of(note.lines[0])}: {', '.join(note.lines)}: {note.text}")
        return any(one.answer.goal == "pass" and not one.answer.witness and one.answer.kind in roster for one in found)

    def _proven(self, document: Document, kinds: list[TeacherKind]) -> Iterable[Proven]:
        """Where there is no database nothing is counted: contradictions are told, witnesses only supposed."""
        try:
            says = unfit_database(connection)
            if not says:
                return prove(document, kinds)
        except OperationalError:
            says = "no database answers"
        self.stderr.write(f"{says.rstrip('.')}: who can reach what is worked out, but not counted")
        found = answers(document, kinds, shipped_points(document.standard) or {})
        return [Proven(one, None, bool(one.contradictions)) for one in found]

    def do_load(self, *, file: str, owner: str | None, reason: str, everybody: bool, **_) -> None:
        unit = unit_of(owner)
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


def unit_of(code: str | None) -> int | None:
    """The unit of a code; None without one."""
    unit = Unit.objects.filter(code=code).values_list("pk", flat=True).first() if code else None
    if code and unit is None:
        raise CommandError(f"no unit has the code {code}")
    return unit


def beside(file: str):
    """Bases are looked for beside the file first, so that both can be checked before either is published."""

    def find(code: str) -> tuple[str, str] | None:
        place = Path(file).parent / f"{code}.yaml"
        return (str(place), place.read_text(encoding="utf-8")) if place.is_file() else find_base(code)

    return find
