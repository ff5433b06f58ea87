"""How long the look at a proposed change takes, where the time goes, and how much of it the database computed.

    WEINENG_DATA=… ./weineng simulate --teachers 1000000 --seed 1
    WEINENG_DATA=… PYTHONPATH=src .venv/bin/python bench/changes.py

Proposes two periods more of online courses for everybody (once), and looks twice; nothing of the programme changes.
"""

import os
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
django.setup()

from django.db import connection

from weineng.insight.actions import preview_versions, previewing
from weineng.kernel.actors import platform
from weineng.programmes.actions import look_again, propose_version
from weineng.programmes.models import Programme, Proposal

BY = platform("bench")


def spent(pid: int) -> float:
    """Seconds of CPU that a database process on this machine has used."""
    with Path(f"/proc/{pid}/stat").open() as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    row = Programme.objects.exclude(owner=None).get()
    if not Proposal.objects.filter(state="proposed").exists():
        source = row.versions.get().source.replace("      value: 20\n", "      value: 22\n", 1)
        propose_version(by=BY, source=source, everybody=True, reason="bench")
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
    tell = previewing.tell_gone
    for _look in range(2):
        began, cpu = time.perf_counter(), spent(pid)

        def told(*, proposal: int, gone: int, began: float = began, cpu: float = cpu) -> None:
            print(f"{time.perf_counter() - began:8.1f} s  {spent(pid) - cpu:8.1f} s of CPU  {gone} %", flush=True)
            tell(proposal=proposal, gone=gone)

        previewing.tell_gone = told
        preview_versions(by=BY)
        made = Proposal.objects.get(state="proposed")
        print(f"{time.perf_counter() - began:8.1f} s  {spent(pid) - cpu:8.1f} s of CPU  {made.look}", flush=True)
        look_again(by=BY, proposal=made.pk)


if __name__ == "__main__":
    main()
