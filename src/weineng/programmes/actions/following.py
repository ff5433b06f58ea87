"""Follow merges and splits of schools: whoever went along goes on taking part, in the batch of the school they came from."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.organisations.effects import keep_followed, read_reorganisations
from weineng.organisations.models import Posting, Reorganisation
from weineng.organisations.reach import require_platform
from weineng.programmes.actions._guards import stands_below
from weineng.programmes.effects import touch
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme
from weineng.programmes.queries import document_in_force

READER = "programmes"
_FIELDS = ("batch", "since", "until", "people_since")


@transaction.atomic
def follow_reorganisations(*, by: Actor) -> int:
    """Let the school that people went to take part in every programme that runs in which the one they came from does; a school
    merged away takes part no longer, and office staff attached to it are attached to the other. What was so is kept, and put back
    when the merge or split is taken back, unless it was changed since. Returns how many were followed.

    A school that takes part already keeps its own batch; one that could not be enrolled (it stands outside the programme, or is of
    a kind that does not take part) is not. Refuses `platform-only`.
    """
    require_platform(by)
    back = read_reorganisations(reader=READER, back=True)
    for row in back:
        facts = _put_back(row)
        line = record(by=by, verb="programmes.follow_reorganisation", thing=row, unit=row.other_id, facts=facts)
        keep_followed(cause=line, row=row, reader=READER, wrote=None)
    rows = read_reorganisations(reader=READER)
    for row in rows:
        schools, hosts = _take_part(row), _attach(row)
        facts = {"schools": len(schools), "hosts": len(hosts)}
        line = record(by=by, verb="programmes.follow_reorganisation", thing=row, unit=row.other_id, facts=facts)
        keep_followed(cause=line, row=row, reader=READER, wrote={"schools": schools, "hosts": hosts})
    return len(back) + len(rows)


def _take_part(row: Reorganisation) -> list[dict[str, Any]]:
    """What was written, each as `[before, after]` of one school in one programme; before None: it did not take part."""
    running = EnrolledSchool.objects.filter(programme__started_on__isnull=False, programme__closed_on__isnull=True)
    old = running.filter(unit=row.unit, until__isnull=True).select_related("programme")
    wrote = []
    for school in old.select_for_update(of=("self",)).order_by("programme"):
        begun = max(school.since, row.on)
        known = EnrolledSchool.objects.filter(programme=school.programme_id, unit=row.other).first()
        if (known is None or known.until is not None) and _may_take_part(school.programme, row):
            new = known or EnrolledSchool(programme_id=school.programme_id, unit=row.other, since=begun)
            before = _told(new) if known else None
            new.batch, new.until, new.people_since = school.batch, None, _list_since(school, row)
            new.save()
            wrote.append({"row": new.pk, "before": before, "after": _told(new)})
        if row.kind == "merge":
            before = _told(school)
            school.until, school.people_since = begun, None
            school.save()
            wrote.append({"row": school.pk, "before": before, "after": _told(school)})
    return wrote


def _list_since(school: EnrolledSchool, row: Reorganisation) -> date | None:
    """From when the other school's list follows the roster: not yet where people were there already, of whom the office decides."""
    there = Posting.objects.filter(home=True, school=row.other, during__contains=row.on)
    if school.people_since is None or there.exclude(person__in=[int(person) for person in row.wrote["posts"]]).exists():
        return None
    return max(school.people_since, row.on)


def _may_take_part(programme: Programme, row: Reorganisation) -> bool:
    inside = programme.owner_id is not None and stands_below(row.other_id, programme.owner_id)
    return inside and row.other.kind in document_in_force(programme.pk).scope.kinds


def _attach(row: Reorganisation) -> list[int]:
    """The enrolments of office staff whose host school was merged away."""
    if row.kind != "merge":
        return []
    hosted = list(Enrolment.objects.filter(host=row.unit).order_by("pk").values_list("pk", flat=True))
    return _host(hosted, row.unit_id, row.other_id)


def _host(enrolments: Iterable[int], old: int, new: int) -> list[int]:
    rows = Enrolment.objects.filter(pk__in=enrolments, host=old)
    moved = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.update(host=new)
    touch(enrolments=moved, lane=1)
    return moved


def _put_back(row: Reorganisation) -> dict[str, int]:
    wrote, put = row.followed[READER], 0
    for one in wrote["schools"]:
        school = EnrolledSchool.objects.filter(pk=one["row"]).select_for_update(of=("self",)).first()
        if school is None or _told(school) != one["after"]:
            continue
        put += 1
        if one["before"] is None:
            school.delete()
            continue
        for name, value in one["before"].items():
            setattr(school, name, value if name == "batch" or value is None else date.fromisoformat(value))
        school.save()
    hosted = wrote["hosts"]
    if row.kind == "split":  # whoever was attached to it since: it was never there
        hosted = list(Enrolment.objects.filter(host=row.other).order_by("pk").values_list("pk", flat=True))
    return {"schools": put, "hosts": len(_host(hosted, row.other_id, row.unit_id))}


def _told(school: EnrolledSchool) -> dict[str, str | None]:
    values = {name: getattr(school, name) for name in _FIELDS}
    return {name: None if value is None else str(value) for name, value in values.items()}
