"""What lies on somebody's desk at a unit: what waits for their decision, and who there needs help first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weineng.activities.models import Session
from weineng.activities.permissions import HOLD
from weineng.assessment.models import Acceptance
from weineng.assessment.permissions import APPROVE_MODE, ASK_ACCEPTANCE, REASSIGN
from weineng.assessment.queries import dossiers_held_up, modes_to_approve, reassignable, waiting_for
from weineng.kernel.actors import Actor, Permission
from weineng.kernel.clock import now, today
from weineng.organisations.models import Closure, Erasure, Unit
from weineng.organisations.queries import erasures_to_decide
from weineng.organisations.reach import behind, people_below, same_people, units_below, units_within
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.permissions import WRITE_GROUP_PLAN, WRITE_SCHOOL_PLAN
from weineng.planning.queries import Asking, asking_within, plan_in_force, plan_in_work, plans_to_review
from weineng.programmes.models import EnrolledSchool, Exemption, Programme
from weineng.programmes.permissions import EXEMPT
from weineng.programmes.queries import approvals_to_decide, document_in_force, document_of
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW
from weineng.progress.queries import Reason
from weineng.progress.queries.standings import DocumentWords

NEED_HELP = 5  # as many people as one can see to in a week
FIRST = 2  # reasons shown of each; the person's page has all


@dataclass(frozen=True)
class Waiting:
    """One thing to do and how often: `reviews`, `plans`, `school-plan-…`, `group-plans`, `answers`, `silent`, `exemptions`,
    `approvals`, `erasures`, `sessions`, `reviewers`."""

    code: str
    count: int


@dataclass(frozen=True)
class Behind:
    """Somebody furthest from a pass: how many demands are met of how many, and the first that are not, each with why."""

    enrolment: int
    name: str
    leaf: str
    verdict: str
    met: int
    asked: int
    lacks: tuple[tuple[str, Reason], ...]  # the demand's title, the reason


@dataclass(frozen=True)
class Desk:
    """What waits, the most binding first; who needs help, furthest behind first (schools and groups only)."""

    waiting: tuple[Waiting, ...]
    behind: tuple[Behind, ...]


def desk_of(by: Actor, programme: Programme, unit: Unit) -> Desk:
    """The desk of `by` at a unit of a programme, today. Every line counts only what `by` may act on."""
    counts = {code: count(by, programme, unit) for code, count in COUNTS.items()}
    waiting = tuple(Waiting(code, number) for code, number in counts.items() if number)
    return Desk(waiting, _behind(by, programme, unit) if unit.level in ("school", "group") else ())


def _holds(by: Actor, permission: Permission, unit: Unit) -> bool:
    return units_within(by, permission).filter(pk=unit.pk).exists()


def _plans(by: Actor, programme: Programme, unit: Unit) -> int:
    return plans_to_review(by).filter(programme=programme, unit__in=units_below({unit.pk})).count()


def _school_plan(state: str) -> Callable[[Actor, Programme, Unit], int]:
    def count(by: Actor, programme: Programme, unit: Unit) -> int:
        if unit.level != "school" or not _holds(by, WRITE_SCHOOL_PLAN, unit):
            return 0
        work = plan_in_work(programme.pk, unit.pk)
        missing = work is None and plan_in_force(programme.pk, unit.pk) is None and _takes_part(programme, unit)
        return int(missing if state == "missing" else work is not None and work.state == state)

    return count


def _takes_part(programme: Programme, school: Unit) -> bool:
    return EnrolledSchool.objects.filter(programme=programme, unit=school).taking_part(today()).exists()


def _group_plans(by: Actor, programme: Programme, unit: Unit) -> int:
    """Groups without a published plan in schools whose plan is in force."""
    planned = SchoolPlan.objects.filter(programme=programme, state__in=("approved", "filed")).values("unit")
    below = Closure.objects.filter(ancestor__in=planned, during__contains=today()).values("unit")
    published = GroupPlan.objects.filter(programme=programme, state="published").values("unit")
    groups = units_within(by, WRITE_GROUP_PLAN).filter(level="group", closed_on__isnull=True, pk__in=below)
    return groups.filter(pk__in=units_below({unit.pk}).values("pk")).exclude(pk__in=published).count()


def _exemptions(by: Actor, programme: Programme, unit: Unit) -> int:
    """Asked for by somebody else and not about oneself: those that one may grant."""
    asked = Exemption.objects.filter(enrolment__programme=programme, granted_at__isnull=True, ended_at__isnull=True)
    waiting = list(asked.order_by("pk").values_list("pk", flat=True))
    if not waiting:
        return 0
    rows = Exemption.objects.within(by, EXEMPT, changing=True, among=waiting).exclude(asked_by__in=behind(by))
    rows = rows.exclude(asked_for__in=behind(by)).exclude(enrolment__person__in=behind(by))
    return rows.filter(enrolment__person__in=same_people(people_below({unit.pk}))).count()


def _approvals(by: Actor, _programme: Programme, unit: Unit) -> int:
    """Requests to replace lines of a base that the unit decides about, whichever programme it is."""
    return approvals_to_decide(by).filter(approver=unit).count()


def _erasures(by: Actor, _programme: Programme, unit: Unit) -> int:
    """Of people of the unit, asked for by somebody else: those that one may confirm or refuse."""
    if not Erasure.objects.filter(state="asked", expires_at__gt=now()).exists():
        return 0
    return erasures_to_decide(by).filter(person__in=same_people(people_below({unit.pk}))).count()


def _sessions(by: Actor, programme: Programme, unit: Unit) -> int:
    """Over and not closed: nobody earns their minutes before that."""
    rows = Session.objects.within(by, HOLD, changing=True).filter(programme=programme.code)
    return rows.filter(state__in=("planned", "open"), ends_at__lt=now(), unit__in=units_below({unit.pk})).count()


def _reviewers(by: Actor, programme: Programme, unit: Unit) -> int:
    if not _holds(by, REASSIGN, unit):
        return 0
    held_up = dossiers_held_up().filter(submission__programme=programme.code)
    if not held_up.exists():
        return 0
    rows = held_up.filter(reassignable(by))
    return rows.filter(person__in=same_people(people_below({unit.pk}))).count()


def _modes(by: Actor, programme: Programme, unit: Unit) -> int:
    """Own modes of assessment that schools have proposed: those that one may approve."""
    if unit.level in ("school", "group") or not by.units(APPROVE_MODE):
        return 0
    return modes_to_approve(by, programme.pk).filter(unit__in=units_below({unit.pk})).count()


def _refused(by: Actor, programme: Programme, unit: Unit) -> int:
    """Acceptances that were refused for the school: it asks again when it has done what it was told."""
    if unit.level != "school" or not _holds(by, ASK_ACCEPTANCE, unit):
        return 0
    return Acceptance.objects.filter(programme=programme, unit=unit, state="refused").count()


def _reviews(by: Actor, programme: Programme, _unit: Unit) -> int:
    return waiting_for(by).filter(run__dossier__submission__programme=programme.code).count()


def _answers(by: Actor, programme: Programme, unit: Unit) -> int:
    """Declared points and tasks of the handbook of others that wait for the group or the school."""
    return sum(one.waiting for one in _asking(by, programme, unit) if not one.mine)


def _silent(by: Actor, programme: Programme, unit: Unit) -> int:
    """Who has chosen points, and declared none of them to be assessed."""
    if not document_in_force(programme.pk).choice.declare:
        return 0
    return sum(one.chosen and not one.declarations for one in _asking(by, programme, unit))


def _asking(by: Actor, programme: Programme, unit: Unit) -> list[Asking]:
    document = document_in_force(programme.pk)
    if unit.level not in ("school", "group") or not (document.choice.declare or document.handbook):
        return []
    return asking_within(by, programme.pk, below=unit.pk)


COUNTS: Mapping[str, Callable[[Actor, Programme, Unit], int]] = {  # in the order in which they hold others up
    "plans": _plans,
    "school-plan-missing": _school_plan("missing"),
    "school-plan-returned": _school_plan("returned"),
    "school-plan-draft": _school_plan("draft"),
    "group-plans": _group_plans,
    "answers": _answers,
    "silent": _silent,
    "sessions": _sessions,
    "reviewers": _reviewers,
    "own-modes": _modes,
    "acceptance": _refused,
    "exemptions": _exemptions,
    "approvals": _approvals,
    "erasures": _erasures,
    "reviews": _reviews,
}


def _behind(by: Actor, programme: Programme, unit: Unit) -> tuple[Behind, ...]:
    here = Standing.objects.filter(programme=programme, demand="overall", leaf__in=units_below({unit.pk}))
    here = here.filter(verdict__in=("not-begun", "in-progress")).order_by("pk")
    rows = Standing.objects.within(by, VIEW, among=list(here.values_list("pk", flat=True)))
    rows = rows.select_related("enrolment__person", "leaf")
    found = list(rows.order_by("have", "participant", "enrolment__person__name_order", "pk")[:NEED_HELP])
    words = {version: DocumentWords(document_of(version)) for version in {row.version for row in found}}
    return tuple(
        Behind(
            enrolment=row.enrolment_id, name=row.enrolment.person.name, leaf=row.leaf.name if row.leaf else "", verdict=row.verdict,
            met=row.have, asked=row.need, lacks=_lacks(words[row.version], row),
        )
        for row in found
    )  # fmt: skip


def _lacks(words: DocumentWords, row: Standing) -> tuple[tuple[str, Reason], ...]:
    reasons = words.reasons(row.reasons[:FIRST])
    return tuple((words.titles.get(reason.params.get("demand", ""), ""), reason) for reason in reasons)
