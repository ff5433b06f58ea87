"""Who can reach what a document asks, proven: each witness is judged by the rules of choosing and counted as every history is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weineng.kernel.refusals import Refused
from weineng.planning.models import SchoolPlan
from weineng.planning.rules import check_choice, check_opened
from weineng.programmes.documents import Points
from weineng.programmes.models import Programme
from weineng.programmes.proving import Answer, TeacherKind, Witness, answers, asks_for_points
from weineng.programmes.proving.points import points_for
from weineng.programmes.queries import find_points, kinds_in_roster
from weineng.programmes.rules import Document
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
    shown = [(one.kind, one.witness) for one in found if one.witness is not None]
    counted = iter(measure_witnesses(document, shown, axis_of) if shown else ())
    proven = []
    for one in found:
        if one.witness is None:
            proven.append(Proven(one, None, bool(one.contradictions)))
            continue
        came = next(counted)
        allowed = acts_lawfully(document, one.kind, one.witness, standard, axis_of) and _through_gates(
            document, one.witness, came
        )
        proven.append(Proven(one, came, allowed and came.verdict in AT_LEAST[one.goal]))
    return tuple(proven)


def kinds_below(document: Document, programme: Programme) -> dict[TeacherKind, tuple[int, int]]:
    """The kinds of teachers below the unit that runs a programme, each with (people, schools). The environment of a school is what its
    plan in force says."""
    plans = SchoolPlan.objects.filter(programme=programme, state__in=("approved", "filed")).order_by()
    environments = dict(plans.values_list("unit", "environment"))
    return kinds_in_roster(document, programme.owner_id or 0, environments if asks_for_points(document) else {})


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
