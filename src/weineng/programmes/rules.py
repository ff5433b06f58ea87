"""What a programme's document can demand, as frozen values that check their shape.

A rule is data here; how it is counted is SQL above (`progress/measures.py`). Everything is in whole minutes: periods
are turned into minutes once, when the document is read (semantics 1). `docs/rules.md` defines each kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.utils.translation import gettext_lazy as _

from weineng.kernel.words import Words

# Modes of learning that a record may have; a document says which of them become which kind of minutes.
MODES = ("online", "face-to-face", "school-research", "workshop", "community", "self-study", "shadowing")
VERDICTS_FOR_CERTIFICATES = ("pass", "excellent")
SCHOOL_WITHDRAWN = "school-withdrawn"
# Why somebody left without a person having decided it: such leaving is taken back by itself when its cause is gone.
AUTOMATIC_LEAVES: Mapping[str, object] = {
    "retired": _("retired"),
    "seconded-out": _("seconded out"),
    "long-leave": _("on long leave"),
    "moved-out": _("moved to a unit outside the programme"),
    SCHOOL_WITHDRAWN: _("the school no longer takes part"),
}


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
class Demand:
    """One demand. `minutes`: counted minutes of `kinds` ≥ `minimum`; `points`: passed points of the choice ≥ `minimum`
    with ≥ `each_opened` in every frozen axis value (semantics 16)."""

    code: str
    type: Literal["minutes", "points"]
    title: Words
    minimum: int
    kinds: tuple[str, ...] = ()
    each_opened: int = 0


@dataclass(frozen=True)
class ChoiceRule:
    """How many axis values the school opens and how many points the teacher takes (semantics 13–15)."""

    axis: Literal["dimension", "environment"]
    opened_minimum: int
    opened_minimum_for_flag: Mapping[str, int]
    points_minimum: int
    each_opened: int


@dataclass(frozen=True)
class Stage:
    """One stage of assessment (semantics 19–23)."""

    code: str
    title: Words
    by: Literal["self", "group-peers", "panel"]
    reviewers: int
    decides: bool
    days: int
    fallback: tuple[str, ...] = ()
    third_on_difference: bool = False


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
    excellent_points: int  # excellent = pass and at least so many points of the choice excellent (semantics 26)
    certificates: tuple[CertificateRule, ...]
    completed_share: int  # per cent of a school's denominator (semantics 30)
    assumptions: tuple[Assumption, ...]
    batch_tasks: Mapping[str, Mapping[str, date]] = field(
        default_factory=dict
    )  # batch -> task -> due, where it differs
    base: str = ""  # code of the base it extends
    inherited: tuple[str, ...] = ()  # paths of the lines that come from the base

    def due(self, task: str, batch: str = "") -> date | None:
        """The day until which a task should be done in a batch; None for what the document gives no day."""
        return self.batch_tasks.get(batch, {}).get(task, self.tasks.get(task))
