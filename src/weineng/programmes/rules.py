"""What a programme's document can demand, as frozen values that check their shape.

A rule is data here; how it is counted is SQL above (`progress/measures.py`). Everything is in whole minutes: periods
are turned into minutes once, when the document is read (semantics 1). `docs/rules.md` defines each kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from django.utils.translation import gettext_lazy as _

from weineng.kernel.words import Words
from weineng.standards.rules import LocalPoint, edition_with

# Modes of learning that a record may have; a document says which of them become which kind of minutes.
MODES = ("online", "face-to-face", "school-research", "workshop", "community", "self-study", "shadowing")
VERDICTS_FOR_CERTIFICATES = ("pass", "excellent")
DEMAND_TYPES = ("minutes", "share", "points", "credits", "none-failed", "items")
DEMANDED_ITEMS = ("recording", "handbook", "school-plan", "declaration", "self-diagnosis")
APPROVING_LEVELS = ("province", "city", "county", "town")  # a unit of these lets a line of a document be replaced
CONFIRMERS = ("group", "school")  # who leads the teacher's group, or who runs the programme in the school
REVIEWERS = ("self", "group-peers", "panel", "backbone", "training-team", "experts")
STRATA = ("county", "school", "stage", "subject")
BEFORE_GATE = ("keep", "not-counted", "refuse")  # from the loosest to the tightest
SCHOOL_WITHDRAWN = "school-withdrawn"
# Why somebody left without a person having decided it: such leaving is taken back by itself when its cause is gone.
AUTOMATIC_LEAVES: Mapping[str, object] = {
    "retired": _("retired"),
    "seconded-out": _("seconded out"),
    "long-leave": _("on long leave"),
    "moved-out": _("moved to a unit outside the programme"),
    SCHOOL_WITHDRAWN: _("the school no longer takes part"),
}


def in_credits(hundredths: int) -> str:
    """Hundredths of a credit as they are read: 12, 7.5."""
    return f"{(Decimal(hundredths) / 100).normalize():f}"


def in_periods(minutes: int, period_minutes: int) -> str:
    """Minutes as periods, exactly, without needless zeros: of 45 minutes 900 are `20`, 337 are `7.49`."""
    return f"{(Decimal(minutes) / period_minutes).quantize(Decimal('0.01')).normalize():f}"


@dataclass(frozen=True)
class Cycle:
    """Civil dates of the programme; a deadline includes its whole day (semantics 2, 3)."""

    start: date
    cut_off: date
    late_until: date


@dataclass(frozen=True)
class Kind:
    """What minutes are. `source` records: the record's `mode` is one of `modes`; results: earned by `item`."""

    code: str
    source: Literal["records", "results"]
    title: Words
    modes: tuple[str, ...] = ()
    item: str = ""


@dataclass(frozen=True)
class Cap:
    """At most `minutes` of `kinds` count per record, day, course or kind (semantics 9)."""

    code: str
    per: Literal["record", "day", "course", "kind"]
    kinds: tuple[str, ...]
    minutes: int
    excess_to: str = ""


@dataclass(frozen=True)
class Earning:
    """Minutes that a result earns (semantics 17)."""

    item: Literal["point", "recording"]
    kind: str
    minutes: int
    earned_on: Literal["passed", "handed_in"]
    declared_minimum: int = 0
    least_minutes: int = 0  # that a recording runs


@dataclass(frozen=True)
class Gate:
    """Opens on the day on which counted minutes of `kinds` reach `minutes`; until then `opens` is held back as `before`
    says (semantics 8, 10)."""

    code: str
    title: Words
    kinds: tuple[str, ...]
    minutes: int
    opens: tuple[str, ...]
    before: Literal["keep", "not-counted", "refuse"]


@dataclass(frozen=True)
class Part:
    """A part of a demand on points: at least `minimum` of them have one of `values` on `axis`, whatever was opened."""

    code: str
    axis: Literal["dimension", "environment"]
    values: tuple[str, ...]
    minimum: int


