"""What of several teachers waits for an answer is answered in one go: declared points and tasks of the handbook together."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Actor
from weineng.kernel.refusals import Refused
from weineng.planning.actions.declarations import agree_declarations, return_declarations
from weineng.planning.actions.handbook import confirm_tasks, return_tasks


@transaction.atomic
def answer_asked(
    *, by: Actor, declarations: Collection[int], entries: Collection[int], advice: str | None = None
) -> int:
    """Agree to declared points and confirm tasks, or with `advice` send all of them back: all of it, or nothing where one is
    refused. Returns how many were answered now.

    Refuses `nothing-ticked`, and as `agree_declarations`, `confirm_tasks`, `return_declarations` and `return_tasks` do.
    """
    if not declarations and not entries:
        raise Refused("nothing-ticked", _("Tick at least one."))
    answered = 0
    if declarations and advice is None:
        answered += agree_declarations(by=by, declarations=declarations)
    elif declarations:
        answered += return_declarations(by=by, declarations=declarations, advice=advice or "")
    if entries and advice is None:
        answered += confirm_tasks(by=by, entries=entries)
    elif entries:
        answered += return_tasks(by=by, entries=entries, advice=advice or "")
    return answered
