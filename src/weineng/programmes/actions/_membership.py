"""Who is in and who has left: what enrolling by hand and the settle loop share."""

from collections.abc import Sequence

from django.db.models import DateField, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import write_rows
from weineng.notices.effects import notify
from weineng.organisations.models import Posting
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment, Programme
from weineng.programmes.queries import latest_version, not_enrolled

COLUMNS = ("programme_id", "version_id", "person_id", "left_reason", "since")


def enrol_all(by: Actor, programme: Programme, posts: "QuerySet[Posting]", since: Combinable) -> list[Enrolment]:
    """Enrol the people of these posts who are not: one INSERT … SELECT. `since` is an expression over the posting.

    The programme is locked by the caller, so what is new is what came after the last.
    """
    version = latest_version(programme.pk)
    everybody = Enrolment.objects.filter(programme=programme)
    last = everybody.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = not_enrolled(programme, posts).values_list(
        Value(programme.pk), Value(version.pk), "person", Value(""), since
    )
    write_rows(Enrolment, rows, columns=COLUMNS, unique=("programme_id", "person_id"), keep=COLUMNS)
    new = list(everybody.filter(pk__gt=last).order_by("pk"))
    if new:
        lines = record_each(by=by, verb="programmes.enrol", things=new, subject_field="person_id")
        touch(enrolments=[row.pk for row in new], lane=1)
        people = [row.person_id for row in new]
        params = {"programme": dict(programme.title)}
        notify(
            cause=lines[0],
            event="enrolled",
            people=people,
            params=params,
            link="/my/",
            about=f"enrolled:{programme.pk}",
        )
    return new


def not_before(day: Combinable) -> Combinable:
    """The posting's first day, but not before `day`: since when somebody who came later is enrolled."""
    return Greatest(Coalesce(F("during__startswith"), day), day, output_field=DateField())


def let_all_leave(by: Actor, rows: Sequence[Enrolment], reason: str = "") -> None:
    """Write what the caller set in `left_on` and `left_reason`, with a line and a touch for each."""
    Enrolment.objects.bulk_update(rows, ["left_on", "left_reason"])
    record_each(by=by, verb="programmes.let_leave", things=rows, subject_field="person_id", reason=reason)
    touch(enrolments=[row.pk for row in rows], lane=1)


def bring_all_back(by: Actor, rows: Sequence[Enrolment], reason: str = "") -> None:
    """Take leaving back, with a line and a touch for each."""
    for row in rows:
        row.left_on, row.left_reason = None, ""
    Enrolment.objects.bulk_update(rows, ["left_on", "left_reason"])
    record_each(by=by, verb="programmes.undo_leave", things=rows, subject_field="person_id", reason=reason)
    touch(enrolments=[row.pk for row in rows], lane=1)
