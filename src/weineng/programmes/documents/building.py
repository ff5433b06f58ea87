"""Make the frozen values of a document out of its checked lines; periods become minutes, credits hundredths."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from weineng.programmes.documents.found import Found
from weineng.programmes.rules import (
    Advice,
    Assumption,
    Cap,
    CertificateRule,
    ChoiceRule,
    Cycle,
    Demand,
    Document,
    Earning,
    Gate,
    HandbookTask,
    Kind,
    Part,
    Phase,
    PointRules,
    Quota,
    Sampling,
    Scope,
    Stage,
    Target,
    UnitStates,
)
from weineng.standards.rules import LocalEvidence, LocalIndicator, LocalPoint


def build(plain: Mapping[str, Any], found: Found) -> Document:
    """The frozen values; everything was checked before."""
    minutes = plain["period_minutes"]
    tasks = plain["tasks"]
    return Document(
        programme=plain["programme"],
        title=plain["title"],
        standard=plain["standard"],
        time_zone=plain["time_zone"],
        period_minutes=minutes,
        cycle=Cycle(**plain["cycle"]),
        scope=_scope(plain["scope"]),
        phases=tuple(Phase(p["code"], p["title"], p["from"], p["to"], p["batch"]) for p in plain["phases"]),
        tasks={task["code"]: task["due"] for task in tasks},
        kinds=tuple(_kind(kind) for kind in plain["kinds"]),
        caps=tuple(
            Cap(c["code"], c["per"], c["kinds"], int(c["periods"] * minutes), c["excess_to"]) for c in plain["caps"]
        ),
        earnings=tuple(
            Earning(
                r["item"],
                r["kind"],
                int(r["periods"] * minutes),
                r["earned_on"],
                r["declared_minimum"],
                r["least_minutes"],
            )
            for r in plain["results"]
        ),
        demands=tuple(_demand(demand, minutes) for demand in plain["demands"]),
        advice=tuple(
            Advice(row["code"], row["title"], row["kinds"], int(row["periods"] * minutes)) for row in plain["advice"]
        ),
        choice=_choice(plain["choice"]),
        stages=tuple(_stage(stage) for stage in plain["stages"]),
        returns=plain["returns"],
        excellent_points=(plain["levels"]["excellent"] or {}).get("points_excellent", 0),
        certificates=tuple(CertificateRule(**certificate) for certificate in plain["certificates"]),
        completed_share=completed_share(plain["school"]),
        assumptions=tuple(
            Assumption(path, _plain(value), because, base) for path, value, because, base in found.assumed
        ),
        batch_tasks=_by_batch(tasks),
        base=plain["extends"],
        inherited=tuple(found.inherited),
        fixed=tuple(found.fixed),
        replaceable=dict(found.replaceable),
        gates=tuple(_gate(gate, minutes) for gate in plain["gates"]),
        points=_points(plain["points"]),
        handbook=tuple(HandbookTask(**task) for task in plain["handbook"]),
        profile=plain["levels"]["profile"],
        track_of=plain["track_of"],
        exclusive_with=plain["exclusive_with"],
        own_assessment=(plain["assessment_mode"] or {}).get("approved_by", ""),
        units=_units(plain["school"], plain["county"]),
        targets=tuple(_target(target) for target in plain["targets"]),
        quotas=tuple(_quota(quota) for quota in plain["quotas"]),
    )


def _scope(plain: Mapping[str, Any]) -> Scope:
    establishment = () if plain["establishment"] == "any" else plain["establishment"]
    return Scope(plain["kinds"], plain["in_post"], establishment, plain["licence_required_for_kinds"])


def _kind(plain: Mapping[str, Any]) -> Kind:
    modes = plain["match"]["mode"] if plain["match"] else ()
    return Kind(plain["code"], plain["from"], plain["title"], modes, plain["item"])


def _demand(plain: Mapping[str, Any], minutes: int) -> Demand:
    timed = plain["type"] == "minutes"
    flags = (
        {flag: int(periods * minutes) for flag, periods in plain["periods_for_flag"].items()}
        if timed
        else plain["minimum_for_flag"]
    )
    return Demand(
        code=plain["code"],
        type=plain["type"],
        title=plain["title"],
        minimum=int(plain["periods"] * minutes) if timed else minimum_of(plain),
        kinds=plain["kinds"],
        each_opened=plain["each_opened"],
        minimum_for_flag=flags,
        share=plain["share"] or 0,
        of=plain["of"] or "choice",
        base=plain["base"] or "required",
        level=plain["level"] or "pass",
        parts=tuple(Part(**part) for part in plain["parts"]),
        item=plain["item"] or "",
    )


def minimum_of(demand: Mapping[str, Any]) -> int:
    """The minimum of a demand that is not on minutes: points and items as they are, credits in hundredths."""
    if demand["type"] == "credits":
        return hundredths(demand["minimum"])
    least = 1 if demand["type"] == "items" else 0
    return least if demand["minimum"] is None else int(demand["minimum"])


def hundredths(said: Decimal | int | None) -> int:
    """Credits as whole hundredths; nothing is 0."""
    return int((said or 0) * 100)


def _gate(plain: Mapping[str, Any], minutes: int) -> Gate:
    periods = plain["periods"]
    return Gate(plain["code"], plain["title"], plain["kinds"], int(periods * minutes), plain["opens"], plain["before"])


def _choice(plain: Mapping[str, Any]) -> ChoiceRule:
    opened, only, points = plain["opened"] or {}, plain["from"] or {}, plain["points"]
    return ChoiceRule(
        axis=plain["axis"] or "dimension",
        opened_minimum=opened.get("minimum", 0),
        opened_minimum_for_flag=opened.get("minimum_for_flag", {}),
        points_minimum=points["minimum"] or 1,
        each_opened=points["each_opened"] or 0,
        environments=only.get("environment") or (),
        dimensions=only.get("dimension") or (),
        credits=hundredths(points["credits"]),
        declare=plain["declare"],
    )


def _points(plain: Mapping[str, Any] | None) -> PointRules:
    if plain is None:
        return PointRules()
    credits_for = {point: hundredths(said) for point, said in plain["credits_for"].items()}
    return PointRules(hundredths(plain["credits"]), credits_for, tuple(_local(point) for point in plain["local"]))


def _local(plain: Mapping[str, Any]) -> LocalPoint:
    evidence = tuple(
        LocalEvidence(**{**row, "indicators": tuple(LocalIndicator(**line) for line in row["indicators"])})
        for row in plain["evidence"]
    )
    return LocalPoint(plain["code"], plain["title"], plain["environment"], plain["dimension"], evidence)


SAMPLING = ("share", "least", "strata", "tolerance")


def decides(stage: Mapping[str, Any]) -> bool:
    """Whether the result comes from a stage, in either of the two ways to say it."""
    return stage["decides"] is True or stage["does"] == "decides"


def completed_share(school: Mapping[str, Any]) -> int:
    """Per cent who have passed when a school is completed, in either of the two places to say it."""
    said = school["completed_share"]
    return int(said if said is not None else school["completed"]["share"])


def _stage(plain: Mapping[str, Any]) -> Stage:
    lines = {name: value for name, value in plain.items() if name not in (*SAMPLING, "decides", "does")}
    after: Mapping[Any, Literal["accepts", "samples"]] = {"accepts": "accepts", "samples": "samples"}
    sampling = None
    if plain["does"] == "samples":
        sampling = Sampling(plain["share"], plain["least"] or 1, plain["strata"], plain["tolerance"] or 0)
    return Stage(**lines, decides=decides(plain), does=after.get(plain["does"], ""), sampling=sampling)


def _units(school: Mapping[str, Any], county: Mapping[str, Any] | None) -> UnitStates:
    completed = school["completed"] or {"plan_approved": True, "accepted": False}
    started = (county or {}).get("started") or {"approved_plans": 1, "in_begun_batch": True}
    return UnitStates(
        school_started_with_plan=school["started"]["plan_approved"] if school["started"] else None,
        school_completed_with_plan=completed["plan_approved"],
        school_completed_accepted=completed["accepted"],
        county_started_plans=started["approved_plans"],
        county_started_in_begun_batch=started["in_begun_batch"],
        county_completed_schools=((county or {}).get("completed") or {}).get("schools"),
    )


def _target(plain: Mapping[str, Any]) -> Target:
    scope = plain["scope"] or {"flag": "", "under": ""}
    return Target(
        plain["code"], plain["of"], plain["state"], plain["from"], plain["to"], plain["per"], plain["share"], plain["number"],
        scope["flag"], scope["under"],
    )  # fmt: skip


def _quota(plain: Mapping[str, Any]) -> Quota:
    return Quota(
        plain["code"], plain["what"], plain["per"], plain["year"], plain["share"], plain["round"], plain["least"]
    )


def _by_batch(tasks: tuple[Mapping[str, Any], ...]) -> dict[str, dict[str, date]]:
    batches: dict[str, dict[str, date]] = {}
    for task in tasks:
        for batch, due in task["due_for_batch"].items():
            batches.setdefault(batch, {})[task["code"]] = due
    return batches


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return value if isinstance(value, int) else str(value)
