"""What the worker does in one round, in the test's transaction."""

from weineng.assessment.actions import settle_results
from weineng.certification.actions import award_due
from weineng.kernel.actors import platform
from weineng.learning.actions import resolve_records, take_attendance
from weineng.progress.actions import recount

STEPS = (resolve_records, take_attendance, settle_results, recount, award_due)


def run_once():
    """Every step of the settle loop once, in the order of the tower."""
    for step in STEPS:
        step(by=platform("settle"))
