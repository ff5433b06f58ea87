"""The two versions that are spoken here, and in what they differ for a request."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """A version: what it answers in its header, which versions of a request it takes, whether a request may be written as a form
    (`alternate`), and whether a
    state is replaced only by who says that they know of it (`careful_states`)."""

    path: str
    version: str
    takes: re.Pattern[str]
    alternate: bool
    careful_states: bool


OLD = Dialect("1.0.3", "1.0.3", re.compile(r"1\.0(\.\d+)?"), alternate=True, careful_states=False)
NEW = Dialect("2.0", "2.0.0", re.compile(r"2\.0(\.\d+)?"), alternate=False, careful_states=True)
DIALECTS = (NEW, OLD)
VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")  # of statements and calls that are understood
