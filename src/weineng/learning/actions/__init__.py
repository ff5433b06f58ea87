"""What can be done in the hours lane."""

from weineng.learning.actions.attendance import take_attendance
from weineng.learning.actions.decisions import decide_overlap, end_decision, restore_record, void_record
from weineng.learning.actions.deliveries import accept_records, bring_hours, resolve_records
from weineng.learning.actions.erasing import erase_from_learning
from weineng.learning.actions.placing import place_records
from weineng.learning.actions.providers import admit_provider, change_provider, issue_api_key
from weineng.learning.actions.sheets import take_back_hours

__all__ = [
    "accept_records",
    "admit_provider",
    "bring_hours",
    "change_provider",
    "decide_overlap",
    "end_decision",
    "erase_from_learning",
    "issue_api_key",
    "place_records",
    "resolve_records",
    "restore_record",
    "take_attendance",
    "take_back_hours",
    "void_record",
]
