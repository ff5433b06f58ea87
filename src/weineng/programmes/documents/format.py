"""The format of a programme's document: every field, its shape, whether it must be there, which way it may be refined."""

from weineng.organisations.models import ESTABLISHMENTS, IN_POST_STATES, KINDS
from weineng.programmes.documents.records import Field, Record, Rows, Table
from weineng.programmes.documents.shapes import (
    Code,
    Day,
    Either,
    Flag,
    Hundredths,
    Many,
    OneOf,
    Ordered,
    Text,
    Whole,
    WordsShape,
)
from weineng.programmes.rules import (
    APPROVING_LEVELS,
    BEFORE_GATE,
    CONFIRMERS,
    DEMAND_TYPES,
    DEMANDED_ITEMS,
    MODES,
    REVIEWERS,
    STRATA,
    VERDICTS_FOR_CERTIFICATES,
)
from weineng.standards.rules import AXES, DIMENSIONS, ENVIRONMENTS, MEDIA
from weineng.standards.rules import LEVELS as LEVELS_OF_POINTS

CODE = Code()
DOCUMENT_CODE = Code(40)  # of programmes, bases and editions of standards
WORDS = WordsShape()
ITEMS = OneOf(("point", "recording"))
KIND_CODES = Many(CODE)
PERIODS = Hundredths("periods")
CREDITS = Hundredths("credits")
POINT_CODE = Code(capitals=True)
AXIS = OneOf(tuple(AXES))

