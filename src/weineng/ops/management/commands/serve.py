"""Serve the platform's pages and API over HTTP (granian); migrates nothing."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

import weineng
from weineng.ops.checks import unfit_database


class Command(BaseCommand):
    help = "Serve the platform over HTTP. In production a proxy with TLS stands in front (docs/operations)."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument(
            "--threads", type=int, default=4, help="of each worker; each may hold one database connection"
        )

    def handle(self, *, host, port, workers, threads, **options):
        if settings.HASHED_STATIC:
            call_command("collectstatic", interactive=False, verbosity=0)
        connection.ensure_connection()  # a database that does not answer is told here, not to the first visitor
        if not settings.DEMO and (says := unfit_database(connection)):  # a demonstration makes its tables meanwhile
            raise CommandError(says)
        connection.close()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
        command += ["--workers", str(workers), "--blocking-threads", str(threads), "--workers-max-rss", "600"]
        command += ["--workers-kill-timeout", "10"]  # one that is told to stop while it starts does not hear it
        command += ["--respawn-failed-workers", "--no-ws", "--log-level", "warning", "weineng.config.wsgi:application"]
        self.stdout.write(f"Weineng serves at http://{host}:{port}/ (Ctrl-C stops)")
        self.stdout.flush()
        source = str(Path(weineng.__file__).parent.parent)
        os.environ["PYTHONPATH"] = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
        os.execv(command[0], command)  # noqa: S606 (the server takes our place, so signals reach it)
