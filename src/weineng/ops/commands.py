"""What our commands have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from weineng.ops.checks import unfit_database


class DataCommand(BaseCommand):
    """A command that reads or writes the platform's data: it begins only on tables that this version fits."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Refuse by one sentence that says what to run; else run."""
        if says := unfit_database(connection):
            raise CommandError(says)
        return super().execute(*args, **options)
