"""Who a history is of, where they stand in the tree, and what they are exempt from: semantics 29, 32, 34."""

from datetime import date

from tests.reference.facts import Enrolment, History, Posting, SchoolPlan, Unit
from tests.reference.plan_lines import Plan


def kept_entry(history: History) -> int:
    """The entry that all the others were merged into."""
    gone = [entry.number for entry in history.entries if entry.merged_into is not None]
    kept = [entry.number for entry in history.entries if entry.number not in gone]
    assert len(kept) == 1, "a history is of one person"
    return kept[0]


def enrolments_in(history: History, programme: str) -> list[Enrolment]:
    """All enrolments of this person's entries in a programme."""
    return [enrolment for enrolment in history.enrolments if enrolment.programme == programme]


def standing_enrolment(history: History, programme: str) -> Enrolment:
    """The one that has the standing: the kept entry's; if it has none, the oldest (34)."""
    found = enrolments_in(history, programme)
    for enrolment in found:
        if enrolment.entry == kept_entry(history):
            return enrolment
    return min(found, key=lambda enrolment: enrolment.number)


def exemptions_in_force(history: History, enrolments: list[Enrolment], plan: Plan, on: date) -> list[tuple[str, date]]:
    """What is taken from this person on a date, and since when; after the cut-off as on its last day (32)."""
    day = min(on, plan.cut_off)
    numbers = [enrolment.number for enrolment in enrolments]
    found = []
    for exemption in history.exemptions:
        if exemption.enrolment not in numbers or not exemption.granted or exemption.ended:
            continue
        if exemption.first <= day and (exemption.until is None or day < exemption.until):
            found.append((exemption.demand, exemption.first))
    return found


# --- Where --------------------------------------------------------------------------------------------------------
def home_on(postings: tuple[Posting, ...], on: date) -> str:
    """The unit of the home posting on a date; '' if there is none."""
    for posting in postings:
        if posting.home and posting.first <= on and (posting.until is None or on < posting.until):
            return posting.unit
    return ""


def school_on(postings: tuple[Posting, ...], units: dict[str, Unit], host: str, on: date) -> str:
    """The host school of who has one, else the school of the home posting on a date, or none ('')."""
    unit = host or home_on(postings, on)
    while unit:
        if units[unit].level == "school":
            return unit
        unit = units[unit].above
    return ""


def flags_on(units: dict[str, Unit], school: str, on: date) -> tuple[str, ...]:
    """What a school bears on a date."""
    if not school:
        return ()
    borne = [f.code for f in units[school].flags if f.first <= on and (f.until is None or on < f.until)]
    return tuple(borne)


def has_school_plan(plans: tuple[SchoolPlan, ...], school: str, on: date) -> bool:
    """The plan of this school is approved or filed on a date."""
    return any(plan.school == school and plan.first <= on and (plan.until is None or on < plan.until) for plan in plans)


def leaf_of(postings: tuple[Posting, ...], units: dict[str, Unit], owner: str, on: date) -> tuple[str, str]:
    """The unit at which a teacher is counted on a date, and how: group, no-group, unplaced (29)."""
    here = home_on(postings, on)
    if here:
        return here, "group" if units[here].level == "group" else "no-group"
    home = sorted((posting for posting in postings if posting.home), key=lambda posting: posting.first)
    before = [posting for posting in home if posting.until is not None and posting.until <= on]
    if before:
        unit = before[-1].unit  # the last one
    elif home:
        unit = home[0].unit  # not begun yet: the first one to come
    else:
        return owner, "unplaced"
    while units[unit].closed_on is not None and units[unit].closed_on <= on:
        unit = units[unit].above
    return unit, "unplaced"
