"""The committed document of the API (docs/api/v1.json): check it, or write what has been added."""

import json
from difflib import unified_diff
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from weineng.ops.contract import served, shrunk

COMMITTED = Path("docs/api/v1.json")


class Command(BaseCommand):
    help = (
        "Compare the API with its committed document. Version 1 only grows: what would take something away is refused."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--check", action="store_true", help="exit 1 if the document is not what the API is")
        what.add_argument("--write", action="store_true", help="write the document, unless something would be lost")
        parser.add_argument("--file", type=Path, default=settings.CHECKOUT / COMMITTED)

    def handle(self, *, check, file, **options):
        now, before = served(), file.read_text(encoding="utf-8") if file.exists() else ""
        lost = shrunk(json.loads(before), json.loads(now)) if before else []
        for line in lost:
            self.stderr.write(line)
        if lost:
            self.stderr.write("Version 1 only grows: keep these, and add what is new beside them.")
            raise SystemExit(1)
        if check and now != before:
            for line in unified_diff(before.splitlines(), now.splitlines(), str(COMMITTED), "the API", lineterm=""):
                self.stdout.write(line)
            self.stderr.write("The committed document is not what the API is: weineng api --write")
            raise SystemExit(1)
        if not check:
            file.write_text(now, encoding="utf-8")
            self.stdout.write(f"{file}: {sum(map(len, json.loads(now)['paths'].values()))} operations")
