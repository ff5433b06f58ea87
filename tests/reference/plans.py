"""The numbers of the five plans, copied by hand from their text, and one of our own that uses every other line.

Not read from the programmes' documents on purpose: if somebody changes a number there, the comparison fails. One hour of
learning is 45 minutes in all of them, assumed. What a plan leaves open and we have filled in is said in `assumed`.
"""

from dataclasses import replace
from datetime import date

from tests.reference.plan_lines import (
    CREDIT,
    HOUR,
    Cap,
    Choosing,
    Credits,
    Earning,
    Gate,
    Items,
    Minutes,
    NoneFailed,
    Part,
    Plan,
    Point,
    Points,
    Share,
    points_of_standard,
)

# P1, a town. 30 credits of practice by points of one's own choice in two environments; one failed item fails the whole.
P1 = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2026, 12, 31),
    late_until=date(2027, 2, 28),
    kinds=(),
    points=points_of_standard(10 * CREDIT),
    choosing=Choosing(environments=("multimedia", "blended"), points=1, credits=30 * CREDIT, declare=True),
    demands=(
        Credits("credits", 30 * CREDIT, of="declared"),
        NoneFailed("items", of="declared"),
        Items("handbook", "handbook", 3),
        Items("declaration", "declaration", 3),
    ),
    handbook=("goals", "study", "reflection"),
    assumed=(
        "the cycle and its last days: the plan points to the county's timetable",
        "10 credits for each point: the plan names 30 credits and no value of a point",
        "three handbook tasks, all asked for: the plan speaks of the tasks of a handbook we do not have",
        "three agreed declarations: what 30 credits at 10 a point take",
        "no minutes are counted: the plan counts credits only",
    ),
)

# P2, a province. 20 hours online and 30 of practice; how the 30 are split is a suggestion.
P2 = Plan(
    starts=date(2020, 1, 1),
    cut_off=date(2022, 12, 31),
    late_until=date(2023, 2, 28),
    kinds=(("online", ("online",)), ("research", ("school-research",)), ("application", ("lesson-study",))),
    results=(Earning("point", "evidence", 5 * HOUR), Earning("recording", "recording", 5 * HOUR)),
    caps=(
        Cap("day-online", "day", ("online",), 8 * HOUR),
        Cap("evidence", "kind", ("evidence",), 15 * HOUR),
        Cap("recording", "kind", ("recording",), 5 * HOUR),
    ),
    choosing=Choosing(opened=2, opened_for_flag=(("smart-education", 3),), points=3, each_opened=1),
    demands=(
        Minutes("online", ("online",), 20 * HOUR),
        Minutes("practice", ("evidence", "research", "recording", "application"), 30 * HOUR),
        Minutes("total", ("online", "evidence", "research", "recording", "application"), 50 * HOUR),
        Points("points", 3, each_opened=1),
    ),
    advice=(
        Minutes("evidence", ("evidence",), 15 * HOUR),
        Minutes("research", ("research",), 10 * HOUR),
        Minutes("recording", ("recording",), 5 * HOUR),
    ),
    assumed=(
        "the first day of the cycle, and how long late records are taken",
        "8 hours online count a day: the plan has no such cap",
        "pass and fail are the only levels",
        "5 hours for each passed point, at most 15, and 5 for the recording: the plan suggests the sums",
    ),
)

# P3, a province. 50 hours, half of them practice, which 25 hours online open; a profile instead of an overall level.
P3 = Plan(
    starts=date(2019, 1, 1),
    cut_off=date(2023, 12, 31),
    late_until=date(2024, 2, 29),
    kinds=(("online", ("online",)), ("practice", ("school-research", "lesson-study"))),
    caps=(Cap("day-online", "day", ("online",), 8 * HOUR),),
    gates=(Gate("online-first", ("online",), 25 * HOUR, ("practice",), "refuse"),),
    choosing=Choosing(points=2),
    demands=(
        Minutes("total", ("online", "practice"), 50 * HOUR),
        Share("practice", ("practice",), 50, of="total"),
        Points("points", 2),
    ),
    profile=True,
    assumed=(
        "the cycle: the plan says five years and blanks the dates",
        "8 hours online count a day: the plan has no such cap",
        "school-based research and lesson study are the practice",
        "passed points earn no hours: the plan gives none",
        "nobody opens points: the plan says at least two and no more",
    ),
)

