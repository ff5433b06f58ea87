"""Settle once: everything that follows from what happened is derived, then the command ends (`worker --once`)."""

from weineng.ops.commands import DataCommand
from weineng.ops.loops import run_once


class Command(DataCommand):
    help = "Run the worker's steps until nothing is left to do."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{run_once()} done")
