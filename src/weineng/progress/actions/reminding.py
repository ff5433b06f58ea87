"""Remind whoever has not done a task of the list a week before its day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.words import Words, spoken
from weineng.notices.effects import notify
from weineng.notices.queries import told_already
from weineng.organisations.models import Posting
from weineng.organisations.reach import same_people
from weineng.planning.models import Choice
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.progress.actions._measuring import platform_only
from weineng.progress.models import Standing

AHEAD = timedelta(days=7)


@transaction.atomic
def remind_of_tasks(*, by: Actor) -> int:
    """Tell everybody whose task is due within a week and not done; once for each task and day. Returns how many were told.

    The day is that of the person's batch and version; a task is done as the teacher's list says: points are chosen, the
    demand is met (or exempt). Refuses `platform-only`.
    """
    platform_only(by)
    told = 0
    for programme in Programme.objects.filter(started_on__isnull=False, closed_on__isnull=True).order_by("pk"):
        for version in programme.versions.order_by("number").values_list("pk", flat=True):
            document = document_of(version)
            on = today(ZoneInfo(document.time_zone))
            for batch in ("", *(phase.code for phase in document.phases)):
                for code in document.tasks:
                    due = document.due(code, batch)
                    if due is not None and on <= due <= on + AHEAD:
                        told += _remind(by, programme, version, document, batch, code, due)
    return told


def _remind(by: Actor, programme: Programme, version: int, document: Document, batch: str, code: str, due: date) -> int:
    about = f"task:{programme.pk}:{code}:{due.isoformat()}"
    late = _undone(programme, code).filter(_of_batch(programme, batch), version=version)
    current = late.values_list(Coalesce("person__merged_into", "person"), flat=True)
    people = set(current) - set(told_already("task-due", about))
    if not people:
        return 0
    facts = {"task": code, "due": due.isoformat(), "people": len(people)}
    line = record(by=by, verb="progress.remind", thing=programme, unit=programme.owner_id, facts=facts)
    params = {"task": dict(_title(document, code)), "due": due.isoformat()}
    return notify(cause=line, event="task-due", people=people, params=params, link="/my/", about=about)


def _title(document: Document, code: str) -> Words:
    titles = {demand.code: demand.title for demand in document.demands}
    return titles.get(code) or spoken(_("Choose your points"))


def _undone(programme: Programme, code: str) -> QuerySet[Enrolment]:
    """Who still has a task before them: neither left nor exempt, nor finished."""
    of = OuterRef("pk")
    open_ = Standing.objects.filter(enrolment=of, demand="overall", verdict__in=("not-begun", "in-progress"))
    rows = Enrolment.objects.filter(Exists(open_), programme=programme)
    if code == "choose":
        return rows.filter(~Exists(Choice.objects.filter(enrolment=of, superseded_at__isnull=True)))
    return rows.filter(Exists(Standing.objects.filter(enrolment=of, demand=code, verdict="open")))


def _of_batch(programme: Programme, batch: str) -> Q:
    """The people of the schools of a batch; '' means everybody outside every batch."""
    schools = EnrolledSchool.objects.filter(programme=programme)
    wanted = schools.filter(batch=batch) if batch else schools
    posts = Posting.objects.filter(home=True, during__contains=today(), school__in=wanted.values("unit"))
    inside = Q(person__in=same_people(posts.values("person")))
    return inside if batch else ~inside
