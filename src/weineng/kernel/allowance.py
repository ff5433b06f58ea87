"""How often somebody may call.

Counted in the memory of each web process, not in the database: what must be held off is a program that runs wild, and holding it
off must not cost what it would have cost. So one may do a little more where several processes answer; that is all right.
"""

import math
from threading import Lock
from time import monotonic

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused


class Allowance:
    """For each key a bucket that fills with `rate` calls a second, up to `burst`; a call takes one out."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._lock = Lock()
        self._left: dict[int, tuple[float, float]] = {}  # key → calls left, at which moment

    def wait(self, key: int, at: float) -> int:
        """Take one call out at the moment `at` (seconds); how many seconds to wait where there is none, 0 if there was."""
        with self._lock:
            left, then = self._left.get(key, (float(self.burst), at))
            left = min(float(self.burst), left + max(at - then, 0) * self.rate)
            if left >= 1:
                self._left[key] = (left - 1, at)
                return 0
            self._left[key] = (left, at)
            return max(1, math.ceil((1 - left) / self.rate))

    def take(self, key: int) -> None:
        """Count a call of a key now. Refuses `too-many-calls` (with the seconds to wait)."""
        if seconds := self.wait(key, monotonic()):
            message = _("This key calls too often. Wait %(seconds)s seconds.")
            raise Refused("too-many-calls", message, seconds=seconds)
