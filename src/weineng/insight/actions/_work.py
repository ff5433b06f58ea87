"""How the worker does what somebody asked for with a sheet: in their name, told as it goes on, whole or not at all."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from weineng.accounts.queries import actor_in, posts_of
from weineng.insight.models import Intake, MoveLook, TakeBack
from weineng.insight.rules import BEGUN_AT_MOST
from weineng.kernel.actors import Actor
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears
from weineng.organisations.queries import current_person

log = logging.getLogger(__name__)

Work = Intake | MoveLook | TakeBack
_TOLD_EVERY = 0.7  # seconds


class Stopped(Exception):  # noqa: N818 (what happened)
    """Somebody changed their mind while it was worked on: nothing of it stays."""


def attempt(row: Work, act: Callable[[Hears], None], refuse: Callable[[str, str], None], *, reads: bool = False) -> int:
    """Set about what somebody asked for; returns 1. It happens whole, or not at all.

    Where it is refused, breaks, or was begun too often and never came to an end, `refuse` is called with the code and the
    sentence, so that those behind it go on. `reads`: the rows are not counted yet; the act tells how many there are.
    """
    if row.begun >= BEGUN_AT_MOST:
        log.error("The %s %s was begun %s times and never came to an end.", row._meta.model_name, row.pk, row.begun)
        refuse("broken", "")
        return 1
    with translation.override(row.language or settings.LANGUAGE_CODE):
        try:
            with transaction.atomic(), _telling(row, reads=reads) as told:
                act(told)
        except Stopped:
            log.info("The %s %s was stopped by whoever asked for it.", row._meta.model_name, row.pk)
        except Refused as refusal:
            refuse(
                refusal.code, "" if isinstance(refusal, NotFound) else str(refusal)
            )  # its page has a sentence for that
        except (
            OperationalError,
            InterfaceError,
        ):  # the database is away, or somebody else was first: the loop tries again
            raise
        except Exception:  # whatever it is, those behind it go on
            log.exception("The %s %s could not be done.", row._meta.model_name, row.pk)
            refuse("broken", "")
    return 1


@contextmanager
def _telling(row: Work, *, reads: bool) -> Iterator[Hears]:
    """Tell whoever looks how far it has come, beside its transaction, which shows nothing before it ends; and see whether it is
    still wanted."""
    beside, table, last = connection.copy(), row._meta.db_table, monotonic()
    wanted = type(row)._default_manager.filter(pk=row.pk, state=row.state)

    def note(change: str, *values: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute(f"update {table} set {change} where id = %s and state = %s", [*values, row.pk, row.state])
        if not wanted.exists():
            raise Stopped

    def told(done: int, of: int) -> None:
        nonlocal last
        if monotonic() < last + _TOLD_EVERY:
            return
        last = monotonic()
        rows = of if reads else row.rows
        note("gone = %s, rows = %s", rows * done // max(of, 1), rows)

    try:
        note("begun = begun + 1, gone = 0")
        yield told
    finally:
        beside.close()


def finish(row: Work, was: Sequence[str], **fields: Any) -> None:
    """Write the answer, if it is still wanted; the last thing an attempt does, so that whoever stops it waits for nothing.

    What the database would check at the end is checked before, while it can still be said of this sheet.
    """
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    if not type(row)._default_manager.filter(pk=row.pk, state__in=was).update(**fields):
        raise Stopped
    for name, value in fields.items():
        setattr(row, name, value)


def refused(row: Work, **fields: Any) -> bool:
    """Write down that it was refused; False where whoever asked has changed their mind."""
    rows = type(row)._default_manager.filter(pk=row.pk, state=row.state)
    return bool(rows.update(gone=0, **fields))


def actor_behind(row: Work, may: Callable[[Actor], bool]) -> Actor | None:
    """Who asked, with what they may do now: in their own name, or in the one they acted in if it is still lent to them; None
    where they may not any more."""
    person = current_person(row.person)  # two records of theirs may have been merged meanwhile
    posts = posts_of(person)
    lent = [post.delegation for post in posts if post.principal == row.on_behalf_of and post.delegation is not None]
    for delegation in [None] if row.on_behalf_of is None else lent:
        actor = actor_in(person, posts, "web", delegation)
        if may(actor):
            return actor
    return None


def platform_only(by: Actor) -> None:
    """Refuses `platform-only`."""
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
