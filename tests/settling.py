"""What the worker does in one round, in the test's transaction."""

from weineng.ops.loops import run_once

__all__ = ["run_once"]
