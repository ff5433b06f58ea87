"""What the worker does in one round, in the test's transaction."""

from functools import partial

from weineng.ops import loops

# The nightly comparison counts everybody from nothing: it is asked by the tests that are about it.
run_once = partial(loops.run_once, daily=False)

__all__ = ["run_once"]
