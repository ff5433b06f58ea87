"""Say beforehand what would follow: do it, look, and take it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.kernel.turns import out_of_turn

PATIENCE = "4s"  # that a look waits for what others hold
WAITED_TOO_LONG = "55P03"
BUSY = "busy"


@contextmanager
def trial(patience: str | None = None) -> Iterator[None]:
    """What is done inside is taken back at its end, refused or not: exactly what would follow can be read in between.

    Only for acts that stay inside the database: messages are sent by a loop that never sees what was taken back. Where the
    trial is the whole transaction it takes no turn, so that nobody waits for it but who needs the very same rows. Refuses
    `busy` where others hold longer than `patience` what the act needs.
    """
    whole = not connection.in_atomic_block
    try:
        with transaction.atomic():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("select set_config('lock_timeout', %s, true)", [patience or PATIENCE])
                if whole:
                    out_of_turn()
                yield
            finally:
                transaction.set_rollback(True)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != WAITED_TOO_LONG:
            raise
        raise busy() from error


def busy() -> Refused:
    """Others are at it."""
    return Refused(BUSY, _("Others are just changing what this concerns, a roster perhaps. Look again in a minute."))
