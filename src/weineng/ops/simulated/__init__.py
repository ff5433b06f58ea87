"""A synthetic province of any size: who wants to see the platform at the size of a province fills an empty database with it.

The same numbers of teachers and seed give the same province. It is written by COPY and in sets, past the actions
(docs/adr/0080): nobody acted, so the log has nothing of it but the programme.
"""

from weineng.ops.simulated.filling import Province, Size, fill, is_empty, size_of

__all__ = ["Province", "Size", "fill", "is_empty", "size_of"]
