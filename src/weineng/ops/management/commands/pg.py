"""The embedded PostgreSQL: `weineng pg start|stop|status|dump FILE`."""

import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from weineng.ops.postgres import server
from weineng.ops.postgres.programs import find_programs


class Command(BaseCommand):
    help = "Start or stop the embedded PostgreSQL, say whether it runs, or dump its database for pg_restore."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("what", choices=("start", "stop", "status", "dump"))
        parser.add_argument("file", nargs="?", type=Path, help="dump: where to (custom format, as pg_dump -Fc)")

    def handle(self, *, what, file, **options):
        if not settings.EMBEDDED:
            raise CommandError("This installation uses the PostgreSQL of DATABASE_URL, not the embedded one.")
        if what == "dump":
            return self._dump(file)
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
        return None

    def _dump(self, file):
        """Whole or not at all: written beside its place, then moved."""
        if file is None:
            raise CommandError("Say which file: weineng pg dump FILE.", returncode=2)
        connection.ensure_connection()  # starts the server if it does not run
        at, fresh = connection.settings_dict, file.with_name(f"{file.name}.part")
        command = [find_programs() / "pg_dump", "-Fc", "-h", at["HOST"], "-U", at["USER"], "-f", fresh, at["NAME"]]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode:
            fresh.unlink(missing_ok=True)
            raise CommandError(done.stderr.strip())
        fresh.replace(file)
        self.stdout.write(f"{file}: {file.stat().st_size} bytes; the tools that restore it: {find_programs()}")
