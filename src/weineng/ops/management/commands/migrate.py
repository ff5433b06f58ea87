"""Make the tables, or bring them up to this version; never waits long for a lock."""

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from weineng.ops.checks import OTHER_VERSION, strange_migrations

LOCK_TIMEOUT = "4s"  # whoever waits for a table's lock holds up everybody who comes after


class Command(migrate.Command):
    help = "Make the tables, or bring them up to this version. Refuses a database that another version has changed."

    def handle(self, *args, database, **options):
        connection = connections[database]
        if says := strange_migrations(connection):
            raise CommandError(says, returncode=OTHER_VERSION)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = %s", [LOCK_TIMEOUT])
        try:
            super().handle(*args, database=database, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("reset lock_timeout")
