"""What assessment writes down to evidence: first opened, returned with advice, decided, overturned."""

from weineng.audit.models import Line
from weineng.evidence.models import Event, Item, Submission
from weineng.evidence.queries import HOLDER, asked_for
from weineng.evidence.refusals import refused
from weineng.evidence.rules import LEVEL_NAMES
from weineng.files.effects import carry
from weineng.kernel.ids import seal_id
from weineng.kernel.words import spoken
from weineng.notices.effects import notify
from weineng.organisations.queries import current_person
from weineng.programmes.effects import touch


def lock_submission(*, cause: Line, submission: int) -> bool:
    """A reviewer has opened it: from now on it cannot be withdrawn. Returns whether this was the first time.

    Refuses `not-handed-in` where it was withdrawn in the same moment.
    """
    if Submission.objects.filter(pk=submission, state="submitted").update(state="opened", opened_at=cause.at):
        _note(submission, "opened", cause)
        return True
    if not Submission.objects.filter(pk=submission, state__in=("opened", "decided")).exists():
        raise refused("not-handed-in")
    return False


def return_submission(*, cause: Line, submission: int, advice: str) -> Submission:
    """Open the same attempt again as its next version, the returned one beside it with the advice; the teacher is told.

    How often that may happen is the caller's rule (semantics 23). Refuses `not-handed-in`.
    """
    row = Submission.objects.select_for_update(of=("self",)).get(pk=submission)
    changed = Submission.objects.filter(pk=submission, state__in=("submitted", "opened")).update(
        state="returned", version=row.version + 1, advice=advice, edited_at=cause.at
    )
    if not changed:
        raise refused("not-handed-in")
    _note(submission, "returned", cause, advice)
    copy_items(cause=cause, source=row, target=row, version=row.version + 1)
    row.refresh_from_db()
    touch(enrolments=[row.enrolment])
    notify(
        cause=cause,
        event="evidence-returned",
        people=[current_person(row.person_id)],
        params=_named(row),
        link=_address(row),
    )
    return row


def decide_submission(*, cause: Line, submission: int, level: str) -> Submission:
    """The attempt is over: `level` is fail, pass or excellent; the teacher is told. Refuses `not-handed-in`."""
    changed = Submission.objects.filter(pk=submission, state__in=("submitted", "opened")).update(
        state="decided", level=level, decided_at=cause.at
    )
    if not changed:
        raise refused("not-handed-in")
    _note(submission, "decided", cause, level)
    row = Submission.objects.get(pk=submission)
    touch(enrolments=[row.enrolment])
    params = _named(row) | {"level": spoken(LEVEL_NAMES[level])}
    notify(
        cause=cause, event="evidence-decided", people=[current_person(row.person_id)], params=params, link=_address(row)
    )
    return row


def overturn_submission(*, cause: Line, submission: int, level: str) -> Submission:
    """A decided attempt gets another level (overturned, or restored); refuses `not-decided`. The caller tells whom."""
    if not Submission.objects.filter(pk=submission, state="decided").update(level=level):
        raise refused("not-decided")
    _note(submission, "overturned", cause, level)
    row = Submission.objects.get(pk=submission)
    touch(enrolments=[row.enrolment])
    return row


def copy_items(*, cause: Line, source: Submission, target: Submission, version: int) -> None:
    """Begin a version of `target` with the pieces and files of the present version of `source`."""
    old = list(source.items.filter(version=source.version).order_by("seq"))
    new = [Item(submission=target, seq=i.seq, version=version, rated=i.rated, text=i.text) for i in old]
    Item.objects.bulk_create(new)
    carry(cause=cause, holder=HOLDER, pairs={a.pk: b.pk for a, b in zip(old, new, strict=True)})


def _note(submission: int, kind: str, cause: Line, text: str = "") -> None:
    version = Submission.objects.values_list("version", flat=True).get(pk=submission)
    if kind == "returned":
        version -= 1  # the event belongs to the version that was returned
    Event.objects.create(submission_id=submission, kind=kind, version=version, at=cause.at, text=text)


def _named(row: Submission) -> dict[str, object]:
    """`item` in three languages: the point with its title, or the recording's."""
    asked = asked_for(row).first()
    if row.point and asked is not None and asked.point is not None:
        return {"item": {language: f"{row.point} {title}" for language, title in asked.point.title.items()}}
    return {"item": asked.title if asked is not None else row.point}


def _address(row: Submission) -> str:
    return f"/evidence/{seal_id('evidence.submission', row.pk)}/"