# P4, a district. 20 hours online and 15 + 10 + 5 of practice, binding.
P4 = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2027, 6, 30),
    late_until=date(2027, 8, 31),
    kinds=(("online", ("online",)), ("research", ("school-research",))),
    results=(Earning("point", "evidence", 5 * HOUR), Earning("recording", "recording", 5 * HOUR)),
    caps=(
        Cap("day-online", "day", ("online",), 8 * HOUR),
        Cap("evidence", "kind", ("evidence",), 15 * HOUR),
        Cap("recording", "kind", ("recording",), 5 * HOUR),
    ),
    choosing=Choosing(opened=2, opened_for_flag=(("smart-education", 3),), points=3, each_opened=1),
    demands=(
        Minutes("online", ("online",), 20 * HOUR),
        Minutes("evidence", ("evidence",), 15 * HOUR),
        Minutes("research", ("research",), 10 * HOUR),
        Minutes("recording", ("recording",), 5 * HOUR),
        Minutes("practice", ("evidence", "research", "recording"), 30 * HOUR),
        Minutes("total", ("online", "evidence", "research", "recording"), 50 * HOUR),
        Points("points", 3, each_opened=1),
    ),
    excellent_points=2,
    assumed=(
        "the dates: the plan blanks the years",
        "8 hours online count a day",
        "5 hours for each passed point",
        "two excellent points make an excellent result",
    ),
)

# P5, a school. 50 hours, half of them practice; all the rest is the city's and assumed.
P5 = Plan(
    starts=date(2026, 6, 1),
    cut_off=date(2028, 12, 31),
    late_until=date(2029, 2, 28),
    kinds=(("online", ("online", "face-to-face")), ("practice", ("school-research", "lesson-study"))),
    results=(Earning("point", "evidence", 5 * HOUR),),
    caps=(Cap("evidence", "kind", ("evidence",), 15 * HOUR),),
    choosing=Choosing(points=3),
    demands=(
        Minutes("total", ("online", "practice", "evidence"), 50 * HOUR),
        Share("practice", ("practice", "evidence"), 50, of="total"),
        Points("points", 3),
    ),
    assumed=("everything but 50 hours and half of them practice: it is inherited from a city plan we do not have",),
)

ODD_CREDITS = tuple(
    replace(point, credits={"multimedia": 100, "blended": 101, "smart": 99}[point.environment])
    for point in points_of_standard()
)

# No plan of the five: every line that none of them uses, so that it is judged too.
EVERY_LINE = Plan(
    starts=date(2026, 1, 1),
    cut_off=date(2027, 6, 30),
    late_until=date(2027, 8, 31),
    kinds=(
        ("online", ("online",)),
        ("workshop", ("workshop",)),
        ("research", ("school-research",)),
        ("practice", ("lesson-study",)),
    ),
    results=(
        Earning("point", "evidence", 2 * HOUR, earned_on="handed_in"),
        Earning("recording", "recording", 3 * HOUR),
    ),
    caps=(
        Cap("day-workshop", "day", ("workshop",), 6 * HOUR, excess_to="online"),
        Cap("day-practice", "day", ("practice", "research"), 8 * HOUR),
        Cap("evidence", "kind", ("evidence",), 6 * HOUR),
    ),
    gates=(
        Gate("basics", ("online",), 5 * HOUR, ("practice",), "not-counted"),
        Gate("theory", ("online", "workshop"), 8 * HOUR, ("practice", "research"), "keep"),
    ),
    points=(
        *ODD_CREDITS,
        Point("L1", "smart", "learner-analysis", 101, local=True),
        Point("L2", "blended", "teaching-design", 100, local=True),
    ),
    axis="environment",
    choosing=Choosing(opened=1, points=3, each_opened=1),
    demands=(
        Minutes(
            "online", ("online", "workshop"), 10 * HOUR, for_flag=(("smart-education", 12 * HOUR), ("rural", 8 * HOUR))
        ),
        Minutes("practice", ("practice", "research", "evidence"), 10 * HOUR),
        Minutes("total", ("online", "workshop", "practice", "research", "evidence", "recording"), 20 * HOUR),
        Share("quarter", ("practice", "research"), 25, of="total"),
        Share("third", ("workshop",), 33, of="online", base="counted"),
        Points(
            "points",
            3,
            each_opened=1,
            for_flag=(("smart-education", 4),),
            parts=(
                Part("design", "dimension", ("teaching-design", "learner-analysis"), 1),
                Part("beyond", "environment", ("blended", "smart"), 2),
            ),
        ),
        Points("good", 1, level="excellent"),
        Credits("credits", 3 * CREDIT),
        NoneFailed("none-failed"),
        Items("recording-done", "recording"),
        Items("school-plan", "school-plan"),
        Items("self-diagnosis", "self-diagnosis"),
    ),
    profile=True,
    exclusive_with=("older",),
)

# A programme that ran before: research that counts there counts for nothing under the plan of every line.
OLDER = Plan(
    starts=date(2025, 9, 1),
    cut_off=date(2026, 8, 31),
    late_until=date(2026, 9, 30),
    kinds=(("research", ("school-research",)),),
    caps=(Cap("year", "kind", ("research",), 3 * HOUR),),
    demands=(Minutes("research", ("research",), 3 * HOUR),),
)

PLANS = {"p1": P1, "p2": P2, "p3": P3, "p4": P4, "p5": P5, "every-line": EVERY_LINE}
