"""Acts of a kind take turns: a named lock of the database, held until the transaction ends.

What is only looked at and taken back whole takes none (`out_of_turn`): it changes nothing that others could rest on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from weineng.kernel.planner import answers
from weineng.kernel.refusals import Refused

OUT_OF_TURN = "coalesce(current_setting('weineng.look', true), '') = 'on'"


def take_turn(name: str, *, shared: bool = False) -> None:
    """Wait for the lock of this name; `shared`: beside others who share it. Does nothing out of turn."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"select {lock}(hashtext(%s)) where not {OUT_OF_TURN}", [name])


def nobodys_turn(name: str) -> bool:
    """Whether nobody holds the lock of this name. Asked inside a transaction, it is ours to the end of it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])


def out_of_turn() -> None:
    """From here to the end of the transaction, which must be taken back, no turn is waited for or held."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('weineng.look', 'on', true)")


def is_out_of_turn() -> bool:
    """Whether this transaction is one that is taken back whole."""
    return bool(answers(f"select {OUT_OF_TURN}")[0][0])


@contextmanager
def waiting(patience: str, busy: Refused) -> Iterator[None]:
    """Wait so long (`5s`; `0`: without limit) for a lock that is asked for in here, then refuse with `busy`; for others as long
    as before."""
    setting = "select current_setting('lock_timeout'), set_config('lock_timeout', %s, true)"
    try:
        with connection.cursor() as cursor:
            cursor.execute(setting, [patience])
            was = cursor.fetchone()[0]
            yield
            cursor.execute(setting, [was])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise busy from error
        raise
