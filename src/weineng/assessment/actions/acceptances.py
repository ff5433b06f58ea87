"""Accept or refuse what a stage has decided, school by school and person by person (a stage that `accepts`).

Results stand meanwhile; certificates wait for both. Refusing a person overturns what they passed; every decision can be taken
back by whoever accepts there.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.assessment.actions._overturning import follow_result, put_in_place
from weineng.assessment.models import Acceptance, AcceptedPerson, Result
from weineng.assessment.permissions import ASK_ACCEPTANCE
from weineng.assessment.queries import (
    AcceptancePage,
    PersonInAcceptance,
    acceptance_page,
    accepting_stage,
    last_said,
    people_accepting,
    places_of,
)
from weineng.audit.effects import record
from weineng.audit.models import Line
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.ids import seal_id
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.effects import notify
from weineng.organisations.effects import erased_among
from weineng.organisations.queries import current_person
from weineng.organisations.reach import require_unit, same_people, units_below
from weineng.planning.queries import people_in_charge
from weineng.programmes.models import EnrolledSchool, Enrolment


@transaction.atomic
def ask_acceptance(*, by: Actor, programme: int, stage: str, unit: int) -> Acceptance:
    """The school asks that its results be accepted: those who accept are told and have the stage's days; asking again, after a
    refusal too, begins them anew. Refuses `not-taking-part`, `already-accepted`; `not-found` out of reach."""
    school, rule = require_unit(by, ASK_ACCEPTANCE, unit), accepting_stage(programme, stage)
    if not EnrolledSchool.objects.filter(programme=programme, unit=unit).taking_part(today()).exists():
        raise Refused("not-taking-part", _("The school does not take part in this programme."))
    row = _held(programme, stage, unit)
    if row.state == "accepted":
        raise Refused("already-accepted", _("The school's results are accepted."))
    row.state, row.reason, row.signers, row.signatures = "open", "", [], 0
    row.asked_at, row.due_on = now(), today() + timedelta(days=rule.days)
    row.save()
    line = record(by=by, verb="assessment.ask_acceptance", thing=row, unit=unit, facts={"stage": stage})
    params = {"school": school.name, "stage": dict(rule.title), "due": str(row.due_on)}
    notify(
        cause=line, event="acceptance-asked", people=people_accepting(rule, unit), params=params, link=_link(row), about=_about(row)
    )  # fmt: skip
    return row


@transaction.atomic
def stop_asking(*, by: Actor, programme: int, stage: str, unit: int) -> Acceptance:
    """The school takes its request back before it was decided; what was decided about people stays. Refuses `not-asked`;
    `not-found` out of reach."""
    require_unit(by, ASK_ACCEPTANCE, unit)
    row = _held(programme, stage, unit)
    if row.state != "open" or row.asked_at is None:
        raise Refused("not-asked", _("Nothing waits to be accepted here."))
    row.asked_at, row.due_on = None, None
    row.save(update_fields=("asked_at", "due_on"))
    record(by=by, verb="assessment.stop_asking", thing=row, unit=unit, facts={"stage": stage})
    return row


@transaction.atomic
def accept_people(*, by: Actor, programme: int, stage: str, unit: int, enrolments: Collection[int]) -> int:
    """Accept the results of people of a school, as they stand now; later ones wait again. Returns how many were accepted.

    Refuses `nobody-chosen`, `own-school`, `own-judgement` (oneself, or whose work one judged); `not-found` for a school or a
    person one does not accept, and for people who do not wait.
    """
    page = _acting(by, programme, stage, unit)
    chosen = _chosen(page, enrolments, "waits", "refused")
    row = _held(programme, stage, unit)
    for one in chosen:
        _write(by, row, one, "accepted", one.newest)
    people = {one.person.pk for one in chosen}
    facts = {"people": len(people), "stage": stage}
    line = record(by=by, verb="assessment.accept_people", thing=row, unit=unit, facts=facts)
    _tell(line, "results-accepted", people, page)
    return len(people)


@transaction.atomic
def refuse_person(*, by: Actor, programme: int, stage: str, unit: int, enrolment: int, reason: str) -> list[Result]:
    """Refuse somebody's results: what they passed is not passed any more, with the reason; they can hand in again, and the
    new result waits to be accepted. Returns the new results. `take_back_person` is the way back.

    Refuses `reason-missing`, `text-too-long`, `own-school`, `own-judgement`, `person-erased`; `not-found` as `accept_people`.
    """
    page = _acting(by, programme, stage, unit)
    (one,) = _chosen(page, [enrolment], "waits", "accepted")
    _say_why(AcceptedPerson, reason)
    row = _held(programme, stage, unit)
    told = _write(by, row, one, "refused", one.newest, reason.strip())
    line = record(
        by=by, verb="assessment.refuse_person", thing=told, subject=one.person.pk, unit=unit, facts={"stage": stage}, reason=reason
    )  # fmt: skip
    new = [
        put_in_place(old, "fail", source="acceptance", reason=reason.strip(), detail={"acceptance": told.pk})
        for old in _standing(programme, one.person.pk).exclude(level="fail")
    ]
    _follow(line, new)
    _tell(line, "results-refused", {one.person.pk}, page, reason=reason.strip())
    return new


@transaction.atomic
def take_back_person(*, by: Actor, programme: int, stage: str, unit: int, enrolment: int, reason: str) -> int:
    """Take back what was decided about somebody: they wait again, and results that a refusal had overturned stand again, unless
    another decision came after it. Returns how many results were put back.

    Refuses `reason-missing`, `text-too-long`, `own-school`, `own-judgement`; `not-found` where nothing was decided.
    """
    page = _acting(by, programme, stage, unit)
    (one,) = _chosen(page, [enrolment], "accepted", "refused")
    _say_why(AcceptedPerson, reason)
    decided = last_said(programme, stage, [one.person.pk]).get(one.person.pk)  # at whichever school they were
    if decided is None:
        raise NotFound("assessment.acceptedperson")
    refused = _standing(programme, one.person.pk).filter(source="acceptance", detail__acceptance=decided.pk)
    back = [put_in_place(old, old.detail["before"], source="acceptance", reason=reason.strip()) for old in refused]
    decided.state, decided.at, decided.by, decided.reason = "open", now(), by.person, reason.strip()
    decided.save(update_fields=("state", "at", "by", "reason"))
    line = record(
        by=by, verb="assessment.take_back_person", thing=decided, subject=one.person.pk, unit=unit, facts={"stage": stage}, reason=reason
    )  # fmt: skip
    _follow(line, back)
    _tell(line, "acceptance-taken-back", {one.person.pk}, page, reason=reason.strip())
    return len(back)


@transaction.atomic
def sign_acceptance(*, by: Actor, programme: int, stage: str, unit: int) -> Acceptance:
    """Sign that a school's results are accepted; with as many signatures as the stage asks for they are.

    Refuses `people-wait` while nobody has decided about somebody, `nobody-accepted` where there is nobody at all, `signed-already`,
    `already-accepted`, `own-school`; `not-found` for a school one does not accept.
    """
    page = _acting(by, programme, stage, unit)
    row = _held(programme, stage, unit)
    if row.state == "accepted":
        raise Refused("already-accepted", _("The school's results are accepted."))
    if page.signed:
        raise Refused("signed-already", _("You have signed already."))
    if page.waiting:
        raise Refused("people-wait", _("Decide about everybody first: %(count)s wait."), count=page.waiting)
    if not page.accepted:
        raise Refused("nobody-accepted", _("There is nobody yet whose results are accepted."))
    row.signers, row.signatures = sorted({*row.signers, *by.hands}), row.signatures + 1
    row.state, row.reason, row.decided_at = "open", "", now()
    if row.signatures >= page.stage.reviewers:
        row.state, row.taken_back_at = "accepted", None
    row.save()
    line = record(
        by=by, verb="assessment.sign_acceptance", thing=row, unit=unit, facts={"stage": stage, "state": row.state}
    )
    if row.state == "accepted":
        _tell_school(line, row, "school-accepted", page)
    return row


@transaction.atomic
def refuse_school(*, by: Actor, programme: int, stage: str, unit: int, reason: str) -> Acceptance:
    """Refuse a school's results as a whole: nothing is overturned, certificates wait, the school asks again when it has done what
    it is told. Refuses `reason-missing`, `text-too-long`, `own-school`, `already-accepted` (take that back first); `not-found`."""
    page = _acting(by, programme, stage, unit)
    _say_why(Acceptance, reason)
    row = _held(programme, stage, unit)
    if row.state == "accepted":
        raise Refused("already-accepted", _("The school's results are accepted."))
    row.state, row.signers, row.signatures, row.reason = "refused", [], 0, reason.strip()
    row.decided_at, row.asked_at = now(), None
    row.save()
    line = record(by=by, verb="assessment.refuse_school", thing=row, unit=unit, facts={"stage": stage}, reason=reason)
    _tell_school(line, row, "school-refused", page, reason=reason.strip())
    return row


@transaction.atomic
def take_back_acceptance(*, by: Actor, programme: int, stage: str, unit: int, reason: str) -> Acceptance:
    """Take the decision about a school back, signatures too: it is open again, and certificates that rested on it end.

    Refuses `reason-missing`, `text-too-long`, `own-school`, `not-decided`; `not-found`.
    """
    page = _acting(by, programme, stage, unit)
    _say_why(Acceptance, reason)
    row = _held(programme, stage, unit)
    if row.state == "open" and not row.signatures:
        raise Refused("not-decided", _("Nothing was decided here."))
    row.state, row.signers, row.signatures, row.reason, row.taken_back_at = "open", [], 0, "", now()
    row.save()
    line = record(
        by=by, verb="assessment.take_back_acceptance", thing=row, unit=unit, facts={"stage": stage}, reason=reason
    )
    _tell_school(line, row, "school-acceptance-taken-back", page, reason=reason.strip())
    return row


def _link(row: Acceptance) -> str:
    """The page of an acceptance."""
    return f"/acceptance/{seal_id('programmes.programme', row.programme_id)}/{row.stage}/{seal_id('organisations.unit', row.unit_id)}/"


def _held(programme: int, stage: str, unit: int) -> Acceptance:
    """The row of a school's acceptance, locked; made where nobody has asked for it yet."""
    Acceptance.objects.get_or_create(programme_id=programme, stage=stage, unit_id=unit)
    return Acceptance.objects.select_for_update(of=("self",)).get(programme=programme, stage=stage, unit=unit)


