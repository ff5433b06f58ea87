"""The plans of the second opinion as documents of the product: numbers copied from one form into the other."""

from collections.abc import Callable
from dataclasses import replace

from tests.p4 import shipped_base
from tests.reference import plan_lines as plans
from weineng.programmes import rules
from weineng.programmes.documents import read_document
from weineng.programmes.queries import PLANS
from weineng.standards.rules import LocalPoint

WORDS = dict.fromkeys(("zh-hans", "zh-hant", "en"), "x")


def district_document() -> rules.Document:
    """Plan P4 as it ships."""
    return read_document((PLANS / "p4-district.yaml").read_text(encoding="utf-8"), shipped_base)


def document_of(plan: plans.Plan) -> rules.Document:
    """A document that says what a plan says; what plays no part in counting is the district's."""
    delivered = [rules.Kind(code, "records", WORDS, modes=modes) for code, modes in plan.kinds]
    earned = [rules.Kind(earning.kind, "results", WORDS, item=earning.item) for earning in plan.results]
    local = [LocalPoint(p.code, WORDS, p.environment, p.dimension, ()) for p in plan.points if p.local]
    return replace(
        district_document(),
        cycle=rules.Cycle(plan.starts, plan.cut_off, plan.late_until),
        kinds=(*delivered, *earned),
        caps=tuple(rules.Cap(cap.code, cap.per, cap.kinds, cap.minutes, cap.excess_to) for cap in plan.caps),
        earnings=tuple(rules.Earning(x.item, x.kind, x.minutes, x.earned_on) for x in plan.results),
        demands=tuple(_DEMANDS[type(demand)](demand) for demand in plan.demands),
        gates=tuple(rules.Gate(x.code, WORDS, x.kinds, x.minutes, x.opens, x.before) for x in plan.gates),
        points=rules.PointRules(credits_for={p.code: p.credits for p in plan.points}, local=tuple(local)),
        choice=replace(district_document().choice, axis=plan.axis, declare=plan.choosing.declare),
        handbook=tuple(rules.HandbookTask(code, WORDS) for code in plan.handbook),
        excellent_points=plan.excellent_points,
        profile=plan.profile,
        exclusive_with=plan.exclusive_with,
    )


def _points(demand: plans.Points) -> rules.Demand:
    parts = tuple(rules.Part(part.code, part.axis, part.values, part.minimum) for part in demand.parts)
    return rules.Demand(
        demand.code, "points", WORDS, demand.minimum, each_opened=demand.each_opened, minimum_for_flag=dict(demand.for_flag),
        of=demand.of, level=demand.level, parts=parts,
    )  # fmt: skip


def _minutes(demand: plans.Minutes) -> rules.Demand:
    flags = dict(demand.for_flag)
    return rules.Demand(demand.code, "minutes", WORDS, demand.minimum, kinds=demand.kinds, minimum_for_flag=flags)


def _share(demand: plans.Share) -> rules.Demand:
    return rules.Demand(
        demand.code, "share", WORDS, 0, kinds=demand.kinds, share=demand.share, of=demand.of, base=demand.base
    )


_DEMANDS: dict[type, Callable[..., rules.Demand]] = {
    plans.Minutes: _minutes,
    plans.Share: _share,
    plans.Points: _points,
    plans.Credits: lambda d: rules.Demand(d.code, "credits", WORDS, d.minimum, of=d.of),
    plans.NoneFailed: lambda d: rules.Demand(d.code, "none-failed", WORDS, 0, of=d.of),
    plans.Items: lambda d: rules.Demand(d.code, "items", WORDS, d.minimum, item=d.item),
}
