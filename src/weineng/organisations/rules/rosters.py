"""What a roster says and what it does: rows the door has read and judged, and the outcome by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

PROBLEMS: Mapping[str, object] = {
    "school-out-of-reach": _("This school is not among those of the roster."),
    "name-missing": _("The name is missing."),
    "person-unidentified": _("There is neither an identity number nor a staff number."),
    "identity-number-wrong": _("This identity number is mistyped."),
    "person-gone": _("The person of this row is not here any more, or not within your reach."),
    "id-name-conflict": _("Row %(first)s has the same number with another name."),
    "name-differs": _("This number is known under another name."),
    "staff-number-twice": _("Several people of this school have this staff number."),
    "works-elsewhere": _(
        "This person has a home post at another school. It must end there, or the person be transferred."
    ),
    "duplicate-row": _("Row %(first)s tells of the same post."),
    "post-word-unknown": _("“%(word)s” is not in the list."),
    "home-post-overlaps": _("This person has another home post at that time."),
    "text-too-long": _("At most %(longest)s characters."),
    "post-there-already": _("This person has a post there at that time already."),
}


@dataclass(frozen=True)
class RosterRow:
    """One row of a roster, already read and judged by the door: canonical values, '' or None where a cell is empty.

    `row` is the row's number in the sheet, `school` the id of the unit that code and name of the school mean, `group` the
    teaching group's name as written. `gender` is m, f or ''; `id_type` id-card, passport …; the other coded values as in
    `Post`. An empty cell leaves what is known of an existing person as it is.

    A row of our own export also says whose it was (`person`) and for which unit it was written (`unit`); `unchanged` tells
    that it says nothing new: only `row`, `school`, `person` and `unit` count then.
    """

    row: int
    name: str
    school: int
    gender: str = ""
    id_type: str = ""
    id_number: str = ""
    phone: str = ""
    group: str = ""
    stage: str = ""
    subject: str = ""
    post: str = ""
    establishment: str = ""
    in_post: str = ""
    licence: bool | None = None
    staff_number: str = ""
    start_date: date | None = None
    person: int | None = None
    unit: int | None = None
    unchanged: bool = False


@dataclass(frozen=True)
class RosterProblem:
    """Why a row could not go in: the row's number, its column, a refusal code with parameters."""

    row: int
    column: str
    code: str
    params: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        text = str(PROBLEMS[self.code])
        return text % self.params if self.params else text


@dataclass(frozen=True)
class RosterOutcome:
    """What a roster did (or, in a preview, would do). `new`, `changed` and `same` are row numbers, one list each.

    `problems` are rows that did not go in; while there is one, nothing of the file goes in. `absent` counts people of the
    file's schools who are not in the file: they stay as they are. `roster` is the id to undo it by (None: nothing written).
    """

    new: Sequence[int]
    changed: Sequence[int]
    same: Sequence[int]
    problems: Sequence[RosterProblem] = ()
    groups: Sequence[str] = ()
    absent: int = 0
    roster: int | None = None