def _acting(by: Actor, programme: int, stage: str, unit: int) -> AcceptancePage:
    """The page of a school that one accepts, read once its row is held, so that of two who decide at once the second sees what
    the first did; refuses `not-found`, `own-school`."""
    places = places_of(by, accepting_stage(programme, stage))
    if not units_below(places).filter(pk=unit).exists():
        raise NotFound("organisations.unit")
    _held(programme, stage, unit)
    page = acceptance_page(by, programme, stage, unit)
    if page.insider:
        raise Refused("own-school", _("Somebody from outside the school has to decide about its results."))
    return page


def _chosen(page: AcceptancePage, enrolments: Collection[int], *states: str) -> list[PersonInAcceptance]:
    """The people with these enrolments, all of them in one of these states."""
    if not enrolments:
        raise Refused("nobody-chosen", _("Choose somebody first."))
    found = [one for one in page.people if one.enrolment in enrolments and one.state in states]
    if len(found) < len(set(enrolments)):
        raise NotFound("programmes.enrolment")
    if any(one.partial for one in found):
        raise Refused("own-judgement", _("You helped to decide this; somebody else has to."))
    if erased_among([one.person.pk for one in found]):
        raise Refused("person-erased", _("This person was erased."))
    return found


def _say_why(model: type[Acceptance] | type[AcceptedPerson], reason: str) -> None:
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    refuse_long(model, reason=reason)


