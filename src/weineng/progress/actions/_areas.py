"""The sums of areas written beside those of leaves."""

from datetime import date

from weineng.kernel.clock import today
from weineng.kernel.planner import ask
from weineng.kernel.sets import write_select
from weineng.kernel.turns import is_out_of_turn
from weineng.organisations.effects import note_tree_change
from weineng.progress.actions._writing import changed
from weineng.progress.measures.areas import are_kept, sum_areas, sum_differences
from weineng.progress.measures.people import empty
from weineng.progress.models import AddedUp

AREA = ("programme_id", "unit_id", "demand", "verdict", "people", "participants")
AREA_KEY = AREA[:4]


def write_areas(on: date) -> int:
    """Make the sums of areas equal to those of the leaves below them on a day; returns how many rows were written or deleted."""
    empty("counting_area")
    sum_areas(on)
    gone = ask(
        """
        delete from progress_areatally o
         where not exists (select from counting_area f where f.programme = o.programme_id and f.unit = o.unit_id
                              and f.demand = o.demand and f.verdict = o.verdict)""",
        few=False,
    )
    select = changed("progress_areatally", "counting_area", AREA, AREA_KEY)
    return gone + write_select("progress_areatally", select, (), columns=AREA, unique=AREA_KEY)


def keep_areas(*, everything: bool, few: bool) -> None:
    """Add to the sums of areas what the sums of the noted leaves will be other by; called before these are written.

    A look, which is taken back, holds no row of a province that others have to write: it asks the leaves. Where the sums are
    those of another day they are let go of, and not patched under a tree that they were not made under.
    """
    on = today()
    if is_out_of_turn():
        note_tree_change()
    elif not are_kept(on):
        AddedUp.objects.all().delete()
    elif not everything and sum_differences(on, few=few):
        ask(_ADD, few=few)


_ADD = """
insert into progress_areatally as old (programme_id, unit_id, demand, verdict, people, participants)
select programme, unit, demand, verdict, people, participants from counting_area order by 1, 2, 3, 4
    on conflict (programme_id, unit_id, demand, verdict) do update
   set people = old.people + excluded.people, participants = old.participants + excluded.participants"""
