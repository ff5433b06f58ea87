"""What can be asked of the counting: one teacher's page, the ways that remain, a unit's figures, the people behind each."""

from weineng.progress.measures.witnesses import CountedWitness
from weineng.progress.queries.behind import PersonRow, people_behind, people_page
from weineng.progress.queries.cuts import CutValue, cuts_of, flags_below
from weineng.progress.queries.overviews import Figures, Overview, OverviewRow, Reached, figures_of, overview, reached_in
from weineng.progress.queries.profiles import ProfileCell, ProfileRow, profile_in
from weineng.progress.queries.proving import Proven, Told, kinds_below, prove, told
from weineng.progress.queries.rounds import Waiting, rounds, waiting_for_recount
from weineng.progress.queries.samples import (
    PRESETS,
    Sample,
    SampleStanding,
    points_of,
    preset,
    stand_of_sample,
    stand_under,
)
from weineng.progress.queries.standings import (
    AdviceView,
    DemandStanding,
    KindLines,
    LineView,
    Reason,
    StandingPage,
    counted_of,
    lines_of_record,
    periods,
    standing_of,
)
from weineng.progress.queries.ways import TaskView, WayView, position_of, shortest_ways

__all__ = [
    "PRESETS",
    "AdviceView",
    "CountedWitness",
    "CutValue",
    "DemandStanding",
    "Figures",
    "KindLines",
    "LineView",
    "Overview",
    "OverviewRow",
    "PersonRow",
    "ProfileCell",
    "ProfileRow",
    "Proven",
    "Reached",
    "Reason",
    "Sample",
    "SampleStanding",
    "StandingPage",
    "TaskView",
    "Told",
    "Waiting",
    "WayView",
    "counted_of",
    "cuts_of",
    "figures_of",
    "flags_below",
    "kinds_below",
    "lines_of_record",
    "overview",
    "people_behind",
    "people_page",
    "periods",
    "points_of",
    "position_of",
    "preset",
    "profile_in",
    "prove",
    "reached_in",
    "rounds",
    "shortest_ways",
    "stand_of_sample",
    "stand_under",
    "standing_of",
    "told",
    "waiting_for_recount",
]
