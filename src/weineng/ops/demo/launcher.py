"""The demonstration's own installation: a data folder, its database, its web server and its worker; all stop together."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from weineng.kernel import clock
from weineng.ops.postgres import server

Say = Callable[[str], None]
IDLE = 0.4  # seconds between two looks of a worker that finds nothing to do: nobody wants to wait for it long


class Stopped(Exception):  # noqa: N818 (what happened)
    """A part of the installation ended by itself, a command with this exit code."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class Installation:
    """Everything the demonstration runs, in one folder of its own."""

    def __init__(self, folder: Path, port: int, say: Say) -> None:
        self.folder, self.port, self.say = folder, port, say
        self.note = folder / "demo.json"
        self.log = folder / "demo.log"
        self.began = time.monotonic()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.address = f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "WEINENG_DATA": str(folder), "WEINENG_DEMO": "1", "WEINENG_SITE": self.address, "PYTHONUNBUFFERED": "1",
            # Whole after any crash; a power cut may take the last second of a year that nobody lived.
            "PGOPTIONS": "-c synchronous_commit=off",
        }  # fmt: skip
        self.environment.pop("DATABASE_URL", None)  # never anybody's real database

    # --- What it remembers ---
    def remembered(self) -> Mapping[str, Any]:
        """What the last run wrote down; {} before the first."""
        try:
            found: dict[str, Any] = json.loads(self.note.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def remember(self, **facts: Any) -> None:
        """Write down, whole or not at all."""
        fresh = self.note.with_suffix(".new")
        fresh.write_text(json.dumps({**self.remembered(), **facts}, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(self.note)

    def offer(self, accounts: list[dict[str, Any]]) -> None:
        """Whom the sign-in page offers by one click."""
        text = json.dumps(accounts, ensure_ascii=False, indent=1)
        (self.folder / "demo-accounts.json").write_text(text, encoding="utf-8")
        self.remember(accounts=accounts)

    def remove(self) -> bool:
        """Throw this folder and its database away; False if there is none of ours."""
        home = server.server_home(self.folder / "postgres")
        if not self.note.exists():
            return False
        server.stop(self.folder / "postgres")
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.folder)
        return True

    # --- Running ---
    def prepare(self) -> None:
        """The folder, the database server, its tables, and meanwhile the web server, which takes as long to start.

        Refuses a port on which somebody serves already.
        """
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise Stopped(f"port {self.port} is taken; use --port")
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.note.exists():
            self.remember(played=False)
        server.ensure_running(self.folder / "postgres")
        self._start("web", "serve", "--port", str(self.port))
        self.command("migrate", "--verbosity", "0", "--skip-checks")

    def command(self, *words: str) -> str:
        """Run one of the platform's commands as an operator does; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "weineng", *words], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Stopped(f"weineng {' '.join(words)}: {done.stdout}{done.stderr}", done.returncode)
        return done.stdout

    def serve(self) -> None:
        """Start the worker, and wait until the first page is there."""
        self._start("worker", "worker", "--idle", str(IDLE))
        limit = time.monotonic() + 60
        while True:
            self.check()
            try:
                if httpx.get(f"{self.address}/health", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > limit:
                raise Stopped(f"the web server does not answer; see {self.log}")
            time.sleep(0.1)

    def _start(self, name: str, *words: str) -> None:
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we end the parts in order.
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", "weineng", *words], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raise if a part has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                raise Stopped(f"{name} ended ({child.returncode}); see {self.log}")

    def stop(self) -> None:
        """End web, worker and database; what does not end in time is killed."""
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.children.clear()
        server.stop(self.folder / "postgres")

    def settle(self, seconds: float = 90) -> None:
        """Wait until the worker has taken everything that happened up to now."""
        wanted, limit = clock.now(), time.monotonic() + seconds
        while True:
            says = dict(
                line.split(": ", 1)
                for line in httpx.get(f"{self.address}/health", timeout=30).text.splitlines()
                if ": " in line
            )
            if says.get("settled", "never") != "never" and datetime.fromisoformat(says["settled"]) > wanted:
                return
            self.check()
            if time.monotonic() > limit:
                raise Stopped(f"the worker does not settle ({says}); see {self.log}")
            time.sleep(0.05)
