"""What a sheet on its way is: of which kinds, how large, in which states, kept for how long."""

import io
import zipfile
from datetime import timedelta

KINDS = ("roster", "hours", "results")
MOST_ROWS = 20_000  # of one sheet: a district
AT_ONCE = 500  # rows that go in, or come back, while one waits; more are the worker's
LIGHT = 1 << 20  # as `weight_of` weighs: a file of some hundred rows, which is read while one waits
BEGUN_AT_MOST = 5  # times that the worker sets about one that never comes to an end, before it is refused
KEPT_FOR = timedelta(days=7)
SHEETS = "imports."  # how the purpose of every sheet's upload begins
STATES = ("arrived", "read", "waiting", "done", "refused", "unreadable")
LOOKS = ("waiting", "done", "refused")
MOVED_AT_ONCE = 2_000  # people below a unit whose move is looked at while one waits; of more by the worker
LOOK_HOLDS = timedelta(hours=12)  # that a move may be entered as a look showed it
GOING_BACK = ("waiting", "done", "refused", "cancelled")


def roster_purpose(unit: int) -> str:
    """What an upload is for that holds a roster of a unit."""
    return f"{SHEETS}roster:{unit}"


def work_purpose(kind: str, provider: str = "") -> str:
    """What an upload is for that holds hours of a provider, or results."""
    return f"{SHEETS}{kind}:{provider or '-'}"


def purpose_of(kind: str, unit: int, provider: str = "") -> str:
    """What an upload is for that holds a sheet of a kind."""
    return roster_purpose(unit) if kind == "roster" else work_purpose(kind, provider)


def weight_of(data: bytes) -> int:
    """What it takes to read a sheet, without reading it: the bytes a workbook unpacks to, as its directory says (reading one
    that lies about it ends in a refusal); a byte of csv stands for eight of those."""
    if data[:2] != b"PK":
        return 8 * len(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError):
        return 8 * len(data)
