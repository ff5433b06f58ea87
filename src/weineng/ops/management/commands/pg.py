"""The embedded PostgreSQL: `weineng pg start|stop|status`, `weineng pg dump|restore FILE`."""

import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from weineng.ops.postgres import server
from weineng.ops.postgres.programs import find_programs


class Command(BaseCommand):
    help = "Start or stop the embedded PostgreSQL, say whether it runs, or dump its database and restore it."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("what", choices=("start", "stop", "status", "dump", "restore"))
        parser.add_argument(
            "file", nargs="?", type=Path, help="dump: where to; restore: where from (custom format, as pg_dump -Fc)"
        )

    def handle(self, *, what, file, **options):
        if not settings.EMBEDDED:
            raise CommandError("This installation uses the PostgreSQL of DATABASE_URL, not the embedded one.")
        if what in ("dump", "restore"):
            if file is None:
                raise CommandError(f"Say which file: weineng pg {what} FILE.", returncode=2)
            return self._dump(file) if what == "dump" else self._restore(file)
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
        fresh = file.with_name(f"{file.name}.part")
        try:
            self._run("pg_dump", "-Fc", "-f", fresh)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
        self.stdout.write(f"{file}: {file.stat().st_size} bytes")

    def _restore(self, file):
        """Whole or not at all, and only where nothing is yet: it never mixes two databases."""
        if not file.is_file():
            raise CommandError(f"There is no file {file}", returncode=2)
        if tables := self._tables():
            raise CommandError(
                f"The database is not empty ({tables} tables): restore into a new data folder (WEINENG_DATA)."
            )
        self._run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", file)
        self.stdout.write(f"{file}: restored, {self._tables()} tables")

    def _tables(self):
        with connection.cursor() as cursor:  # starts the server if it does not run
            cursor.execute("select count(*) from pg_tables where schemaname = current_schema()")
            return cursor.fetchone()[0]

    def _run(self, program, *words):
        connection.ensure_connection()
        at = connection.settings_dict
        command = [find_programs() / program, "-h", at["HOST"], "-U", at["USER"], "-d", at["NAME"], *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(done.stderr.strip())