@dataclass(frozen=True)
class Demand:
    """One demand; `minimum` is what is needed, in the unit of its type.

    `minutes`: counted minutes of `kinds` ≥ `minimum`. `share`: those of `kinds` ≥ `share` per cent of the demand `of`, of
    what it needs or of what is counted (`base`). `points`: points of `of` at `level` or better ≥ `minimum`, in every frozen
    axis value ≥ `each_opened` (semantics 16), in every part ≥ its own. `credits`: hundredths of the passed points of `of`.
    `none-failed`: no point of `of` is failed. `items`: so many of `item` are done. `of` is choice or declared, where the
    type is not `share`. `minimum_for_flag`: flag of a school -> minimum, where it is larger there.
    """

    code: str
    type: Literal["minutes", "share", "points", "credits", "none-failed", "items"]
    title: Words
    minimum: int
    kinds: tuple[str, ...] = ()
    each_opened: int = 0
    minimum_for_flag: Mapping[str, int] = field(default_factory=dict)
    share: int = 0
    of: str = "choice"
    base: Literal["required", "counted"] = "required"
    level: Literal["pass", "excellent"] = "pass"
    parts: tuple[Part, ...] = ()
    item: str = ""


@dataclass(frozen=True)
class Advice:
    """What a plan suggests and nobody must: counted minutes of `kinds`, shown beside the demands, part of no state."""

    code: str
    title: Words
    kinds: tuple[str, ...]
    minutes: int


@dataclass(frozen=True)
class PointRules:
    """Credits of points, in hundredths (semantics 18), and the local points."""

    credits: int = 0
    credits_for: Mapping[str, int] = field(default_factory=dict)  # point -> hundredths, where they differ
    local: tuple[LocalPoint, ...] = ()

    def credits_of(self, point: str) -> int:
        """Hundredths of a credit that a point gives."""
        return self.credits_for.get(point, self.credits)


@dataclass(frozen=True)
class ChoiceRule:
    """How many axis values the school opens and how many points the teacher takes (semantics 13–15)."""

    axis: Literal["dimension", "environment"]
    opened_minimum: int  # 0: nobody opens anything, every point that may be chosen is open to everybody
    opened_minimum_for_flag: Mapping[str, int]
    points_minimum: int
    each_opened: int
    environments: tuple[str, ...] = ()  # only points with one of these may be opened or chosen; empty: all
    dimensions: tuple[str, ...] = ()
    credits: int = 0  # hundredths that the points taken have together, at least
    declare: bool = False  # of the chosen points the teacher declares those that are assessed


@dataclass(frozen=True)
class HandbookTask:
    """A task of the handbook that a teacher does and the group's leader, or the school, confirms."""

    code: str
    title: Words
    confirmed_by: Literal["group", "school"] = "group"


@dataclass(frozen=True)
class Sampling:
    """How a stage that samples draws: `share` per cent, at least `least`, in each stratum; more than `tolerance` per cent of
    lowered results widen the draw to the whole stratum."""

    share: int
    least: int = 1
    strata: tuple[str, ...] = ()
    tolerance: int = 0


@dataclass(frozen=True)
class Stage:
    """One stage of assessment (semantics 19–23). `level`: of the training team or the experts; `insiders` and `outsiders`: at
    least so many of the reviewers are from the school of the dossier, or not."""

    code: str
    title: Words
    by: Literal["self", "group-peers", "panel", "backbone", "training-team", "experts"]
    reviewers: int
    decides: bool
    days: int
    fallback: tuple[str, ...] = ()
    third_on_difference: bool = False
    does: Literal["", "accepts", "samples"] = ""  # after the decision; '': it decides, or advises
    level: str = ""
    insiders: int = 0
    outsiders: int = 0
    blind: bool = False  # reviewers see no name
    delegated_to: str = ""  # who looks where the school has handed the stage over
    sampling: Sampling | None = None


@dataclass(frozen=True)
class UnitStates:
    """When a school and a county are started and completed (semantics 30); None: no such condition."""

    school_started_with_plan: bool | None = None
    school_completed_with_plan: bool = True
    school_completed_accepted: bool = False
    county_started_plans: int = 1
    county_started_in_begun_batch: bool = True
    county_completed_schools: int | None = None  # per cent of its schools


