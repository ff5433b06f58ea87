"""How widely the widest proofs are drawn: in full, or narrow where an answer is wanted soon.

`make check` sets WEINENG_TEST_NARROW: fewer random examples and teachers, and crawls that open a share of the addresses, a
different one in each role. Every test runs and can fail in both; `make test`, and pytest by hand, draw in full.
"""

import os

NARROW = bool(os.environ.get("WEINENG_TEST_NARROW"))


def wide(full, narrow):
    """What a proof uses for its number of examples, teachers, pages."""
    return narrow if NARROW else full


def examples(full):
    """How many random examples: all of them, narrowly a tenth, and at least three."""
    return wide(full, max(3, full // 10))
