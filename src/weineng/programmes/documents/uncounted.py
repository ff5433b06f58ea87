"""Lines that a document may have and that are not counted yet: such a document is read and checked, but not run.

This list shrinks line by line: whoever builds the counting of a line takes it out here, moves its text from docs/adr/0070
into docs/counting.md, and programmes that use it can be published.
"""

from collections.abc import Callable, Mapping

from weineng.programmes.rules import Document

NOT_COUNTED_YET: Mapping[str, Callable[[Document], object]] = {
    "exclusive_with": lambda d: d.exclusive_with,
}


def not_counted_yet(document: Document) -> tuple[str, ...]:
    """The lines of a document by which nobody can be counted yet, in the order of the list."""
    return tuple(line for line, used in NOT_COUNTED_YET.items() if used(document))
