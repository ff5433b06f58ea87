"""Compile the translations; with --write merge the parts, and name what is not translated."""

from pathlib import Path

from django.core.management.base import BaseCommand

import weineng
from weineng.ops.catalogues import catalogue_folders, compile_catalogues, merge, misplaced, missing


class Command(BaseCommand):
    help = "Compile the message catalogues."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="merge the parts into django.po")
        parser.add_argument("--missing", action="store_true", help="list what is not translated; exit 1 if anything is")

    def handle(self, *, write, **options):
        package = Path(weineng.__file__).parent
        if write:
            self.merge_parts(package / "locale")
        count = compile_catalogues(package / "locale")
        if options["verbosity"] > 1 or write:
            self.stdout.write(f"{count} catalogues compiled")
        if (write or options["missing"]) and self.tell_missing(package) and options["missing"]:
            raise SystemExit(1)

    def merge_parts(self, locale):
        for folder in catalogue_folders(locale):
            merge(folder).save(str(folder / "django.po"))

    def tell_missing(self, package):
        total = 0
        for folder in catalogue_folders(package / "locale"):
            lacking = missing(package, folder)
            total += len(lacking)
            for message, where in lacking.items():
                self.stdout.write(f"{folder.parent.name}  {where}  {message!r}")
            wrong = misplaced(folder)
            total += len(wrong)
            for message, text in wrong.items():
                self.stdout.write(f"{folder.parent.name}  other places in {message!r}: {text!r}")
            self.stdout.write(f"{folder.parent.name}: {len(lacking)} not translated, {len(wrong)} with other places")
        return total
