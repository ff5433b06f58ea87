"""The embedded server, for real: made, started by many at once, killed, stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql import base as postgres

from weineng.ops.postgres import server
from weineng.ops.postgres.programs import runnable_programs, service_account

pytestmark = pytest.mark.slow

START = "import sys; from pathlib import Path; from weineng.ops.postgres.server import ensure_running as e; e(Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("postgres")
    if os.geteuid() == 0:  # pytest's folders are closed to the account that runs PostgreSQL
        for parent in (place, place.parent, place.parent.parent):
            parent.chmod(0o755)
    yield place
    server.stop(place)


def connect(folder):
    return psycopg.connect(
        host=str(server.socket_folder(folder)), user="postgres", dbname=server.DATABASE, autocommit=True
    )


def postmaster(folder):
    return int((server.server_home(folder) / "data" / "postmaster.pid").read_text().split()[0])


def test_one_server_lives_through_everything(folder):
    # Six first starts at once make one server.
    source = str(Path(server.__file__).parents[3])
    command = [sys.executable, "-c", START, str(folder)]
    starts = [subprocess.Popen(command, env=os.environ | {"PYTHONPATH": source}) for _ in range(6)]
    assert [start.wait(60) for start in starts] == [0] * 6
    first = postmaster(folder)
    with connect(folder) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")
        assert connection.execute(
            "select datcollate, datctype from pg_database where datname = 'weineng'"
        ).fetchone() == (
            "C",
            "C.UTF-8",
        )

    # Asking again changes nothing and costs next to nothing.
    began = time.monotonic()
    server.ensure_running(folder)
    assert time.monotonic() - began < 0.1
    assert postmaster(folder) == first

    # A killed server (a zombie here as long as nobody reaps it) is started again with what it had.
    os.kill(first, signal.SIGKILL)
    while server.is_running(folder):  # a signal takes its time
        time.sleep(0.01)
    server.ensure_running(folder)
    assert postmaster(folder) != first
    with connect(folder) as connection:
        assert connection.execute("select n from kept").fetchall() == [(1,)]

    # A number that now belongs to somebody else is not taken for the server.
    assert server.stop(folder) is True
    note = server.server_home(folder) / "data" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n0\n5432\n\n\n\nready\n")
    assert server.is_running(folder) is False
    server.ensure_running(folder)
    with connect(folder) as connection:
        assert connection.execute("select n from kept").fetchall() == [(1,)]

    # Stopped is stopped; stopping again says so.
    assert server.stop(folder) is True
    assert server.is_running(folder) is False
    assert server.stop(folder) is False

    # One that has just been started, by somebody who was interrupted before it could say so, is stopped too.
    account, data = service_account(), server.server_home(folder) / "data"
    program = runnable_programs(server.server_home(folder), account) / "postgres"
    begun = subprocess.Popen([program, "-D", data], cwd=data, stderr=subprocess.DEVNULL, **account)
    assert server.stop(folder) is True
    assert begun.wait(30) == 0


def test_a_deep_folder_gets_a_short_socket():
    deep = Path("/tmp") / ("d" * 100)
    assert len(str(server.socket_folder(deep))) < 80
    assert server.socket_folder(deep) == server.socket_folder(deep)
    assert server.socket_folder(deep) != server.socket_folder(deep / "other")


@pytest.fixture
def installation(tmp_path):
    """A data folder of its own, and a way to run commands on it as an operator does."""
    if os.geteuid() == 0:
        for parent in (tmp_path, *tmp_path.parents[:2]):
            parent.chmod(0o755)
    given = {"PYTHONPATH": str(Path(server.__file__).parents[3]), "DJANGO_SETTINGS_MODULE": "weineng.config.settings"}
    around = {name: value for name, value in os.environ.items() if not name.startswith(("WEINENG_", "DATABASE_URL"))}

    def run(folder, *words):
        environment = around | given | {"WEINENG_DATA": str(tmp_path / folder)}
        command = [sys.executable, "-m", "weineng", *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    yield run
    for folder in tmp_path.iterdir():
        server.stop(folder / "postgres")


def test_a_dump_is_restored_into_a_new_folder_whole_or_not_at_all(installation, tmp_path):
    dump, broken, new = tmp_path / "dump", tmp_path / "broken", tmp_path / "new" / "postgres"
    assert installation("old", "pg", "start").returncode == 0
    with connect(tmp_path / "old" / "postgres") as connection:
        connection.execute("create table kept as select n, 'x' || n as word from generate_series(1, 1000) n")
        connection.execute("create table kept_too as select * from kept")
    assert installation("old", "pg", "dump", dump).returncode == 0
    broken.write_bytes(dump.read_bytes()[:-2_000])

    refused = installation("new", "pg", "restore", broken)
    assert (refused.returncode, refused.stderr.startswith("CommandError: pg_restore: error:")) == (1, True)
    missing = installation("new", "pg", "restore", tmp_path / "none")
    assert (missing.returncode, missing.stderr) == (2, f"CommandError: There is no file {tmp_path / 'none'}\n")
    with connect(new) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)

    done = installation("new", "pg", "restore", dump)
    assert (done.returncode, done.stdout) == (0, f"{dump}: restored, 2 tables\n")
    with connect(new) as connection:
        assert connection.execute("select count(*), sum(n), max(word) from kept").fetchone() == (1000, 500_500, "x999")
        connection.execute("insert into kept_too values (0, '')")

    again = installation("new", "pg", "restore", dump)
    assert again.returncode == 1
    assert again.stderr == (
        "CommandError: The database is not empty (2 tables): restore into a new data folder (WEINENG_DATA).\n"
    )
    with connect(new) as connection:
        assert connection.execute("select count(*) from kept_too").fetchone() == (1001,)


@pytest.mark.django_db
@pytest.mark.parametrize(("falls", "opened"), [(1, True), (2, True), (3, False)])
def test_a_server_that_dies_as_it_is_found_is_started_again(monkeypatch, falls, opened):
    there, tries = connection.copy(), []
    connect = postgres.DatabaseWrapper.get_new_connection

    def falling(self, params):
        tries.append(1)
        if len(tries) <= falls:
            raise self.Database.OperationalError("No such file or directory")
        return connect(self, params)

    monkeypatch.setattr(postgres.DatabaseWrapper, "get_new_connection", falling)
    monkeypatch.setattr("weineng.ops.postgres.base.PAUSE", 0)
    try:
        if opened:
            there.ensure_connection()
            assert there.is_usable()
        else:
            with pytest.raises(OperationalError):
                there.ensure_connection()
    finally:
        there.close()
    assert len(tries) == min(falls + 1, 3)
