"""Sum the areas anew when the tree is another one (a step of the settle loop)."""

from django.db import transaction

from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.organisations.effects import follow_tree
from weineng.progress.actions._areas import write_areas
from weineng.progress.actions._measuring import lock_or_leave, platform_only
from weineng.progress.measures.areas import are_kept, first_other_day
from weineng.progress.measures.people import clear_scratch
from weineng.progress.models import AddedUp


@transaction.atomic
def add_up(*, by: Actor) -> int:
    """Sum the areas anew if the tree has changed since, or does today; returns how many rows were written. Leaves it to the next
    time while another drain runs. Refuses `platform-only`."""
    platform_only(by)
    on = today()
    if are_kept(on) or not lock_or_leave():
        return 0
    follow_tree()
    clear_scratch()
    written = write_areas(on)
    AddedUp.objects.all().delete()
    AddedUp.objects.create(since=on, until=first_other_day(on))
    return written
