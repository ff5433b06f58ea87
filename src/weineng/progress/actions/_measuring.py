"""What recounting and comparing share: who may, and one lock."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.planner import answers
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.turns import take_turn
from weineng.programmes.models import Programme


def platform_only(by: Actor) -> None:
    """Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))


def programme_to_count(pk: int) -> Programme:
    """The programme; refuses `not-found`. Gives what follows room for a whole province."""
    found = Programme.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("programmes.programme")
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
    return found


def wait_for_drain() -> None:
    """From here to the end of the transaction no other drain runs (a look stands beside it)."""
    take_turn("progress.recount")


def see_one_instant() -> None:
    """From here to the end of the transaction everything is seen as it stands now, whatever drains write meanwhile: a drain takes
    what had asked for it and writes what follows in one transaction, so between two of them the two fit. First thing in a transaction;
    in the middle of another's one drains must wait instead."""
    if connection.savepoint_ids:
        wait_for_drain()
        return
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")


def lock_or_leave() -> bool:
    """Whether this drain is the only one now. Its end waits for no disk: a crash that takes what was derived gives back what had
    asked for it, and whatever is told on the strength of it is on disk only together with it."""
    return bool(answers(_LOCK)[0][0])


_LOCK = """
select pg_try_advisory_xact_lock(hashtext('progress.recount')), set_config('synchronous_commit', 'off', true)"""
