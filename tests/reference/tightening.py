"""Single steps by which a refinement may tighten a plan: what the tables of docs/rules.md and ADR 0070 allow (37)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from tests.reference.plan_lines import Cap, Credits, Demand, Gate, Items, Minutes, Part, Plan, Points, Share

LEVELS = {"pass": "excellent"}
BEFORE = {"keep": "not-counted", "not-counted": "refuse"}
LITTLE, MONTH = 30, timedelta(days=30)

Step = tuple[str, Plan]


def steps(plan: Plan) -> Iterator[Step]:
    """Every single step and its name: the line, and what was done to it."""
    yield from demand_steps(plan)
    yield from cap_steps(plan)
    yield from gate_steps(plan)
    yield from cycle_steps(plan)
    yield from kind_steps(plan)
    yield from result_steps(plan)


# --- Demands ------------------------------------------------------------------------------------------------------
def demand_steps(plan: Plan) -> Iterator[Step]:
    """One demand is raised, or asks for less kinds, or is added."""
    for place, demand in enumerate(plan.demands):
        for what, tighter in tighter_demands(demand):
            yield f"demands.{what}", replace(plan, demands=(*plan.demands[:place], tighter, *plan.demands[place + 1 :]))
    for kind in plan.kinds:
        yield "demands added", replace(plan, demands=(*plan.demands, Minutes("added", (kind[0],), 300)))


def tighter_demands(demand: Demand) -> Iterator[tuple[str, Demand]]:
    """The same demand, one step tighter."""
    if isinstance(demand, Share):
        yield "share", replace(demand, share=min(100, demand.share + 3))
    if isinstance(demand, Minutes):
        yield "periods", replace(demand, minimum=demand.minimum + LITTLE)
    if isinstance(demand, Minutes | Share) and len(demand.kinds) > 1:
        for kind in demand.kinds:
            yield (
                f"kinds of {type(demand).__name__.lower()}",
                replace(demand, kinds=tuple(k for k in demand.kinds if k != kind)),
            )
    if isinstance(demand, Minutes | Points):
        more = LITTLE if isinstance(demand, Minutes) else 1
        for flag in ("smart-education", "rural"):
            value = dict(demand.for_flag).get(flag, demand.minimum) + more
            others = tuple(row for row in demand.for_flag if row[0] != flag)
            yield "minimum for a flag", replace(demand, for_flag=(*others, (flag, value)))
    if isinstance(demand, Points):
        yield "each_opened", replace(demand, each_opened=demand.each_opened + 1)
        if demand.level in LEVELS:
            yield "level", replace(demand, level=LEVELS[demand.level])
        yield from tighter_parts(demand)
    if isinstance(demand, Points | Credits | Items):
        yield "minimum", replace(demand, minimum=demand.minimum + 1)


def tighter_parts(demand: Points) -> Iterator[tuple[str, Points]]:
    """A part asks for one point more, takes one value less, or is added."""
    for place, part in enumerate(demand.parts):
        changed = [replace(part, minimum=part.minimum + 1)]
        if len(part.values) > 1:
            changed += [replace(part, values=tuple(v for v in part.values if v != value)) for value in part.values]
        for tighter in changed:
            yield "parts", replace(demand, parts=(*demand.parts[:place], tighter, *demand.parts[place + 1 :]))
    yield "parts", replace(demand, parts=(*demand.parts, Part("added", "environment", ("blended", "smart"), 1)))


# --- What counts --------------------------------------------------------------------------------------------------
def cap_steps(plan: Plan) -> Iterator[Step]:
    """A cap lets less count, or limits one kind more, or is added."""
    everything = [kind for kind, _ in plan.kinds] + sorted({earning.kind for earning in plan.results})
    for place, cap in enumerate(plan.caps):
        changed = [("periods", replace(cap, minutes=max(1, cap.minutes - LITTLE)))]
        for kind in everything:
            if kind not in (*cap.kinds, cap.excess_to):
                changed.append(("kinds", replace(cap, kinds=(*cap.kinds, kind))))
        for what, tighter in changed:
            yield f"caps.{what}", replace(plan, caps=(*plan.caps[:place], tighter, *plan.caps[place + 1 :]))
    for kind in everything:
        yield "caps added", replace(plan, caps=(*plan.caps, Cap("added", "kind", (kind,), 400)))


def gate_steps(plan: Plan) -> Iterator[Step]:
    """A gate asks for more, of less kinds, opens more kinds, is stricter before it opens, or is added."""
    keys, opened = (
        {kind for gate in plan.gates for kind in gate.kinds},
        {kind for gate in plan.gates for kind in gate.opens},
    )
    for kind in [kind for kind, _ in plan.kinds if kind not in opened]:
        for other in [other for other, _ in plan.kinds if other != kind and other not in keys]:
            added = Gate("added", (kind,), 300, (other,), "not-counted")
            yield "gates added", replace(plan, gates=(*plan.gates, added))
    for place, gate in enumerate(plan.gates):
        for what, tighter in tighter_gates(plan, gate):
            yield f"gates.{what}", replace(plan, gates=(*plan.gates[:place], tighter, *plan.gates[place + 1 :]))


def tighter_gates(plan: Plan, gate: Gate) -> Iterator[tuple[str, Gate]]:
    """The same gate, one step tighter."""
    yield "periods", replace(gate, minutes=gate.minutes + LITTLE)
    if len(gate.kinds) > 1:
        for kind in gate.kinds:
            yield "kinds", replace(gate, kinds=tuple(k for k in gate.kinds if k != kind))
    keys = {kind for other in plan.gates for kind in other.kinds}
    for kind, _ in plan.kinds:
        if kind not in keys and kind not in gate.opens:
            yield "opens", replace(gate, opens=(*gate.opens, kind))
    if gate.before in BEFORE:
        yield "before", replace(gate, before=BEFORE[gate.before])


def cycle_steps(plan: Plan) -> Iterator[Step]:
    """It ends earlier, or takes late facts for a shorter time."""
    yield "cycle.cut_off", replace(plan, cut_off=plan.cut_off - MONTH)
    yield "cycle.late_until", replace(plan, late_until=plan.late_until - MONTH)


def kind_steps(plan: Plan) -> Iterator[Step]:
    """A kind takes one mode less."""
    for place, (kind, modes) in enumerate(plan.kinds):
        for mode in modes:
            rest = (kind, tuple(m for m in modes if m != mode))
            yield "kinds.match", replace(plan, kinds=(*plan.kinds[:place], rest, *plan.kinds[place + 1 :]))


def result_steps(plan: Plan) -> Iterator[Step]:
    """Results earn less; more excellent points are asked for."""
    for place, earning in enumerate(plan.results):
        less = replace(earning, minutes=max(0, earning.minutes - LITTLE))
        yield "results.periods", replace(plan, results=(*plan.results[:place], less, *plan.results[place + 1 :]))
    if plan.excellent_points:
        yield "levels.excellent", replace(plan, excellent_points=plan.excellent_points + 1)