@dataclass(frozen=True)
class Target:
    """One step of the roll-out: from its first to its last day so many units or teachers come into a state (semantics 30).

    With a `number` the number is the target, and the share is checked. `scope`: only those with a flag, or under units
    of a level, each by itself.
    """

    code: str
    of: Literal["counties", "schools", "teachers"]
    state: Literal["started", "completed"]
    starts: date
    ends: date
    per: Literal["period", "cumulative"]
    share: int | None = None
    number: int | None = None
    flag: str = ""
    under: str = ""


@dataclass(frozen=True)
class Quota:
    """How many may be sent on: `share` per cent of the participants of a city or county, of the year or of all time."""

    code: str
    title: Words
    per: Literal["city", "county"]
    year: bool
    share: int
    round: Literal["down", "up"]
    least: int


@dataclass(frozen=True)
class CertificateRule:
    """A certificate and the verdicts that earn it (semantics 28)."""

    code: str
    kind: Literal["programme", "point"]
    level: str
    title: Words
    when: tuple[str, ...]


@dataclass(frozen=True)
class Phase:
    """A phase of the programme; both dates included. In one that is a `batch`, schools take part."""

    code: str
    title: Words
    starts: date
    ends: date
    batch: bool = True  # schools are enrolled in it


@dataclass(frozen=True)
class Assumption:
    """A line whose value is not in the plan's text: shown to the office before the programme starts (PRG-9).

    `path` names the line in the document (`demands.online.periods`); `value` is a number or text; `from_base` is the code
    of the base it was inherited from, else ''.
    """

    path: str
    value: object
    because: Words
    from_base: str = ""


@dataclass(frozen=True)
class Scope:
    """Who takes part: kinds of units, in-post states, establishment (empty: any), where a licence is asked for."""

    kinds: tuple[str, ...]
    in_post: tuple[str, ...]
    establishment: tuple[str, ...]
    licence_required_for_kinds: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A whole programme, bases folded in."""

    programme: str
    title: Words
    standard: str
    time_zone: str
    period_minutes: int
    cycle: Cycle
    scope: Scope
    phases: tuple[Phase, ...]
    tasks: Mapping[str, date]
    kinds: tuple[Kind, ...]
    caps: tuple[Cap, ...]
    earnings: tuple[Earning, ...]
    demands: tuple[Demand, ...]
    choice: ChoiceRule
    stages: tuple[Stage, ...]
    returns: int
    excellent_points: (
        int  # excellent = pass and so many points of the choice excellent (semantics 26); 0: no such level
    )
    certificates: tuple[CertificateRule, ...]
    completed_share: int  # per cent of a school's denominator (semantics 30)
    assumptions: tuple[Assumption, ...]
    batch_tasks: Mapping[str, Mapping[str, date]] = field(
        default_factory=dict
    )  # batch -> task -> due, where it differs
    base: str = ""  # code of the base it extends
    inherited: tuple[str, ...] = ()  # paths of the lines that come from the base
    fixed: tuple[str, ...] = ()  # paths of the lines that no refinement changes
    replaceable: Mapping[str, str] = field(default_factory=dict)  # path -> level that approves that it is replaced
    gates: tuple[Gate, ...] = ()
    points: PointRules = PointRules()
    handbook: tuple[HandbookTask, ...] = ()
    profile: bool = False  # environment × dimension is shown beside the state (semantics 27)
    track_of: str = ""  # code of the programme of which this one is a track
    exclusive_with: tuple[str, ...] = ()  # what counts in these programmes counts for nothing here
    own_assessment: str = ""  # level that approves a school's own mode of assessment; '': there is none
    units: UnitStates = UnitStates()
    targets: tuple[Target, ...] = ()
    advice: tuple[Advice, ...] = ()
    quotas: tuple[Quota, ...] = ()

    @cached_property
    def edition(self) -> str:
        """Code of the edition whose points people choose: that of the standard, or the one made of it and the local points."""
        return edition_with(self.standard, self.points.local)

    def due(self, task: str, batch: str = "") -> date | None:
        """The day until which a task should be done in a batch; None for what the document gives no day."""
        return self.batch_tasks.get(batch, {}).get(task, self.tasks.get(task))
