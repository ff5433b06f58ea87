"""Commands begin only on a database that fits this version: otherwise one sentence says what to run."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from weineng.ops.management.commands import serve, worker


@pytest.fixture
def started(monkeypatch):
    commands = []
    monkeypatch.setattr(serve.os, "execv", lambda _program, command: commands.append(command))
    monkeypatch.setattr(worker, "run_worker", lambda _stop, loops: commands.append(loops))
    return commands


def test_a_migrated_database_is_served(db, started):
    call_command("serve", "--port", "8123")
    assert [command[command.index("--port") + 1] for command in started] == ["8123"]
    # told to stop in its first seconds, a process of the server hears nothing and would stay for ever
    assert [command[command.index("--workers-kill-timeout") + 1] for command in started] == ["10"]


EVERY = {
    "serve": (), "worker": (), "settle": (), "import": ("hours", "x.csv", "--programme", "p"),
    "export": ("standings", "--programme", "p", "--out", "x.csv"),
    "appoint": ("A", "--unit", "1"), "units": ("x.csv",), "standards": ("load",), "certificates": ("check",), "audit": ("verify",),
    "simulate": (), "programme": ("load", "x.yaml"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "words"), EVERY.items())
def test_tables_that_are_missing_are_told_instead_of_served(db, started, command, words):
    for name in ("accounts", "evidence"):
        [last] = MigrationLoader(connection).graph.leaf_nodes(name)
        MigrationRecorder(connection).record_unapplied(*last)
    with pytest.raises(CommandError) as refused:
        call_command(command, *words)
    assert str(refused.value) == (
        "The database is not brought up to this version (2 migrations not applied): run `weineng migrate` first."
    )
    assert started == []


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_of_another_version_is_not_served(db, started, command):
    MigrationRecorder(connection).record_applied("accounts", "9999_later")
    with pytest.raises(CommandError, match=r"it has accounts\.9999_later, which this version does not know"):
        call_command(command)
    assert started == []