CYCLE = Record({
    "start": Field(Day(), "First day on which something can count", tightens="fixed"),
    "cut_off": Field(Day(), "Last day on which something can count", tightens="down"),
    "late_until": Field(Day(), "Last day on which what happened before the cut-off may still arrive", tightens="down"),
})  # fmt: skip
SCOPE = Record({
    "kinds": Field(Many(OneOf(KINDS)), "Kinds of schools and offices that take part", tightens="superset"),
    "in_post": Field(Many(OneOf(IN_POST_STATES)), "In-post states of the people who take part", tightens="superset"),
    "establishment": Field(
        Either("any", Many(OneOf(ESTABLISHMENTS))), "Establishment of the people who take part, or any", tightens="superset"
    ),
    "licence_required_for_kinds": Field(
        Many(OneOf(KINDS), least=0), "Kinds of units where only people with a teaching licence take part", False, (), tightens="subset"
    ),
})  # fmt: skip
PHASES = Rows(Record({
    "code": Field(CODE, "Code of the phase"),
    "from": Field(Day(), "First day"),
    "to": Field(Day(), "Last day"),
    "title": Field(WORDS, "Title"),
    "batch": Field(Flag(), "Whether schools are enrolled in it as their batch", False, True),
}))  # fmt: skip
TASKS = Rows(Record({
    "code": Field(CODE, "choose, or the code of a demand"),
    "due": Field(Day(), "The day until which a teacher should have done it"),
    "due_for_batch": Field(Table(Day()), "Other days for the schools of a batch", False, {}),
}))  # fmt: skip
MINUTE_KINDS = Rows(
    Record({
        "code": Field(CODE, "Code of the kind"),
        "from": Field(OneOf(("records", "results")), "Delivered as records, or earned by results", tightens="fixed"),
        "match": Field(
            Record({"mode": Field(Many(OneOf(MODES)), "Modes of the records", tightens="subset")}),
            "Which records become this kind; a record becomes the first kind that matches", False,
        ),
        "item": Field(ITEMS, "What earns the minutes of a kind from results", False, "", tightens="fixed"),
        "title": Field(WORDS, "Title"),
    }),
    least=0,
)  # fmt: skip
CAPS = Rows(
    Record({
        "code": Field(CODE, "Code of the cap, named in the reason"),
        "per": Field(OneOf(("record", "day", "course", "kind")), "What it limits", tightens="fixed"),
        "kinds": Field(KIND_CODES, "Kinds whose minutes it limits together", tightens="superset"),
        "periods": Field(PERIODS, "At most so many periods count", tightens="down"),
        "excess_to": Field(
            CODE, "Kind to which the rest moves, once", False, "", tightens="fixed", unsaid=lambda _row: ""
        ),
    }),
    least=0,
    added={"excess_to": ("",)},
    refused="added-moves-minutes",
)  # fmt: skip
RESULTS = Rows(
    Record({
        "item": Field(ITEMS, "What is handed in"),
        "kind": Field(CODE, "Kind of the minutes it earns", tightens="fixed"),
        "periods": Field(PERIODS, "Periods it earns", tightens="down"),
        "earned_on": Field(OneOf(("passed", "handed_in")), "When they are earned", tightens="fixed"),
        "declared_minimum": Field(Whole(), "Points a recording is declared for, at least", False, 0, tightens="up"),
        "least_minutes": Field(Whole(), "Minutes a recording runs, at least", False, 0, tightens="up"),
    }),
    key="item",
    least=0,
)  # fmt: skip
GATES = Rows(
    Record({
        "code": Field(CODE, "Code of the gate, named in the reason"),
        "title": Field(WORDS, "Title"),
        "kinds": Field(KIND_CODES, "Delivered kinds whose counted minutes open it", tightens="subset"),
        "periods": Field(PERIODS, "So many periods open it", tightens="up"),
        "opens": Field(Many(CODE, least=0), "Delivered kinds that it holds back", tightens="superset"),
        "before": Field(Ordered(BEFORE_GATE), "What holds until it is open", tightens="up"),
    }),
    least=0,
)  # fmt: skip
PARTS = Rows(
    Record({
        "code": Field(CODE, "Code of the part"),
        "axis": Field(AXIS, "dimension or environment", tightens="fixed"),
        "values": Field(Many(CODE), "Values of the axis", tightens="subset"),
        "minimum": Field(Whole(1), "Of the points that count at least so many have one of the values", tightens="up"),
    }),
    least=0,
)  # fmt: skip
DEMANDS = Rows(Record({
    "code": Field(CODE, "Code of the demand"),
    "type": Field(OneOf(DEMAND_TYPES), "What it measures", tightens="fixed"),
    "title": Field(WORDS, "Title"),
    "kinds": Field(KIND_CODES, "Kinds whose minutes it adds (minutes, share)", False, (), tightens="subset"),
    "periods": Field(PERIODS, "At least so many periods (minutes)", False, tightens="up"),
    "periods_for_flag": Field(
        Table(PERIODS, tightens="up"), "For people whose school bore a flag when they were enrolled (minutes)", False, {}
    ),
    "share": Field(Whole(1, 100), "At least so many per cent (share)", False, tightens="up"),
    "of": Field(
        CODE, "Points of the choice, or the declared ones; the code of a demand on minutes (share)", False, tightens="fixed",
        unsaid=lambda row: None if row["type"] == "share" else "choice",
    ),
    "base": Field(
        OneOf(("required", "counted")), "Per cent of what that demand needs, or of what is counted for it (share)", False,
        tightens="fixed", unsaid=lambda _row: "required",
    ),
    "minimum": Field(
        Hundredths("points, credits or items"), "At least so many points, credits or items", False, tightens="up"
    ),
    "minimum_for_flag": Field(
        Table(Whole(1), tightens="up"), "For people whose school bore a flag when they were enrolled (points)", False, {}
    ),
    "each_opened": Field(Whole(), "Of these at least so many in each opened value (points)", False, 0, tightens="up"),
    "parts": Field(PARTS, "Of these at least so many with given values, whatever was opened (points)", False, ()),
    "level": Field(Ordered(LEVELS_OF_POINTS), "Level that a point needs to count (points)", False, tightens="up"),
    "item": Field(OneOf(DEMANDED_ITEMS), "What is done (items)", False, tightens="fixed"),
}))  # fmt: skip
ADVICE = Rows(Record({
    "code": Field(CODE, "Code of the suggestion"),
    "title": Field(WORDS, "Title"),
    "kinds": Field(KIND_CODES, "Kinds whose minutes are added up"),
    "periods": Field(PERIODS, "So many periods are suggested"),
}))  # fmt: skip
CHOICE = Record({
    "axis": Field(AXIS, "What a school opens values of", False, tightens="fixed"),
    "opened": Field(
        Record({
            "minimum": Field(Whole(1, max(len(DIMENSIONS), len(ENVIRONMENTS))), "Values a school opens, at least", tightens="up"),
            "minimum_for_flag": Field(
                Table(Whole(1, 4), tightens="up"), "For schools that bear a flag on the day of approval", False, {}
            ),
        }),
        "What a school opens; where nothing is said, every point that may be chosen is open", False,
    ),
    "from": Field(
        Record({
            "environment": Field(Many(OneOf(tuple(ENVIRONMENTS))), "Only points of these environments", False, tightens="subset"),
            "dimension": Field(Many(OneOf(tuple(DIMENSIONS))), "Only points of these dimensions", False, tightens="subset"),
        }),
        "Which points may be opened and chosen", False,
    ),
    "points": Field(
        Record({
            "minimum": Field(Whole(1), "Points a teacher takes, at least (never fewer than values opened)", False, tightens="up"),
            "each_opened": Field(Whole(), "Of these at least so many in each opened value", False, tightens="up"),
            "credits": Field(CREDITS, "Credits that the points have together, at least", False, tightens="up"),
        }),
        "What a teacher takes",
    ),
    "declare": Field(Flag(), "Of the chosen points the teacher declares those that are assessed", False, False, tightens="up"),
})  # fmt: skip
LOCAL_EVIDENCE = Rows(Record({
    "code": Field(CODE, "Code of the evidence"),
    "title": Field(WORDS, "Title"),
    "requirement": Field(WORDS, "What is asked for"),
    "media": Field(OneOf(MEDIA), "What is handed in", tightens="fixed"),
    "rated": Field(Flag(), "Whether it is rated; what is not must be there", False, True, tightens="fixed"),
    "at_least": Field(Whole(1, 99), "Files, at least", False, 1, tightens="up"),
    "longest_minutes": Field(Whole(1, 600), "Minutes that video or sound runs, at most", False, tightens="down"),
    "indicators": Field(
        Rows(
            Record({
                "code": Field(CODE, "Code of the line"),
                "level": Field(OneOf(LEVELS_OF_POINTS), "The level it belongs to", tightens="fixed"),
                "text": Field(WORDS, "What a reviewer ticks"),
            }),
            least=0,
        ),
        "The lines of its rubric", False, (),
    ),
}))  # fmt: skip
POINTS = Record({
    "credits": Field(CREDITS, "Credits of every point", False, tightens="fixed"),
    "credits_for": Field(
        Table(CREDITS, tightens="fixed"), "Credits of single points, where they differ", False, {}, tightens="fixed",
        unsaid=lambda _row: {},
    ),
    "local": Field(
        Rows(
            Record({
                "code": Field(POINT_CODE, "Code of the local point"),
                "title": Field(WORDS, "Title"),
                "environment": Field(OneOf(tuple(ENVIRONMENTS)), "Its environment", tightens="fixed"),
                "dimension": Field(OneOf(tuple(DIMENSIONS)), "Its dimension", tightens="fixed"),
                "evidence": Field(LOCAL_EVIDENCE, "What it asks for"),
            }),
            least=0,
        ),
        "Local points, beside those of the standard", False, (),
    ),
})  # fmt: skip
HANDBOOK = Rows(
    Record({
        "code": Field(CODE, "Code of the task"),
        "title": Field(WORDS, "Title"),
        "confirmed_by": Field(OneOf(CONFIRMERS), "Who confirms it", False, "group", tightens="fixed"),
    }), least=0, closed=True,
)  # fmt: skip
STAGES = Rows(
    Record({
        "code": Field(CODE, "Code of the stage"),
        "title": Field(WORDS, "Title"),
        "by": Field(OneOf(REVIEWERS), "Who looks", tightens="fixed"),
        "level": Field(OneOf(APPROVING_LEVELS), "Level of the training team or the experts", False, "", tightens="fixed"),
        "reviewers": Field(Whole(1, 9), "How many", tightens="up"),
        "insiders": Field(Whole(0, 9), "Of these at least so many from the school of the dossier", False, 0, tightens="up"),
        "outsiders": Field(Whole(0, 9), "Of these at least so many from outside it", False, 0, tightens="up"),
        "blind": Field(Flag(), "Reviewers see no name", False, False, tightens="up"),
        "delegated_to": Field(
            OneOf(("training-team",)), "Who looks where the school has handed the stage over", False, "", tightens="fixed"
        ),
        "decides": Field(Flag(), "Whether the result comes from here; other stages advise", False, tightens="fixed"),
        "does": Field(
            OneOf(("advises", "decides", "accepts", "samples")), "What comes of it; instead of decides", False, tightens="fixed",
            unsaid=lambda row: {True: "decides", False: "advises"}.get(row["decides"]),
        ),
        "days": Field(Whole(1, 366), "Days until it is due"),
        "fallback": Field(
            Many(OneOf(("same-subject-in-school", "same-zone")), least=0), "Who else, where there are too few", False, ()
        ),
        "third_on_difference": Field(Flag(), "A third looks where two differ; the median counts", False, False, tightens="up"),
        "share": Field(Whole(1, 100), "Per cent that are drawn (samples)", False, tightens="up"),
        "least": Field(Whole(1), "At least so many are drawn in each stratum (samples)", False, tightens="up"),
        "strata": Field(Many(OneOf(STRATA)), "What is drawn from each by itself (samples)", False, (), tightens="superset"),
        "tolerance": Field(
            Whole(0, 100), "More than so many per cent of lowered results widen the draw (samples)", False, tightens="down"
        ),
    }),
    added={"decides": (False, None), "does": ("advises", "accepts", "samples", None)},
)  # fmt: skip
ASSESSMENT_MODE = Record({
    "own": Field(OneOf(("may-replace",)), "A school may use its own stages", tightens="fixed"),
    "approved_by": Field(OneOf(APPROVING_LEVELS), "Once its plan says so and this level has approved it", tightens="fixed"),
})  # fmt: skip
CERTIFICATES = Rows(
    Record({
        "code": Field(CODE, "Code of the certificate"),
        "kind": Field(OneOf(("programme", "point")), "For the programme or for each point"),
        "level": Field(OneOf(("province", "city", "county")), "Who issues it"),
        "title": Field(WORDS, "Title"),
        "when": Field(Many(OneOf(VERDICTS_FOR_CERTIFICATES)), "Verdicts that earn it", tightens="subset"),
    }),
    least=0,
)  # fmt: skip
LEVELS = Record({
    "pass": Field(Record({}), "All demands met", False),
    "excellent": Field(
        Record({"points_excellent": Field(Whole(0), "Points of the choice that are excellent, at least", tightens="up")}),
        "Pass, and more; where nothing is said the levels are pass and fail", False,
    ),
    "profile": Field(Flag(), "Beside the state, environment × dimension is shown", False, False),
})  # fmt: skip
SCHOOL = Record({
    "completed_share": Field(
        Whole(0, 100), "Per cent of a school's teachers who have passed when it is completed", False, tightens="up"
    ),
    "started": Field(
        Record({"plan_approved": Field(Flag(), "Its plan is approved", tightens="up")}), "When a school is started", False
    ),
    "completed": Field(
        Record({
            "plan_approved": Field(Flag(), "Its plan is approved", False, True, tightens="up", unsaid=lambda _row: True),
            "share": Field(Whole(0, 100), "Per cent of its teachers who have passed; instead of completed_share", False, tightens="up"),
            "accepted": Field(Flag(), "Its results were accepted", False, False, tightens="up"),
        }),
        "When a school is completed", False,
    ),
})  # fmt: skip
COUNTY = Record({
    "started": Field(
        Record({
            "approved_plans": Field(Whole(1), "So many of its schools have an approved plan", tightens="up"),
            "in_begun_batch": Field(Flag(), "They are in a batch that has begun", False, True, tightens="up", unsaid=lambda _row: True),
        }),
        "When a county is started", False,
    ),
    "completed": Field(
        Record({"schools": Field(Whole(1, 100), "Per cent of its schools that are completed", tightens="up")}),
        "When a county is completed", False,
    ),
})  # fmt: skip
TARGETS = Rows(
    Record({
        "code": Field(CODE, "Code of the target"),
        "of": Field(OneOf(("counties", "schools", "teachers")), "What is counted", tightens="fixed"),
        "state": Field(OneOf(("started", "completed")), "The state they come into", tightens="fixed"),
        "from": Field(Day(), "First day", tightens="fixed"),
        "to": Field(Day(), "Last day", tightens="down"),
        "per": Field(OneOf(("period", "cumulative")), "In this time, or until then in all", tightens="fixed"),
        "share": Field(Whole(1, 100), "Per cent", False, tightens="up"),
        "number": Field(Whole(1), "How many; then the share is only checked", False, tightens="up"),
        "scope": Field(
            Record({
                "flag": Field(CODE, "Only those with this flag", False, "", tightens="fixed"),
                "under": Field(OneOf(("city", "county")), "Each of these by itself", False, "", tightens="fixed"),
            }),
            "Which of them", False,
        ),
    }),
    least=0,
)  # fmt: skip
QUOTAS = Rows(
    Record({
        "code": Field(CODE, "Code of the quota"),
        "what": Field(WORDS, "What may be sent on"),
        "per": Field(OneOf(("city", "county")), "Who may", tightens="fixed"),
        "of": Field(OneOf(("participants",)), "Of whom the share is taken", tightens="fixed"),
        "year": Field(Flag(), "Of those of the year", tightens="fixed"),
        "share": Field(Whole(1, 100), "Per cent", tightens="down"),
        "round": Field(OneOf(("down", "up")), "Where it is no whole number", tightens="fixed"),
        "least": Field(Whole(0), "At least so many all the same", tightens="down"),
    }),
    least=0,
)  # fmt: skip

