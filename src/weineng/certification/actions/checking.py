"""Is this certificate real? Asked by anybody; what is found leaves no trace, what is not is counted for an hour."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from weineng.certification.models import Guesses
from weineng.certification.queries import Verified, guesses_left, verified, with_code, with_number
from weineng.certification.rules import as_number
from weineng.kernel.actors import Actor
from weineng.kernel.addresses import asker
from weineng.kernel.ciphers import keyed_hash
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused


@transaction.atomic
def check_certificate(
    *,
    by: Actor,  # noqa: ARG001 (anybody)
    typed: str,
    address: str,
) -> Verified | None:
    """What anybody may know of the certificate with this number or code, as typed or scanned; None where there is none.

    Refuses `too-many-guesses` (with the seconds until the hour is over) once an address has asked for GUESSES numbers that
    do not exist. Codes cannot be guessed and are always answered; a number with a slip of the finger is no guess.
    """
    if row := with_code(typed):
        return verified(row)
    number = as_number(typed)
    if number is None:
        return None
    at = now()
    hour = at.replace(minute=0, second=0, microsecond=0)
    who = keyed_hash("asker", asker(address))
    if guesses_left(who, hour) <= 0:
        seconds = int((hour + timedelta(hours=1) - at).total_seconds()) + 1
        raise Refused(
            "too-many-guesses",
            _(
                "Too many numbers that do not exist were asked for from this network. Scan the code, or come back later."
            ),
            seconds=seconds,
        )
    if row := with_number(number):
        return verified(row)
    _count(who, hour.isoformat())
    return None


def _count(who: str, hour: str) -> None:
    table = Guesses._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} (asker, hour, count) values (%s, %s, 1)"
            f" on conflict (asker, hour) do update set count = {table}.count + 1",
            [who, hour],
        )
        cursor.execute(
            f"delete from {table} where id in (select id from {table} where hour < %s for update skip locked)", [hour]
        )
