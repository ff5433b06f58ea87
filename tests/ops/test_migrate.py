"""Bringing a database up to this version: what another version has changed is refused, and nobody is held up long."""

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from weineng.ops.checks import CHECKS, OTHER_VERSION


def test_a_database_of_another_version_is_refused_by_name(db):
    assert CHECKS["migrations"]()[0] == "ok"
    recorder = MigrationRecorder(connection)
    recorder.record_applied("gone", "0001_initial")  # an app that is not ours
    call_command("migrate", verbosity=0)
    for name in ("0002_sessions_factors", "0003_keys_of_offices"):
        recorder.record_applied("accounts", name)
    with pytest.raises(CommandError) as refused:
        call_command("migrate", verbosity=0)
    says = str(refused.value)
    assert refused.value.returncode == OTHER_VERSION
    assert says.startswith(
        "Another version of Weineng has made or changed this database: it has accounts.0002_sessions_factors and 1 more,"
    )
    assert CHECKS["migrations"]() == ("fail", says)


def test_the_migrations_make_the_tables_of_the_models(db):
    """Here and not as a command of its own: that would start the database of the checkout and leave it running."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_it_waits_four_seconds_for_a_lock_at_most(db, monkeypatch):
    seen = []

    def shown(*_args, **_options):
        with connection.cursor() as cursor:
            cursor.execute("show lock_timeout")
            seen.append(cursor.fetchone()[0])

    shown()
    monkeypatch.setattr(migrate.Command, "handle", shown)
    call_command("migrate", verbosity=0)
    shown()
    assert seen == ["0", "4s", "0"]
