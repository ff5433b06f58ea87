"""Sets in SQL: who may review what, how reviewers compare."""

from weineng.assessment.measures.agreements import Agreement, agreements
from weineng.assessment.measures.pools import eligible, handed_over, insiders, lapsed, loads
from weineng.assessment.measures.samples import StratumTally, draw_from, frame_digest, make_frame, tally_strata

__all__ = [
    "Agreement",
    "StratumTally",
    "agreements",
    "draw_from",
    "eligible",
    "frame_digest",
    "handed_over",
    "insiders",
    "lapsed",
    "loads",
    "make_frame",
    "tally_strata",
]
