"""What can be asked of the counting: one teacher's page, the ways that remain, a unit's figures, the people behind each."""

from weineng.progress.queries.behind import PersonRow, people_behind, people_page
from weineng.progress.queries.cuts import CutValue, cuts_of, flags_below
from weineng.progress.queries.overviews import Figures, Overview, OverviewRow, Reached, figures_of, overview, reached_in
from weineng.progress.queries.profiles import ProfileCell, ProfileRow, profile_in
from weineng.progress.queries.proving import (
    Loosened,
    Proven,
    Told,
    counted_texts,
    loosened,
    loosened_text,
    prove,
    told,
)
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
from weineng.progress.queries.sources import SourceAccount, SourceLine, account_of_source
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
    "CutValue",
    "DemandStanding",
    "Figures",
    "KindLines",
    "LineView",
    "Loosened",
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
    "SourceAccount",
    "SourceLine",
    "StandingPage",
    "TaskView",
    "Told",
    "Waiting",
    "WayView",
    "account_of_source",
    "counted_of",
    "counted_texts",
    "cuts_of",
    "figures_of",
    "flags_below",
    "lines_of_record",
    "loosened",
    "loosened_text",
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
