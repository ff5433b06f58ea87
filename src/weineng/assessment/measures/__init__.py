"""Sets in SQL: who may review what, how reviewers compare."""

from weineng.assessment.measures.agreements import Agreement, agreements
from weineng.assessment.measures.pools import eligible, insiders, lapsed, loads

__all__ = ["Agreement", "agreements", "eligible", "insiders", "lapsed", "loads"]
