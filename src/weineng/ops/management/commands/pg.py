"""The embedded PostgreSQL: `weineng pg start|stop|status`."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from weineng.ops.postgres import server


class Command(BaseCommand):
    help = "Start or stop the embedded PostgreSQL, or say whether it runs."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("what", choices=("start", "stop", "status"))

    def handle(self, *, what, **options):
        if not settings.EMBEDDED:
            raise CommandError("This installation uses the PostgreSQL of DATABASE_URL, not the embedded one.")
        if what == "start":
            server.ensure_running(settings.POSTGRES)
        elif what == "stop":
            server.stop(settings.POSTGRES)
        running = server.is_running(settings.POSTGRES)
        self.stdout.write(
            f"PostgreSQL {'runs' if running else 'does not run'} in {server.server_home(settings.POSTGRES)}"
        )
        if what == "status" and not running:
            raise SystemExit(1)
