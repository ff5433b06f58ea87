"""One PostgreSQL server in one data folder: started when first needed, by whoever needs it first, stopped on request.

`ensure_running` costs a file read when the server runs. It survives what happens to servers: killed clients, a killed
postmaster that stays a zombie, sixteen processes starting at once, a recovery that takes minutes.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weineng.ops.postgres.programs import can_enter, run, runnable_programs, service_account

DATABASE = "weineng"
SETTINGS = {
    "listen_addresses": "''",  # unix socket only
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'2GB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "dynamic_shared_memory_type": "mmap",  # containers often have 64 MB of /dev/shm
    "max_wal_size": "'1GB'",
    "wal_compression": "on",
    "jit": "off",  # costs more than it saves on short queries
    "random_page_cost": "1.1",
    "timezone": "'UTC'",
    "log_min_duration_statement": "1000",
}
# Tests may lose their data with the machine, never with the process. What they take back lies about until it is vacuumed.
TEST_SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300",
    "wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "'1h'", "autovacuum_naptime": "'15s'",
}  # fmt: skip
# Built in: the same order on every machine; C.UTF-8 for case and classes, C order so that indexes serve LIKE 'x%'.
LOCALE = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]


def server_home(folder: Path) -> Path:
    """Where the server of `folder` really lives: there, or below /var/lib when root's folders shut the server out."""
    folder = folder.absolute()
    if os.geteuid() or can_enter(folder / "data"):
        return folder
    return Path("/var/lib/weineng") / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def socket_folder(folder: Path) -> Path:
    """Where the server listens; known before it runs. A socket's path may have 107 bytes, so a deep one moves to /tmp."""
    place = server_home(folder) / "socket"
    if len(os.fsencode(place)) <= 80:
        return place
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"weineng-{os.geteuid()}-{digest}"


def is_running(folder: Path) -> bool:
    """Whether the server of this folder takes connections."""
    return _state(server_home(folder) / "data") == "ready"


def ensure_running(folder: Path, *, test: bool = False, seconds: int = 600) -> Path:
    """Start the server of `folder` unless it runs, making it on first use; returns the folder of its socket."""
    home = server_home(folder)
    if _state(home / "data") == "ready":
        return socket_folder(folder)
    with _alone(home):
        if _state(home / "data") == "starting":  # whoever started it was killed while waiting
            _wait_for(lambda: _state(home / "data") != "starting", seconds)
        if _state(home / "data") != "ready":
            _start(home, socket_folder(folder), SETTINGS | (TEST_SETTINGS if test else {}), seconds)
    return socket_folder(folder)


def stop(folder: Path, *, seconds: int = 60) -> bool:
    """Stop the server of `folder`, ending its connections; False if none ran."""
    home = server_home(folder)
    if not (home / "data" / "PG_VERSION").exists():
        return False
    with _alone(home):
        # Whoever started it may have been interrupted before it had written its note.
        _wait_for(lambda: _state(home / "data") != "gone" or not _working_in(home / "data"), 10)
        if _state(home / "data") == "gone":
            return False
        account = service_account()
        pg_ctl = runnable_programs(home, account) / "pg_ctl"
        done = run([pg_ctl, "stop", "-D", home / "data", "-m", "fast", "-w", "-t", seconds], account)
        if done.returncode and _state(home / "data") != "gone":
            raise RuntimeError(f"PostgreSQL did not stop: {done.stderr.strip()}")
    return True


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time; the kernel lets the lock go when its holder dies."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(home: Path, socket: Path, settings: dict[str, str], seconds: int) -> None:
    account, data = service_account(), home / "data"
    _own_folder(socket, account)
    programs = runnable_programs(home, account)
    if not (data / "PG_VERSION").exists():
        _make(data, programs, account)
    _configure(data, settings | {"unix_socket_directories": f"'{socket}'"}, account)
    _clear_dead(data, socket)
    log = data / "server.log"
    # Not a pipe: the server keeps pg_ctl's output open, and reading it to the end would never end.
    done = run(
        [programs / "pg_ctl", "start", "-D", data, "-w", "-t", seconds, "-s", "-l", log],
        account,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if done.returncode and _state(data) != "ready":
        said = log.read_text(errors="replace")[-3000:] if log.exists() else "it wrote no log"
        raise RuntimeError(f"PostgreSQL did not start in {data}:\n{said}")
    made = run([programs / "createdb", "-h", socket, "-U", "postgres", DATABASE], account)
    if made.returncode and "already exists" not in made.stderr:
        raise RuntimeError(f"The database could not be made: {made.stderr.strip()}")


def _make(data: Path, programs: Path, account: dict[str, Any]) -> None:
    draft = data.with_name("data.new")  # an initdb that is killed half-way leaves only this
    shutil.rmtree(draft, ignore_errors=True)
    _own_folder(draft, account)
    command = [programs / "initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-instructions"]
    done = run([*command, *LOCALE], account)
    if done.returncode:
        raise RuntimeError(f"PostgreSQL could not be set up in {data}: {done.stderr.strip()}")
    draft.rename(data)


def _own_folder(place: Path, account: dict[str, Any]) -> None:
    place.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(place, account["user"], account["group"])
    elif place.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{place} belongs to another account.")


def _configure(data: Path, settings: dict[str, str], account: dict[str, Any]) -> None:
    ours, main = data / "weineng.conf", data / "postgresql.conf"
    ours.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    if account:
        os.chown(ours, account["user"], account["group"])
    text = main.read_text()
    if ours.name not in text:
        main.write_text(f"{text}\ninclude '{ours.name}'\n")


def _state(data: Path) -> str:
    """`ready`, `starting` or `gone`: by the server's own note, checked against the process it names."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        os.kill(pid, 0)
        if Path("/proc/self").exists() and "postgres" not in str(Path(f"/proc/{pid}/exe").readlink()):
            return "gone"  # the number was given to another process
    except PermissionError:
        return "gone"
    except (OSError, ValueError, IndexError):  # also a zombie: it has no program any more
        return "gone"
    return "ready" if len(lines) > 7 and lines[7].strip() == "ready" else "starting"


def _clear_dead(data: Path, socket: Path) -> None:
    """Remove the note of a killed server that PostgreSQL would take as alive: its process is still dying, stays a zombie
    because nobody reaps it, or its number was given to another program since."""
    note = data / "postmaster.pid"
    try:
        process = Path("/proc") / note.read_text().split()[0]
    except (OSError, IndexError):
        return
    if not Path("/proc/self").exists():  # elsewhere than on Linux PostgreSQL's own judgement has to do
        return
    _wait_for(lambda: not process.exists(), 2)
    _wait_for(lambda: not _working_in(data), 30)  # its backends must be gone before another server may write
    if _working_in(data):
        raise RuntimeError(f"Processes of a killed PostgreSQL still run in {data}.")
    if process.exists():
        note.unlink(missing_ok=True)
        for left in socket.glob(".s.PGSQL.*"):  # the socket's lock names the dead process too
            left.unlink(missing_ok=True)


def _working_in(data: Path) -> bool:
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == data:
                return True
        except OSError:
            continue
    return False


def _wait_for(reached: Any, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not reached() and time.monotonic() < limit:
        time.sleep(0.05)
