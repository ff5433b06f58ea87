"""Who can reach what a document asks, proven: each witness is judged by the rules of choosing and counted as every history is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from weineng.kernel.refusals import Refused
from weineng.kernel.words import word_for
from weineng.planning.rules import check_choice, check_opened
from weineng.programmes.documents import Points
from weineng.programmes.proving import Answer, TeacherKind, Witness, answers, kind_text
from weineng.programmes.proving.containing import candidates
from weineng.programmes.proving.points import Goal, points_for
from weineng.programmes.queries import find_points, titles_of
from weineng.programmes.rules import Document, in_credits, in_periods
from weineng.progress.measures.witnesses import CountedWitness, measure_witnesses

AT_LEAST = {"pass": ("pass", "excellent"), "excellent": ("excellent",)}


@dataclass(frozen=True)
class Proven:
    """An answer for one kind of teacher and verdict, with what its witness came to. `holds`: the witness is one, by counting; or
    there is a contradiction."""

    answer: Answer
    counted: CountedWitness | None
    holds: bool


@dataclass(frozen=True)
class Told:
    """One answer for all kinds of teachers that have it; an excellent result that lacks what a pass lacks is not told again."""

    kinds: tuple[TeacherKind, ...]
    proven: Proven


def told(proven: Iterable[Proven]) -> tuple[Told, ...]:
    """Answers without saying the same twice, in their order."""
    groups: dict[object, list[Proven]] = {}
    for one in proven:
        said = one.answer
        key = (said.contradictions or (said.goal, said.witness), one.holds)
        groups.setdefault(key, []).append(one)
    return tuple(Told(tuple(dict.fromkeys(one.answer.kind for one in same)), same[0]) for same in groups.values())


def prove(document: Document, kinds: Iterable[TeacherKind]) -> tuple[Proven, ...]:
    """What each kind of teacher can reach. A witness that does not hold, or a question that took too long, is no proof."""
    standard = find_points(document.standard) or {}
    axis_of = {point.code: point.on(document.choice.axis) for point in points_for(document, TeacherKind(), standard)}
    found = answers(document, kinds, standard)
    # What is counted depends on the flags of the school alone: kinds that do the same are counted once.
    shown = list(dict.fromkeys((TeacherKind(one.kind.flags), one.witness) for one in found if one.witness is not None))
    counted = dict(zip(shown, measure_witnesses(document, shown, axis_of), strict=True))
    proven = []
    for one in found:
        if one.witness is None:
            proven.append(Proven(one, None, bool(one.contradictions)))
            continue
        came = counted[TeacherKind(one.kind.flags), one.witness]
        allowed = acts_lawfully(document, one.kind, one.witness, standard, axis_of) and _through_gates(
            document, one.witness, came
        )
        proven.append(Proven(one, came, allowed and came.verdict in AT_LEAST[one.goal]))
    return tuple(proven)


def acts_lawfully(
    document: Document, kind: TeacherKind, witness: Witness, standard: Points, axis_of: Mapping[str, str]
) -> bool:
    """Whether the school may open, and the teacher choose, what the witness says."""
    if not witness.chosen:
        return not witness.passed
    rule, may = document.choice, {p.code for p in points_for(document, kind, standard) if not p.barred}
    try:
        if rule.opened_minimum:
            check_opened(rule, axis_of, witness.opened, witness.chosen, kind.flags)
        check_choice(
            rule, axis_of, dimensions=witness.opened, opened=witness.chosen, points=witness.chosen,
            credits_of=document.points.credits_of,
        )  # fmt: skip
    except Refused:
        return False
    return set(witness.passed) <= set(witness.chosen) <= may


def _through_gates(document: Document, witness: Witness, came: CountedWitness) -> bool:
    closing = {gate.code for gate in document.gates if gate.before == "refuse"}
    return not witness.chosen or closing <= came.gates


@dataclass(frozen=True)
class Loosened:
    """A history that passes under a refinement and not under its base, with what it came to under each."""

    kind: TeacherKind
    goal: Goal
    witness: Witness
    below: CountedWitness
    above: CountedWitness
    unlawful: bool  # above it may not even be chosen so

    @property
    def lacking(self) -> tuple[str, ...]:
        """The demands that are met below and not above."""
        return tuple(demand for demand, (_have, _need, met) in self.above.demands.items() if not met)


def loosened(below: Document, above: Document) -> Loosened | None:
    """A history that passes below and not above, counted under both; None: none was found, which proves nothing."""
    standard = find_points(below.standard) or {}
    on = max(below.cycle.cut_off, above.cycle.cut_off)
    axes = [
        {point.code: point.on(document.choice.axis) for point in points_for(document, TeacherKind(), standard)}
        for document in (below, above)
    ]
    for kind, goal, witness in candidates(below, above, standard):
        came: list[CountedWitness] = []
        lawful: list[bool] = []
        for document, axis_of in zip((below, above), axes, strict=True):
            came += measure_witnesses(document, [(kind, witness)], axis_of, on)
            lawful.append(
                acts_lawfully(document, kind, witness, standard, axis_of)
                and _through_gates(document, witness, came[-1])
            )
        passes = [may and one.verdict in AT_LEAST[goal] for may, one in zip(lawful, came, strict=True)]
        if passes == [True, False]:
            return Loosened(kind, goal, witness, came[0], came[1], not lawful[1])
    return None


def counted_texts(document: Document, counted: CountedWitness) -> dict[str, tuple[str, str, str]]:
    """What a witness came to: demand -> its title, what it has and what it needs, as they are read."""
    titles, found = titles_of(document), {}
    for demand in document.demands:
        have, need, _met = counted.demands[demand.code]
        if demand.type in ("minutes", "share"):
            said = [in_periods(minutes, document.period_minutes) for minutes in (have, need)]
        else:
            said = [in_credits(number) if demand.type == "credits" else str(number) for number in (have, need)]
        found[demand.code] = (word_for(titles[demand.code], get_language() or "en"), said[0], said[1])
    return found


def loosened_text(above: Document, found: Loosened) -> str:
    """What a history shows, in one sentence."""
    said, kind = counted_texts(above, found.above), {"kind": kind_text(found.kind)}
    lacking = pgettext("between the items of a list", ", ").join(
        _("%(title)s (%(have)s of %(need)s)") % dict(zip(("title", "have", "need"), said[code], strict=True))
        for code in found.lacking
    )
    if lacking:
        return _("%(kind)s: who does this passes here, and under the base lacks: %(lacking)s") % {
            **kind,
            "lacking": lacking,
        }
    if found.unlawful:
        return _("%(kind)s: who does this passes here, and under the base may not open or choose so") % kind
    return _("%(kind)s: who does this reaches more here than under the base") % kind
