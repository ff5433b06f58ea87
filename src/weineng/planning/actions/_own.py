"""What a teacher's own acts in a programme share: the enrolment, and whether it is still time; and what answers to them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.notices.effects import Told, notify_each
from weineng.organisations.effects import refuse_erased
from weineng.organisations.queries import current_person
from weineng.organisations.reach import is_behind
from weineng.planning.models import Declaration, HandbookEntry
from weineng.planning.permissions import CHOOSE
from weineng.planning.queries import people_in_charge, school_of_enrolment
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document

Row = TypeVar("Row", Declaration, HandbookEntry)


def own_enrolment(by: Actor, enrolment: int) -> tuple[Enrolment, Document]:
    """One's own enrolment, locked, with its document. Refuses `enrolment-left`, `cycle-over`; `not-found` for another's."""
    rows = Enrolment.objects.within(by, CHOOSE, changing=True).select_for_update(of=("self",))
    row = get_or_refuse(rows, pk=enrolment)
    document = document_of(row.version_id)
    if row.left_on is not None and row.left_on <= today():
        raise Refused("enrolment-left", _("You no longer take part in this programme."))
    if today() > document.cycle.cut_off:
        raise Refused("cycle-over", _("The programme is over."))
    return row, document


def asked_of(by: Actor, reached: "QuerySet[Row, Row]", keys: Collection[int]) -> list[Row]:
    """The declarations or tasks of others that one answers, among those within reach, locked, in the order of their keys; who
    answers is somebody else than whom it is about. Refuses `nothing-ticked`, `self-approval`, `person-erased`; `not-found` if
    one is out of reach."""
    if not keys:
        raise Refused("nothing-ticked", _("Tick at least one."))
    rows = reached.filter(pk__in=keys).select_for_update(of=("self",)).select_related("enrolment__person")
    found = list(rows.order_by("pk"))
    if len(found) != len(set(keys)):
        raise NotFound(reached.model._meta.label_lower)
    if is_behind(by, *(row.person_id for row in found)):
        raise Refused("self-approval", _("This is about yourself; somebody else has to answer."))
    refuse_erased({row.person_id for row in found})
    return found


def need_advice(advice: str) -> str:
    """Refuses `comment-missing` where nothing is said."""
    if not advice.strip():
        raise Refused("comment-missing", _("Say what to change."), field="advice")
    return advice.strip()


def who_answers(enrolment: Enrolment, group: int | None, confirmer: str = "group") -> set[int]:
    """Whom to tell that something waits for an answer: who leads the group, else (or where the school confirms) who runs the
    programme in the school; never the person concerned."""
    oneself, school = {current_person(enrolment.person_id)}, school_of_enrolment(enrolment)
    led = people_in_charge(group, "group-leader") if group is not None and confirmer == "group" else set()
    return (led - oneself) or (people_in_charge(school, "cio") - oneself if school is not None else set())


def by_person(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by the person they are about, in the order of persons."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return dict(sorted(found.items()))


def tell_answer(
    by: Actor,
    rows: Sequence[Row],
    *,
    verb: str,
    event: str,
    link: str,
    says: Callable[[list[Row]], Mapping[str, Any]],
    advice: str = "",
) -> None:
    """What an answer to some rows brings with it: a line for each, a message for each teacher (`says` gives its params from
    their rows), and a recount."""
    if not rows:
        return
    lines = record_each(by=by, verb=verb, things=rows, subject_field="person_id", reason=advice)
    told = [
        Told(
            current_person(person), {**says(theirs), **({"advice": advice} if advice else {})},
            f"{verb}:{theirs[0].pk}:{lines[0].pk}",
        )
        for person, theirs in by_person(rows).items()
    ]  # fmt: skip
    notify_each(cause=lines[0], event=event, told=told, link=link)
    touch(enrolments=sorted({row.enrolment_id for row in rows}))
