"""The tasks of a document's handbook: done by the teacher, confirmed by whom the document names."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.notices.effects import notify
from weineng.organisations.effects import refuse_erased
from weineng.organisations.reach import units_within
from weineng.planning.actions._own import asked_of, need_advice, own_enrolment, tell_answer, who_answers
from weineng.planning.models import HandbookEntry
from weineng.planning.permissions import AGREE
from weineng.planning.queries import group_of, same_enrolments, school_of_enrolment
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document, HandbookTask


@transaction.atomic
def do_task(*, by: Actor, enrolment: int, task: str, note: str = "") -> HandbookEntry:
    """Say that a task of the handbook is done, with a word on it; one that was sent back waits again. Whoever confirms is told.

    Refuses `enrolment-left`, `cycle-over`, `task-unknown`, `already-confirmed`, `text-too-long`, `person-erased`; `not-found` for another's
    enrolment.
    """
    row, document = own_enrolment(by, enrolment)
    found = _task(document, task)
    refuse_erased([row.person_id])
    refuse_long(HandbookEntry, note=note)
    entry = HandbookEntry.objects.filter(enrolment__in=same_enrolments(row), task=task).order_by("pk").first()
    if entry is not None and entry.confirmed_at is not None:
        raise Refused("already-confirmed", _("This task was confirmed already."))
    entry = entry or HandbookEntry(enrolment=row, task=task)
    entry.note, entry.done_at, entry.returned_at, entry.advice = note.strip(), now(), None, ""
    entry.save()
    line = record(by=by, verb="planning.do_task", thing=entry, subject=row.person_id, facts={"task": task})
    people = who_answers(row, group_of(row), found.confirmed_by)
    notify(cause=line, event="task-done", people=people, link="/declarations/")
    touch(enrolments=[row.pk])
    return entry


@transaction.atomic
def undo_task(*, by: Actor, enrolment: int, task: str) -> None:
    """Take back that a task is done, while nobody has confirmed it.

    Refuses `enrolment-left`, `cycle-over`, `task-not-done`, `already-confirmed`; `not-found` for another's enrolment.
    """
    row, _document = own_enrolment(by, enrolment)
    entries = HandbookEntry.objects.filter(enrolment__in=same_enrolments(row), task=task)
    if entries.filter(confirmed_at__isnull=False).exists():
        raise Refused("already-confirmed", _("This task was confirmed already."))
    if not entries.exists():
        raise Refused("task-not-done", _("You have not said that this task is done."))
    record(by=by, verb="planning.undo_task", thing=row, subject=row.person_id, facts={"task": task})
    entries.delete()
    touch(enrolments=[row.pk])


@transaction.atomic
def confirm_tasks(*, by: Actor, entries: Collection[int]) -> int:
    """Confirm tasks that teachers have done, of any of them, in one go; they are told. What was sent back can be confirmed after
    all. Returns how many were confirmed now.

    Refuses `nothing-ticked`, `self-approval`, `school-confirms` where the document leaves it to the school, `person-erased`; `not-found`.
    """
    rows = _answerable(by, asked_of(by, HandbookEntry.objects.within(by, AGREE, changing=True), entries))
    fresh = [row for row in rows if row.confirmed_at is None]
    for row in fresh:
        row.confirmed_at, row.returned_at, row.advice = now(), None, ""
    HandbookEntry.objects.bulk_update(fresh, ["confirmed_at", "returned_at", "advice"])
    _answer(by, fresh, "planning.confirm_task", "tasks-confirmed")
    return len(fresh)


@transaction.atomic
def return_tasks(*, by: Actor, entries: Collection[int], advice: str) -> int:
    """Send tasks back with advice, also such as were confirmed: the teacher does them again. Returns how many.

    Refuses `nothing-ticked`, `comment-missing`, `self-approval`, `school-confirms`, `person-erased`; `not-found`.
    """
    said = need_advice(advice)
    rows = _answerable(by, asked_of(by, HandbookEntry.objects.within(by, AGREE, changing=True), entries))
    for row in rows:
        row.confirmed_at, row.returned_at, row.advice = None, now(), said
    HandbookEntry.objects.bulk_update(rows, ["confirmed_at", "returned_at", "advice"])
    _answer(by, rows, "planning.return_task", "tasks-returned", advice=said)
    return len(rows)


def _task(document: Document, code: str) -> HandbookTask:
    found = next((task for task in document.handbook if task.code == code), None)
    if found is None:
        raise Refused("task-unknown", _("The handbook of this programme has no such task."))
    return found


def _answerable(by: Actor, rows: list[HandbookEntry]) -> list[HandbookEntry]:
    """Refuses `school-confirms` where one who leads a group only answers what the document leaves to the school."""
    held = set(units_within(by, AGREE).order_by("pk").values_list("pk", flat=True))
    for row in rows:
        tasks = {task.code: task for task in document_of(row.enrolment.version_id).handbook}
        by_school = row.task in tasks and tasks[row.task].confirmed_by == "school"
        if by_school and school_of_enrolment(row.enrolment) not in held:
            raise Refused("school-confirms", _("In this programme the school confirms this task."))
    return rows


def _titles(rows: list[HandbookEntry]) -> dict[str, str]:
    """The tasks of one teacher, in three languages."""
    document = document_of(Enrolment.objects.values_list("version", flat=True).get(pk=rows[0].enrolment_id))
    titles = [task.title for task in document.handbook if task.code in {row.task for row in rows}]
    return {language: "; ".join(title[language] for title in titles) for language in (titles[0] if titles else ())}


def _answer(by: Actor, rows: list[HandbookEntry], verb: str, event: str, advice: str = "") -> None:
    def says(theirs: list[HandbookEntry]) -> dict[str, dict[str, str]]:
        return {"tasks": _titles(theirs)}

    tell_answer(by, rows, verb=verb, event=event, link="/handbook/", says=says, advice=advice)
