"""What `weineng doctor` looks at: each check answers in one line whether this installation can do its work."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from weineng.assessment.queries import stuck_dossiers
from weineng.audit.queries import waiting_for_seal
from weineng.kernel import clock
from weineng.progress.queries import rounds, waiting_for_recount

GIGABYTE = 1024**3
SILENT = 60  # seconds without a round of the worker
OTHER_VERSION = 3  # exit code: the database is not this version's
LATE = 60  # seconds that anything may wait
CHINESE_FONTS = ("NotoSansSC*", "NotoSansCJK*", "SourceHanSans*")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report: `level` is ok, warn (works, but) or fail (does not work)."""

    check: str
    level: str
    says: str


def findings() -> Iterator[Finding]:
    """Run every check; one that breaks is itself a finding."""
    for name, check in CHECKS.items():
        try:
            level, says = check()
        except (DatabaseError, OSError, RuntimeError, ImproperlyConfigured) as error:
            level, says = "fail", f"{type(error).__name__}: {str(error).strip()}"
        yield Finding(name, level, says)


def _python() -> tuple[str, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return ("ok" if sys.version_info >= (3, 11) else "fail"), f"{version} (3.11 or newer)"


def _database() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int, current_setting('server_encoding')")
        number, encoding = cursor.fetchone()
        cursor.execute("select current_setting('fsync'), pg_size_pretty(pg_database_size(current_database()))")
        fsync, size = cursor.fetchone()
    where = "embedded" if settings.EMBEDDED else "external"
    says = f"PostgreSQL {number // 10_000}.{number % 10_000}, {where}, {encoding}, {size}"
    if number < 160_000:
        return "fail", f"{says}: 16 or newer is needed"
    if encoding != "UTF8":
        return "fail", f"{says}: the database must be UTF8"
    return ("ok", says) if fsync == "on" else ("warn", f"{says}: fsync is off, a power cut loses data")


def strange_migrations(database: BaseDatabaseWrapper) -> str:
    """What is wrong with a database that another version of the platform has changed; '' if nothing is."""
    loader = MigrationLoader(database)
    ours = loader.migrated_apps.intersection(settings.MODULES)
    strange = sorted(key for key in set(loader.applied_migrations) - set(loader.disk_migrations) if key[0] in ours)
    if not strange:
        return ""
    first, more = ".".join(strange[0]), f" and {len(strange) - 1} more" if strange[1:] else ""
    return (
        f"Another version of Weineng has made or changed this database: it has {first}{more}, which this version does not know. "
        "Install the version that made it, or restore a backup that fits this one (docs/operations/install.md)."
    )


def unfit_database(database: BaseDatabaseWrapper) -> str:
    """Why this version cannot work on a database, and what to run; '' if it can."""
    if says := strange_migrations(database):
        return says
    executor = MigrationExecutor(database)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not waiting:
        return ""
    count = f"{waiting} migration{'s' if waiting > 1 else ''} not applied"
    return f"The database is not brought up to this version ({count}): run `weineng migrate` first."


def _migrations() -> tuple[str, str]:
    if says := unfit_database(connection):
        return "fail", says
    return "ok", f"all {len(MigrationLoader(connection).applied_migrations)} applied"


def _data_folder() -> tuple[str, str]:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.DATA, prefix=".doctor-") as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
    return "ok", f"{settings.DATA} can be written"


def _secrets() -> tuple[str, str]:
    if len(settings.SECRET_KEY) < 32:
        return "fail", "WEINENG_SECRET has fewer than 32 characters"
    if len(settings.DATA_KEYS[-1]) < 32:
        return "fail", "WEINENG_DATA_KEY has fewer than 32 characters"
    open_to_others = [
        place.name for place in settings.DATA.glob("*.key") if place.is_file() and place.stat().st_mode & 0o077
    ]
    if open_to_others:
        return "fail", f"others can read {', '.join(open_to_others)}: chmod 600"
    made = not (os.environ.get("WEINENG_SECRET") or os.environ.get("WEINENG_SECRET_FILE"))
    return "ok", "made by this installation: back the *.key files up" if made else "given by the environment"


def _mode() -> tuple[str, str]:
    if settings.DEBUG:
        return "warn", "WEINENG_DEBUG is on: visitors see the inside of errors"
    if settings.DEMO:
        return "warn", "demonstration: the clock can be set, anybody can sign in as the invented people"
    if not settings.HTTPS:
        return "warn", f"WEINENG_SITE is {settings.SITE}: without https, passwords travel in the open"
    return "ok", settings.SITE


def _fonts() -> tuple[str, str]:
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    package = find_spec("zhplot")
    if package and package.origin:
        folders.append(Path(package.origin).parent)
    for folder in folders:
        for pattern in CHINESE_FONTS:
            if found := next(folder.rglob(pattern), None):
                return "ok", str(found)
    return "fail", "no Chinese font for certificates: install requirements/fonts.txt or Debian's fonts-noto-cjk"


def _clock() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (theirs,) = cursor.fetchone()
    ours = datetime.now(UTC)
    apart = abs((ours - theirs).total_seconds())
    if apart > 2:
        return "fail", f"database and machine are {apart:.1f} s apart"
    ahead = (clock.now() - ours).total_seconds()
    return "ok", f"{clock.now():%Y-%m-%d %H:%M} UTC" + (f", set {ahead / 86400:+.1f} days" if abs(ahead) > 5 else "")


def _disk() -> tuple[str, str]:
    free = shutil.disk_usage(settings.DATA).free / GIGABYTE
    level = "ok" if free >= 5 else "warn" if free >= 1 else "fail"
    return level, f"{free:.1f} GB free"


def _worker() -> tuple[str, str]:
    known = rounds()
    failing = [f"{row.loop} ({row.failures} in a row): {row.error}" for row in known.values() if row.failures]
    if failing:
        return "fail", "; ".join(failing)
    settle = known.get("settle")
    if settle is None or settle.ran_at is None:
        return "warn", "no round yet: start `weineng worker`"
    ago = (clock.now() - settle.ran_at).total_seconds()
    if ago > SILENT:
        return "warn", f"no round since {settle.ran_at:%Y-%m-%d %H:%M} UTC: is `weineng worker` running?"
    return "ok", f"last round {ago:.0f} s ago, took {settle.took_ms} ms"


def _lag() -> tuple[str, str]:
    recount, (lines, oldest) = waiting_for_recount(), waiting_for_seal()
    since = [at for at in (recount.since, oldest) if at is not None]
    ago = max(((clock.now() - at).total_seconds() for at in since), default=0.0)
    says = f"{recount.count} waiting for their recount, {lines} lines for their seal"
    return ("ok", says) if ago <= LATE else ("warn", f"{says}, the oldest for {ago:.0f} s")


def _dossiers() -> tuple[str, str]:
    stuck = list(stuck_dossiers().values_list("pk", "stuck_because"))
    if stuck:
        return "fail", f"{len(stuck)} cannot go on, the first ({stuck[0][0]}): {stuck[0][1]}"
    return "ok", "all go their way"


CHECKS: dict[str, Callable[[], tuple[str, str]]] = {
    "python": _python,
    "database": _database,
    "migrations": _migrations,
    "data folder": _data_folder,
    "secrets": _secrets,
    "mode": _mode,
    "fonts": _fonts,
    "clock": _clock,
    "disk": _disk,
    "worker": _worker,
    "lag": _lag,
    "dossiers": _dossiers,
}
