"""What can be done in the hours lane."""

from weineng.learning.actions.agreements import agree_home, agree_rule, end_home, end_rule
from weineng.learning.actions.attendance import take_attendance
from weineng.learning.actions.decisions import decide_overlap, end_decision, restore_record, void_record
from weineng.learning.actions.deliveries import accept_records, bring_hours, resolve_records
from weineng.learning.actions.erasing import erase_from_learning
from weineng.learning.actions.naming import name_person, unname_person
from weineng.learning.actions.placing import place_records
from weineng.learning.actions.providers import admit_provider, change_provider, issue_api_key
from weineng.learning.actions.reckoning import state_books
from weineng.learning.actions.sandboxes import empty_sandbox, set_server_date
from weineng.learning.actions.sheets import take_back_hours
from weineng.learning.actions.statements import read_statements

__all__ = [
    "accept_records",
    "admit_provider",
    "agree_home",
    "agree_rule",
    "bring_hours",
    "change_provider",
    "decide_overlap",
    "empty_sandbox",
    "end_decision",
    "end_home",
    "end_rule",
    "erase_from_learning",
    "issue_api_key",
    "name_person",
    "place_records",
    "read_statements",
    "resolve_records",
    "restore_record",
    "set_server_date",
    "state_books",
    "take_attendance",
    "take_back_hours",
    "unname_person",
    "void_record",
]
