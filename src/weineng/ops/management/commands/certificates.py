"""`weineng certificates check|rotate-key`: check every stored signature, put a new signing key in use."""

import sys

from django.core.management.base import CommandParser

from weineng.certification.actions import rotate_signing_key
from weineng.certification.queries import forged_certificates
from weineng.kernel.actors import platform
from weineng.ops.commands import DataCommand


class Command(DataCommand):
    help = "Check the signatures of all certificates (exit code 1 if one is wrong), or change the key that signs."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("check", help="is every certificate what was signed?")
        verbs.add_parser("rotate-key", help="retire the key in use for good; what it signed keeps its proof")

    def handle(self, *args, verb: str, **options) -> None:
        if verb == "rotate-key":
            self.stdout.write(f"key {rotate_signing_key(by=platform('ops')).name} signs from now on")
            return
        count, forged = forged_certificates()
        for number in forged:
            self.stdout.write(f"FORGED {number}")
        self.stdout.write(f"{count} checked, {len(forged)} not what was signed")
        if forged:
            sys.exit(1)