def _write(
    by: Actor, row: Acceptance, one: PersonInAcceptance, state: str, through: int, reason: str = ""
) -> AcceptedPerson:
    decided = {
        "person": one.person, "state": state, "through": through, "at": now(), "by": by.person, "reason": reason,
    }  # fmt: skip
    return AcceptedPerson.objects.update_or_create(acceptance=row, enrolment=one.enrolment, defaults=decided)[0]


def _standing(programme: int, person: int) -> QuerySet[Result]:
    """The results of a person in a programme that stand, under all their records."""
    enrolled = Enrolment.objects.filter(programme=programme, person__in=same_people([person]))
    return Result.objects.filter(enrolment__in=enrolled.values("pk"), overturned_at__isnull=True).order_by("pk")


def _follow(line: Line, results: Iterable[Result]) -> None:
    for result in results:
        follow_result(line, result)


def _tell(line: Line, event: str, people: Collection[int], page: AcceptancePage, **params: str) -> None:
    """Tell the people themselves."""
    words = {"stage": dict(page.stage.title), **params}
    notify(cause=line, event=event, people={current_person(one) for one in people}, params=words, link="/my/")


def _tell_school(line: Line, row: Acceptance, event: str, page: AcceptancePage, **params: str) -> None:
    words = {"stage": dict(page.stage.title), "school": page.unit.name, **params}
    notify(
        cause=line,
        event=event,
        people=people_in_charge(row.unit_id, "cio", "principal"),
        params=words,
        link=_link(row),
    )


def _about(row: Acceptance) -> str:
    return f"acceptance:{row.pk}:{row.asked_at}"
