"""The format of a programme's document: every field, its shape, whether it must be there, which way it may be refined."""

from weineng.organisations.models import ESTABLISHMENTS, IN_POST_STATES, KINDS
from weineng.programmes.documents.shapes import (
    Code,
    Day,
    Either,
    Field,
    Flag,
    Many,
    OneOf,
    Periods,
    Record,
    Rows,
    Table,
    Text,
    Whole,
    WordsShape,
)
from weineng.programmes.rules import MODES, VERDICTS_FOR_CERTIFICATES
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS

CODE = Code()
DOCUMENT_CODE = Code(40)  # of programmes, bases and editions of standards
WORDS = WordsShape()
ITEMS = OneOf(("point", "recording"))
KIND_CODES = Many(CODE)

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
MINUTE_KINDS = Rows(Record({
    "code": Field(CODE, "Code of the kind"),
    "from": Field(OneOf(("records", "results")), "Delivered as records, or earned by results", tightens="fixed"),
    "match": Field(
        Record({"mode": Field(Many(OneOf(MODES)), "Modes of the records", tightens="subset")}),
        "Which records become this kind; a record becomes the first kind that matches", False,
    ),
    "item": Field(ITEMS, "What earns the minutes of a kind from results", False, "", tightens="fixed"),
    "title": Field(WORDS, "Title"),
}))  # fmt: skip
CAPS = Rows(
    Record({
        "code": Field(CODE, "Code of the cap, named in the reason"),
        "per": Field(OneOf(("record", "day", "course", "kind")), "What it limits", tightens="fixed"),
        "kinds": Field(KIND_CODES, "Kinds whose minutes it limits together", tightens="superset"),
        "periods": Field(Periods(), "At most so many periods count", tightens="down"),
        "excess_to": Field(CODE, "Kind to which the rest moves, once", False, "", tightens="fixed"),
    }),
    least=0,
)  # fmt: skip
RESULTS = Rows(
    Record({
        "item": Field(ITEMS, "What is handed in"),
        "kind": Field(CODE, "Kind of the minutes it earns", tightens="fixed"),
        "periods": Field(Periods(), "Periods it earns", tightens="down"),
        "earned_on": Field(OneOf(("passed", "handed_in")), "When they are earned", tightens="fixed"),
        "declared_minimum": Field(Whole(), "Points a recording is declared for, at least", False, 0, tightens="up"),
        "least_minutes": Field(Whole(), "Minutes a recording runs, at least", False, 0, tightens="up"),
    }),
    key="item",
    least=0,
)  # fmt: skip
DEMANDS = Rows(Record({
    "code": Field(CODE, "Code of the demand"),
    "type": Field(OneOf(("minutes", "points")), "What it measures", tightens="fixed"),
    "title": Field(WORDS, "Title"),
    "kinds": Field(KIND_CODES, "Kinds whose minutes it adds (minutes)", False, (), tightens="subset"),
    "periods": Field(Periods(), "At least so many periods (minutes)", False, tightens="up"),
    "minimum": Field(Whole(1), "At least so many passed points of the choice (points)", False, tightens="up"),
    "each_opened": Field(Whole(), "Of these at least so many in each opened value (points)", False, 0, tightens="up"),
}))  # fmt: skip
CHOICE = Record({
    "axis": Field(OneOf(("dimension", "environment")), "What a school opens values of", tightens="fixed"),
    "opened": Field(
        Record({
            "minimum": Field(Whole(1, max(len(DIMENSIONS), len(ENVIRONMENTS))), "Values a school opens, at least", tightens="up"),
            "minimum_for_flag": Field(
                Table(Whole(1, 4), tightens="up"), "For schools that bear a flag on the day of approval", False, {}
            ),
        }),
        "What a school opens",
    ),
    "points": Field(
        Record({
            "minimum": Field(Whole(1), "Points a teacher takes, at least (never fewer than values opened)", tightens="up"),
            "each_opened": Field(Whole(), "Of these at least so many in each opened value", tightens="up"),
        }),
        "What a teacher takes",
    ),
})  # fmt: skip
STAGES = Rows(Record({
    "code": Field(CODE, "Code of the stage"),
    "title": Field(WORDS, "Title"),
    "by": Field(OneOf(("self", "group-peers", "panel")), "Who looks", tightens="fixed"),
    "reviewers": Field(Whole(1, 9), "How many", tightens="up"),
    "decides": Field(Flag(), "Whether the result comes from here; other stages advise", tightens="fixed"),
    "days": Field(Whole(1, 366), "Days until it is due"),
    "fallback": Field(
        Many(OneOf(("same-subject-in-school", "same-zone")), least=0), "Who else, where there are too few", False, ()
    ),
    "third_on_difference": Field(Flag(), "A third looks where two differ; the median counts", False, False, tightens="up"),
}), added={"decides": False})  # fmt: skip
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
        "Pass, and more",
    ),
})  # fmt: skip
SCHOOL = Record({
    "completed_share": Field(Whole(0, 100), "Per cent of a school's teachers who have passed when it is completed", tightens="up"),
})  # fmt: skip

DOCUMENT = Record({
    "programme": Field(DOCUMENT_CODE, "Code of the programme"),
    "extends": Field(DOCUMENT_CODE, "Code of the base it refines", False, ""),
    "abstract": Field(Flag(), "A base: only to be extended", False, False),
    "title": Field(WORDS, "Title"),
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
    "demands": Field(DEMANDS, "What is demanded"),
    "choice": Field(CHOICE, "What schools open and teachers choose"),
    "stages": Field(STAGES, "Stages of assessment, in order"),
    "returns": Field(Whole(0, 99), "How often evidence may be returned before it must be decided", tightens="down"),
    "levels": Field(LEVELS, "Levels of the overall result"),
    "certificates": Field(CERTIFICATES, "Certificates", False, ()),
    "school": Field(SCHOOL, "When a school is completed"),
})  # fmt: skip
