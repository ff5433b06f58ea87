"""What may be done in `organisations`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW_UNIT = Permission(
    "organisations.view_unit", frozenset({Reach.UNIT}), _("See this unit, the units below it and their names.")
)
EDIT_UNITS = Permission(
    "organisations.edit_units", frozenset({Reach.UNIT}), _("Found, rename, move, merge and close units below.")
)
VIEW_PEOPLE = Permission(
    "organisations.view_people",
    frozenset({Reach.OWN, Reach.UNIT}),
    _("See the people of this unit: name, post, contact; identity numbers masked."),
)
EDIT_PEOPLE = Permission(
    "organisations.edit_people", frozenset({Reach.UNIT}), _("Enter, transfer and end people's posts in this unit.")
)
IMPORT_ROSTER = Permission(
    "organisations.import_roster", frozenset({Reach.UNIT}), _("Bring in a roster of this unit from a spreadsheet.")
)
EXPORT_PEOPLE = Permission(
    "organisations.export_people",
    frozenset({Reach.UNIT}),
    _("Take out lists of people of this unit; every export is logged."),
)
REVEAL_IDENTITY = Permission(
    "organisations.reveal_identity",
    frozenset({Reach.UNIT}),
    _("See a full identity number, with a reason that goes into the log."),
)
ERASE_PEOPLE = Permission(
    "organisations.erase_people",
    frozenset({Reach.UNIT}),
    _("Ask that everything personal of somebody be erased, and confirm it where another office person asked."),
)
MERGE_PEOPLE = Permission(
    "organisations.merge_people", frozenset({Reach.UNIT}), _("Merge two records of one person, and undo it.")
)
