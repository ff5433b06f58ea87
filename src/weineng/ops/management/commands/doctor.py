"""Look at everything this installation needs; the exit code is 1 if something does not work."""

from django.core.management.base import BaseCommand

from weineng.ops.checks import findings


class Command(BaseCommand):
    help = "Check Python, database, migrations, storage, secrets, fonts, clock and disk."
    requires_system_checks = []

    def handle(self, **options):
        failed = False
        for finding in findings():
            failed |= finding.level == "fail"
            self.stdout.write(f"{finding.level:<5} {finding.check:<12} {finding.says}")
        if failed:
            raise SystemExit(1)
