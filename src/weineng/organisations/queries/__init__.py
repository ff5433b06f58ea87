"""What can be asked of the tree and its people: who stands where on a day, whose leaf is which, who is meant by a number."""

from weineng.organisations.queries.leaves import home_leaves, leaf_at, placed_by
from weineng.organisations.queries.people import (
    STAFF_NUMBER,
    current_person,
    find_people,
    masked_numbers,
    members_of,
    search_people,
)
from weineng.organisations.queries.posts import (
    PostPreview,
    lines_of,
    preview_posts,
    refuse_bad_post,
    stretches_for,
)
from weineng.organisations.queries.rosters import (
    STAFFED,
    PersonPlan,
    RosterPlan,
    SchoolEntry,
    new_person_facts,
    plan_roster,
    preview_roster,
    school_register,
)
from weineng.organisations.queries.tree import (
    MovePreview,
    children_of,
    has_flag,
    name_at,
    path_of,
    preview_move,
    school_of,
    still_open,
)

__all__ = [
    "STAFFED",
    "STAFF_NUMBER",
    "MovePreview",
    "PersonPlan",
    "PostPreview",
    "RosterPlan",
    "SchoolEntry",
    "children_of",
    "current_person",
    "find_people",
    "has_flag",
    "home_leaves",
    "leaf_at",
    "lines_of",
    "masked_numbers",
    "members_of",
    "name_at",
    "new_person_facts",
    "path_of",
    "placed_by",
    "plan_roster",
    "preview_move",
    "preview_posts",
    "preview_roster",
    "refuse_bad_post",
    "school_of",
    "school_register",
    "search_people",
    "still_open",
    "stretches_for",
]
