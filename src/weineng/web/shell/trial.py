"""Say beforehand what would follow: do it, look, and take it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def trial() -> Iterator[None]:
    """What is done inside is taken back at its end, refused or not: exactly what would follow can be read in between.

    Only for acts that stay inside the database: messages are sent by a loop that never sees what was taken back.
    """
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
