"""Acts of a kind take turns: a named lock of the database, held until the transaction ends.

What is only looked at and taken back whole takes none (`out_of_turn`): it changes nothing that others could rest on.
"""

from django.db import connection

_OUT = "coalesce(current_setting('weineng.look', true), '') = 'on'"


def take_turn(name: str, *, shared: bool = False) -> None:
    """Wait for the lock of this name; `shared`: beside others who share it. Does nothing out of turn."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"select {lock}(hashtext(%s)) where not {_OUT}", [name])


def out_of_turn() -> None:
    """From here to the end of the transaction, which must be taken back, no turn is waited for or held."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('weineng.look', 'on', true)")


def is_out_of_turn() -> bool:
    """Whether this transaction is one that is taken back whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {_OUT}")
        return bool(cursor.fetchone()[0])
