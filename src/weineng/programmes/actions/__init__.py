"""What can be done with programmes, one file per noun."""

from weineng.programmes.actions.approvals import (
    approve_lines,
    ask_approval,
    end_approval,
    return_approval,
    withdraw_approval,
)
from weineng.programmes.actions.changes import take_changes
from weineng.programmes.actions.drafts import (
    Made,
    begin_draft,
    discard_draft,
    move_line,
    publish_draft,
    remove_line,
    restore_draft,
    save_draft,
    write_line,
)
from weineng.programmes.actions.erasing import erase_from_programmes
from weineng.programmes.actions.exemptions import ask_exemption, end_exemption, grant_exemption
from weineng.programmes.actions.following import follow_reorganisations
from weineng.programmes.actions.people import (
    EnrolledPeople,
    attach_host,
    detach_host,
    enrol_people,
    let_leave,
    undo_leave,
)
from weineng.programmes.actions.programmes import (
    Publication,
    close_programme,
    publish_programme,
    reopen_programme,
    start_programme,
    undo_start_programme,
)
from weineng.programmes.actions.proposals import (
    confirm_version,
    forget_looks,
    look_again,
    move_enrolments,
    propose_former,
    propose_version,
    refuse_version,
    withdraw_version,
)
from weineng.programmes.actions.schools import enrol_school, unenrol_school

__all__ = [
    "EnrolledPeople",
    "Made",
    "Publication",
    "approve_lines",
    "ask_approval",
    "ask_exemption",
    "attach_host",
    "begin_draft",
    "close_programme",
    "confirm_version",
    "detach_host",
    "discard_draft",
    "end_approval",
    "end_exemption",
    "enrol_people",
    "enrol_school",
    "erase_from_programmes",
    "follow_reorganisations",
    "forget_looks",
    "grant_exemption",
    "let_leave",
    "look_again",
    "move_enrolments",
    "move_line",
    "propose_former",
    "propose_version",
    "publish_draft",
    "publish_programme",
    "refuse_version",
    "remove_line",
    "reopen_programme",
    "restore_draft",
    "return_approval",
    "save_draft",
    "start_programme",
    "take_changes",
    "undo_leave",
    "undo_start_programme",
    "unenrol_school",
    "withdraw_approval",
    "withdraw_version",
    "write_line",
]
