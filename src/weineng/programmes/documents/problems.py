"""What can be wrong with a document, each problem at its place: file, line, column, path, code, sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused

# Every code a document can be refused with. `%(…)s` places are filled from the problem's params.
SAYS: Mapping[str, object] = {
    "yaml-syntax": _("This is not YAML: %(problem)s"),
    "alias": _("Anchors and aliases (& and *) are not allowed here."),
    "too-long": _("The document is longer than %(limit)s characters."),
    "duplicate-key": _("“%(key)s” stands here twice."),
    "missing-field": _("“%(field)s” is missing."),
    "unknown-field": _("“%(field)s” is not known here."),
    "unknown-field-near": _("“%(field)s” is not known here; did you mean “%(near)s”?"),
    "wrong-type": _("Expected: %(expected)s."),
    "not-one-of": _("“%(value)s” is none of: %(allowed)s."),
    "not-one-of-near": _("“%(value)s” is none of: %(allowed)s. Did you mean “%(near)s”?"),
    "number-out-of-range": _("%(value)s is outside %(least)s … %(most)s."),
    "empty": _("This must not be empty."),
    "code-wrong": _(
        "“%(value)s” is no code: small letters, digits and hyphens, a letter first, at most %(longest)s characters."
    ),
    "language-missing": _("The text in %(language)s is missing."),
    "fraction-of-minute": _("%(periods)s periods of %(minutes)s minutes are not whole minutes."),
    "too-fine": _("%(value)s has more than two decimals."),
    "time-zone-unknown": _("There is no time zone “%(value)s”."),
    "duplicate-code": _("The code “%(value)s” stands here twice."),
    "unknown-code": _("Nothing here has the code “%(value)s”; known: %(allowed)s."),
    "unknown-code-near": _("Nothing here has the code “%(value)s”; did you mean “%(near)s”?"),
    "unknown-kind": _("There is no kind “%(value)s”; known: %(allowed)s."),
    "unknown-kind-near": _("There is no kind “%(value)s”; did you mean “%(near)s”?"),
    "excess-to-itself": _("The rest of this cap cannot become “%(kind)s”, which the cap itself limits."),
    "excess-to-derived": _("The rest of this cap cannot become “%(kind)s”, which only results earn."),
    "dates-out-of-order": _("%(later)s must not be before %(earlier)s."),
    "phase-outside-cycle": _("The phase lies outside the cycle (%(start)s … %(end)s)."),
    "due-outside-phase": _("%(due)s lies outside the phase of this batch (%(start)s … %(end)s)."),
    "impossible-demand": _("%(need)s minutes are demanded, but at most %(most)s can count (%(cap)s)."),
    "choice-below-opened": _("%(points)s points cannot cover %(opened)s opened values with %(each)s in each."),
    "demand-of-nothing": _("A demand of nothing demands nothing: leave the line out."),
    "each-above-choice": _(
        "%(need)s passed points in each opened value are demanded, but the choice asks for %(each)s only."
    ),
    "demand-above-choice": _("%(need)s passed points are demanded, but the choice asks for %(points)s only."),
    "flag-below-minimum": _(
        "%(value)s for schools with the flag “%(flag)s” would never hold: everybody needs %(least)s."
    ),
    "each-without-opened": _("Nobody opens anything in this document: there is no opened value to count in."),
    "parts-above-choice": _("The parts need %(need)s points together, but the choice asks for %(points)s only."),
    "part-unreachable": _("%(need)s points are demanded here, but only %(most)s that may be chosen have these values."),
    "points-unreachable": _("%(need)s points have to be chosen, but only %(most)s may be."),
    "opened-unreachable": _(
        "%(need)s values have to be opened, but only %(most)s have %(each)s or more points that may be chosen."
    ),
    "credits-missing": _("Credits are asked for, but the document does not say how many a point has (points.credits)."),
    "credits-above-choice": _("%(need)s credits are demanded, but the choice asks for %(credits)s only."),
    "credits-unreachable": _(
        "%(need)s credits are asked for, but all points that may be chosen have only %(most)s together."
    ),
    "impossible-share": _("%(need)s minutes make this share, but at most %(most)s of its kinds can count (%(cap)s)."),
    "item-without-source": _("Nobody could ever do this: the document says nothing about it (%(line)s)."),
    "items-above-source": _("%(need)s are demanded, but there are only %(most)s."),
    "gate-of-nothing": _("A gate of nothing is always open: leave it out."),
    "gate-of-derived": _("Minutes of the kind “%(kind)s” are earned by results; they open no gate."),
    "gate-of-gated": _("The kind “%(kind)s” opens this gate, so no gate can hold it back."),
    "derived-gated": _("Minutes of the kind “%(kind)s” are earned by results; no gate holds them back."),
    "gate-opens-nothing": _("This gate holds nothing back: name the kinds it opens, or say “before: refuse”."),
    "impossible-gate": _("%(need)s minutes open this gate, but at most %(most)s can count (%(cap)s)."),
    "local-point-known": _("The standard itself has a point “%(point)s”."),
    "nothing-rated": _("A point needs at least one piece of evidence that is rated."),
    "indicator-missing": _("Evidence that is rated needs at least one line that says what a pass is."),
    "level-missing": _("The document has no level “excellent” that could earn this."),
    "names-itself": _("A programme cannot name itself here."),
    "derived-with-match": _("Minutes of this kind are earned by results; they cannot match records."),
    "derived-without-item": _("A kind earned by results names its item: point or recording."),
    "records-without-match": _("A kind made of records needs a match."),
    "records-with-item": _("Only a kind earned by results has an item."),
    "earning-of-records": _("The kind “%(kind)s” is made of records; results cannot earn it."),
    "earning-of-other-item": _("The kind “%(kind)s” is earned by the item “%(item)s”."),
    "earned-never": _("No result earns minutes of the kind “%(kind)s”."),
    "match-hidden": _("The mode “%(mode)s” is matched by an earlier kind already; this line can never match."),
    "nobody-decides": _("No stage decides: exactly one must."),
    "two-decide": _("“%(first)s” decides already: exactly one stage does."),
    "before-decision": _("Nothing has been decided before this stage: it can only come after the one that decides."),
    "checks-without-level": _(
        "Only the training team or experts of a level accept or sample: they stand above the school."
    ),
    "says-two-things": _("This and “%(other)s” say the same line in two ways: write one of both."),
    "reviewers-too-few": _(
        "%(insiders)s from inside and %(outsiders)s from outside are more than the %(reviewers)s reviewers."
    ),
    "field-not-for-stage": _("“%(field)s” does not belong to a stage of this sort."),
    "nobody-accepts": _("No stage accepts results, so this could never hold."),
    "field-not-for-type": _("“%(field)s” does not belong to a demand of type %(type)s."),
    "abstract-programme": _("This document is a base (abstract); it cannot be run as a programme."),
    "base-not-found": _("The base document “%(base)s” is not known."),
    "base-not-abstract": _("“%(base)s” is a programme, not a base; it cannot be extended."),
    "base-wrong": _("The base document “%(base)s” has an error: %(problem)s"),
    "extends-circle": _("The documents extend each other in a circle: %(circle)s."),
    "removes-from-base": _("The base says something here; a refinement may not take it away."),
    "added-moves-minutes": _("A cap that a refinement adds may cut off, not move minutes to a kind the base asks for."),
    "loosens-others": _(
        "Where less counts here, other minutes find room under “%(cap)s”, so the base would be loosened."
    ),
    "loosens-by-moving": _(
        "The lower this cap is, the more minutes it moves to “%(kind)s”, so the base would be loosened."
    ),
    "loosens-share": _(
        "The base's demand “%(demand)s” is a share of what is counted: counting less here makes it easier."
    ),
    "loosens-none-failed": _(
        "The base's demand “%(demand)s” asks of all chosen points that none failed; declaring some would let others fail."
    ),
    "line-is-fixed": _("The base says %(base)s and lets nobody say anything else."),
    "needs-approval": _(
        "The base says %(base)s; to replace it by %(value)s needs an approval (%(level)s): ask for it where the draft is published."
    ),
    "marks-one-line": _("Only a single line can be fixed or replaced: write it at each of the lines in here."),
    "fixed-and-replaceable": _("A line that is fixed cannot be replaced: write one of both."),
    "adds-to-base": _("The base lists these; a refinement may not add to them."),
    "added-overrules-base": _("A stage that a refinement adds may advise; the base says who decides."),
    "undercuts-base": _("The base says %(base)s; a refinement may only tighten it (%(allowed)s), not %(value)s."),
}
# What a refinement may say where its base says something (docs/rules.md), by the word of the format.
WAYS: Mapping[str, object] = {
    "up": _("the same or more"), "down": _("the same or less"), "fixed": _("exactly the same"),
    "subset": _("nothing that is not among them"), "superset": _("all of them, and more"),
}  # fmt: skip

# Problems of lines that can be read all the same: they loosen what a base says, or together they cannot be met.
LOOSENING = frozenset({
    "undercuts-base", "line-is-fixed", "needs-approval", "loosens-others", "loosens-by-moving", "loosens-share", "loosens-none-failed",
    "added-moves-minutes", "adds-to-base", "added-overrules-base",
})  # fmt: skip
OF_THE_WHOLE = LOOSENING | {
    "impossible-demand", "impossible-share", "impossible-gate", "points-unreachable", "opened-unreachable", "part-unreachable",
    "credits-unreachable", "item-without-source", "items-above-source", "demand-above-choice", "each-above-choice",
    "parts-above-choice", "credits-above-choice", "choice-below-opened", "nobody-accepts",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where something stands: file name, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `path` names the field (rows of a list by their code): `demands.online.periods`."""

    place: Place
    path: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in the reader's language."""
        near = f"{self.code}-near" if "near" in self.params else self.code
        return str(SAYS[near]) % self.params

    def __str__(self) -> str:
        return f"{self.place}: {self.path or '-'}: {self.code}: {self.message}"

    def as_data(self) -> dict[str, object]:
        """As the API and the forms hand it on."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": self.path,
            "code": self.code,
            "message": self.message,
        }


class DocumentRefused(Refused):
    """A document has problems: `problems`, in the order in which they stand in the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column))
        message = _("The document has %(count)s problems; the first: %(first)s")
        super().__init__("document-wrong", message, count=len(found), first=str(found[0]))
        self.problems = tuple(found)


def near(value: str, known: Iterable[str]) -> dict[str, str]:
    """`{"near": word}` where one of the known words is likely meant, else nothing."""
    found = get_close_matches(value, sorted(known), n=1, cutoff=0.6)
    return {"near": found[0]} if found else {}
