"""Settle once: everything that follows from what happened is derived, then the command ends (`worker --once`)."""

from django.core.management.base import BaseCommand

from weineng.ops.loops import run_once


class Command(BaseCommand):
    help = "Run the worker's steps until nothing is left to do."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{run_once()} done")
