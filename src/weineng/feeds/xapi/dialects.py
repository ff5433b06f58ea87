"""The two versions that are spoken here, and in what they differ for a request."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """A version: what it answers in its header, which versions of a request it takes, whether a request may be written as a form
    (`alternate`)."""

    path: str
    version: str
    takes: re.Pattern[str]
    alternate: bool


OLD = Dialect("1.0.3", "1.0.3", re.compile(r"1\.0(\.\d+)?"), alternate=True)
NEW = Dialect("2.0", "2.0.0", re.compile(r"2\.0(\.\d+)?"), alternate=False)
DIALECTS = (NEW, OLD)
VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")  # of statements and calls that are understood