DOCUMENT = Record({
    "programme": Field(DOCUMENT_CODE, "Code of the programme"),
    "extends": Field(DOCUMENT_CODE, "Code of the base it refines", False, ""),
    "abstract": Field(Flag(), "A base: only to be extended", False, False),
    "title": Field(WORDS, "Title"),
    "track_of": Field(DOCUMENT_CODE, "Code of the programme of which this is a track", False, "", tightens="fixed"),
    "exclusive_with": Field(
        Many(DOCUMENT_CODE, least=0), "Programmes: what counts there counts for nothing here", False, (), tightens="superset"
    ),
    "standard": Field(DOCUMENT_CODE, "Edition of the standard whose points are chosen from", tightens="fixed"),
    "time_zone": Field(Text(), "Civil dates are dates of this zone (IANA name)", tightens="fixed"),
    "period_minutes": Field(Whole(1, 240), "Minutes of one period", tightens="fixed"),
    "cycle": Field(CYCLE, "When what happens can count"),
    "scope": Field(SCOPE, "Who takes part"),
    "phases": Field(PHASES, "Phases of the programme"),
    "tasks": Field(TASKS, "When a teacher should have done what"),
    "kinds": Field(MINUTE_KINDS, "What minutes are"),
    "caps": Field(CAPS, "What counts at most", False, ()),
    "results": Field(RESULTS, "What results earn", False, ()),
    "gates": Field(GATES, "What must be reached before something else counts", False, ()),
    "demands": Field(DEMANDS, "What is demanded"),
    "advice": Field(ADVICE, "What is suggested and changes no result", False, ()),
    "points": Field(POINTS, "Credits of points, and local points", False),
    "choice": Field(CHOICE, "What schools open and teachers choose"),
    "handbook": Field(HANDBOOK, "Tasks of the handbook", False, ()),
    "stages": Field(STAGES, "Stages of assessment, in order"),
    "assessment_mode": Field(ASSESSMENT_MODE, "Whether a school may use its own mode of assessment", False),
    "returns": Field(Whole(0, 99), "How often evidence may be returned before it must be decided", tightens="down"),
    "levels": Field(LEVELS, "Levels of the overall result"),
    "certificates": Field(CERTIFICATES, "Certificates", False, ()),
    "school": Field(SCHOOL, "When a school is started and completed"),
    "county": Field(COUNTY, "When a county is started and completed", False),
    "targets": Field(TARGETS, "The roll-out: how many by when", False, ()),
    "quotas": Field(QUOTAS, "How many may be sent on", False, ()),
})  # fmt: skip
