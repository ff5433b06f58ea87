"""Run the worker: recount, certificates, seals of the log, mails, cleaning up; several may run at once."""

import signal
from threading import Event

from django.core.management.base import CommandParser

from weineng.ops.commands import DataCommand
from weineng.ops.loops import all_loops, run_once, run_worker


class Command(DataCommand):
    help = "Derive what follows from what happened, again and again, until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="until nothing is left to do, then end")
        parser.add_argument("--idle", type=float, default=1.0, help="seconds between two looks when there is no work")

    def handle(self, *args, once: bool, idle: float, **options) -> None:
        if once:
            self.stdout.write(f"{run_once()} done")
            return
        stop = Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
        self.stdout.write("The worker runs (Ctrl-C stops it).")
        self.stdout.flush()
        run_worker(stop, all_loops(idle=idle))
