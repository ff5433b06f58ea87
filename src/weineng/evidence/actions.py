"""Draft, fill, hand in and take back evidence, and begin the next attempt."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from weineng.audit.effects import record, record_each
from weineng.audit.models import Line
from weineng.evidence.effects import copy_items
from weineng.evidence.models import EDITABLE, Event, Item, Submission
from weineng.evidence.permissions import SUBMIT
from weineng.evidence.queries import HOLDER, Checklist, asked_for, checklist, chosen_points, undeclared
from weineng.evidence.refusals import refused, refused_for
from weineng.evidence.rules import CONSENTS, MOST_FILES, MOST_TEXT, Span, problem_of_span
from weineng.files import effects as files
from weineng.files.models import Upload, Use
from weineng.files.permissions import UPLOAD
from weineng.files.queries import arrived
from weineng.files.rules import Problem, new_receipt
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date, now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import empty_fields, get_or_refuse, update_rows
from weineng.organisations.effects import read_changes, read_erasures
from weineng.organisations.queries import (
    Concerned,
    current_person,
    home_leaves,
    leaf_at,
    placed_by,
    records_of,
    rows_about,
)
from weineng.organisations.reach import require_platform, same_people
from weineng.programmes.effects import touch
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of, refuse_before_gates

CHANGES_AT_ONCE = 5_000  # followed in one transaction
TAKEN_WITHIN = timedelta(days=2)  # after that a file that arrived alone waits to be attached by hand


# --- Begin -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_submission(*, by: Actor, enrolment: int, item: str, point: str = "") -> Submission:
    """Begin to hand in for a chosen `point` (item `point`) or the recording; the one that is open already is given back.

    Refuses `not-found`, `programme-not-begun`, `after-cut-off` (`after-late-until` for one that was sent back),
    `point-not-chosen`, `nothing-chosen`, `not-declared`, `already-decided` (begin the next attempt), `already-sealed` while one is being
    judged.
    """
    enrolled = _own_enrolment(by, enrolment)
    same = Submission.objects.filter(enrolment=enrolment, item=item, point=point).order_by("attempt")
    last = same.last()
    _refuse_outside_cycle(enrolled, last)
    _refuse_unchosen(enrolled, item, point)
    if last is not None and last.state in EDITABLE:
        return last
    if last is not None:
        raise refused("already-decided" if last.state == "decided" else "already-sealed")
    return _begin(by, enrolled, item, point, attempt=1, source=None)


@transaction.atomic
def start_next_attempt(*, by: Actor, submission: int) -> Submission:
    """Try again after a decided attempt, with its files to begin with; the better of the two will count (semantics 21).

    Refuses `not-found`, `not-decided`, `attempt-open`, `nothing-to-better`, and as `draft_submission`.
    """
    row = _own(by, submission)
    if row.state != "decided":
        raise refused("not-decided")
    if Submission.objects.filter(
        enrolment=row.enrolment, item=row.item, point=row.point, attempt__gt=row.attempt
    ).exists():
        raise refused("attempt-open")
    if row.level == "excellent":
        raise refused("nothing-to-better")
    enrolled = _own_enrolment(by, row.enrolment)
    _refuse_outside_cycle(enrolled, None)
    _refuse_unchosen(enrolled, row.item, row.point)
    return _begin(by, enrolled, row.item, row.point, attempt=row.attempt + 1, source=row)


# --- Fill ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def attach_file(*, by: Actor, item: int, upload: int) -> Use:
    """Put a file of one's own that has arrived into a piece of evidence; twice is once.

    Refuses `not-found`, `already-sealed`, `too-many-files`, `upload-unfinished`, `file-gone`.
    """
    row = _own_item(by, item)
    file = get_or_refuse(Upload.objects.within(by, UPLOAD).filter(ended_at__isnull=True), pk=upload)
    there = Use.objects.of(HOLDER, [item])
    if there.count() >= MOST_FILES and not there.filter(upload=file).exists():
        raise refused("too-many-files", most=MOST_FILES)
    line = _edited(by, row.submission, "evidence.attach", {"item": item, "upload": upload})
    last = there.last()
    return files.attach(cause=line, upload=file, holder=HOLDER, holder_id=item, place=last.place + 1 if last else 0)


@transaction.atomic
def detach_file(*, by: Actor, use: int) -> None:
    """Take a file out of a piece of evidence. Refuses `not-found`, `already-sealed`."""
    row = get_or_refuse(Use.objects.live().filter(holder=HOLDER), pk=use)
    item = _own_item(by, row.holder_id)
    line = _edited(by, item.submission, "evidence.detach", {"item": item.pk, "use": use})
    files.drop(cause=line, uses=[use])


@transaction.atomic
def describe_submission(
    *,
    by: Actor,
    submission: int,
    note: str | None = None,
    consent: str | None = None,
    declared: Sequence[str] | None = None,
    spans: Sequence[Span] | None = None,
) -> Submission:
    """Say what belongs to no single file; None leaves as it is. `consent`: none-visible or consent-held; `declared`:
    codes of chosen points the recording shows, `spans`: when.

    Refuses `not-found`, `already-sealed`, `consent-unknown`, `declared-not-chosen`, `span-wrong`, `text-too-long`.
    """
    row = _own_editable(by, submission)
    if note is not None:
        row.note = _short(note, "note")
    if consent is not None:
        if consent not in ("", *CONSENTS):
            raise refused("consent-unknown", field="consent")
        row.consent = consent
    if declared is not None:
        unknown = [point for point in declared if point not in chosen_points(row.enrolment)]
        if unknown:
            raise refused("declared-not-chosen", field="declared", point=unknown[0])
        row.declared = list(dict.fromkeys(declared))
    if spans is not None:
        for span in spans:
            if problem_of_span(span, None) or span.point not in row.declared:
                raise refused("span-wrong", field="spans", point=span.point)
        row.spans = [asdict(span) for span in spans]
    row.spans = [span for span in row.spans if span["point"] in row.declared]
    _edited(by, row, "evidence.describe", {"consent": row.consent, "declared": row.declared})
    row.save()
    return row


@transaction.atomic
def describe_item(*, by: Actor, item: int, text: str) -> Item:
    """Write beside the files of one piece of evidence, e.g. the link to a tool.

    Refuses `not-found`, `already-sealed`, `text-too-long`.
    """
    row = _own_item(by, item)
    row.text = _short(text, "text")
    row.save(update_fields=["text"])
    _edited(by, row.submission, "evidence.describe", {"item": item})
    return row


# --- Hand in and take back ---------------------------------------------------------------------------------------------
@transaction.atomic
def seal_submission(*, by: Actor, submission: int) -> Submission:
    """Hand in: from now on it has a receipt, stays as it is, and waits for its reviewers.

    What was sent back is taken after the cut-off too, up to the day until which late facts are (semantics 3, 23, 24).
    Refuses `not-found`, `already-sealed`, `after-cut-off`, `after-late-until` for what was sent back, `gate-closed`,
    `point-not-chosen`, `not-declared`, `upload-unfinished`, `item-missing`,
    `item-too-few`, `files-too-long`, `recording-too-short`, `consent-missing`, `declared-too-few`, `declared-not-chosen`, `span-missing`,
    `span-wrong`, and what is wrong with a file (`file-wrong-kind`, `file-too-big`, `file-too-long`, `unreadable-video`,
    `password-protected` … of files): the refusal names the piece of evidence and the file.
    """
    row = _own_editable(by, submission)
    enrolled = _own_enrolment(by, row.enrolment)
    _refuse_outside_cycle(enrolled, row)
    refuse_before_gates(enrolled)
    _refuse_unchosen(enrolled, row.item, row.point)
    listed = checklist(row)
    _refuse_unfinished(listed)
    at = now()
    leaf = home_leaves([current_person(row.person_id)], civil_date(at)).values_list("leaf", flat=True).first()
    row.state, row.submitted_at, row.receipt = "submitted", at, new_receipt("E", at)
    row.unit_id, row.handed_in_on, row.edited_at = leaf, civil_date(at), at
    row.save()
    digests = [have.use.blob.digest for check in listed.checks for have in check.files]
    facts = {"receipt": row.receipt, "version": row.version, "attempt": row.attempt, "digests": digests}
    record(by=by, verb="evidence.seal", thing=row, subject=row.person_id, unit=leaf, facts=facts)
    Event.objects.create(submission=row, kind="submitted", version=row.version, at=at, text=row.receipt)
    touch(enrolments=[row.enrolment])
    return row


@transaction.atomic
def withdraw_submission(*, by: Actor, submission: int) -> Submission:
    """Take back what nobody has opened yet; it is again what it was before, a draft or sent back, and its receipt is spent.

    The next handing in is the next version, so that nobody judges what was taken back. Refuses `not-found`,
    `not-handed-in`, `already-opened`, `not-taken-again` once it is too late to hand it in again.
    """
    row = _own(by, submission)
    version, receipt = row.version, row.receipt
    sent_back = row.events.filter(kind="returned").exists()
    enrolled = Enrolment.objects.select_related("programme").get(pk=row.enrolment)
    if row.state == "submitted" and _outside_cycle(enrolled, sent_back=sent_back) is not None:
        raise refused("not-taken-again")
    back = Submission.objects.filter(pk=row.pk, state="submitted").update(
        state="returned" if sent_back else "draft",
        version=version + 1,
        receipt=None,
        submitted_at=None,
        edited_at=now(),
    )
    if not back:
        raise refused("already-opened" if row.state in ("opened", "decided") else "not-handed-in")
    row.items.filter(version=version).update(version=version + 1)
    row.refresh_from_db()
    record(by=by, verb="evidence.withdraw", thing=row, subject=row.person_id, facts={"receipt": receipt})
    Event.objects.create(submission=row, kind="withdrawn", version=version, at=row.edited_at)
    touch(enrolments=[row.enrolment])
    return row


@transaction.atomic
def take_files(*, by: Actor) -> int:
    """Put files into their pieces of evidence that arrived when nobody was there any more to do it. Returns how many."""
    taken = 0
    for upload in arrived(f"{HOLDER}:", since=now() - TAKEN_WITHIN)[:200]:
        item = Item.objects.filter(pk=int(upload.purpose.rpartition(":")[2])).select_related("submission").first()
        if item is None or current_person(item.submission.person_id) != current_person(upload.person):
            continue
        try:
            with transaction.atomic():
                attach_file(by=by, item=item.pk, upload=upload.pk)
        except Refused:
            continue  # handed in meanwhile, or full: the file is let go of after thirty days
        taken += 1
    if taken:
        record(by=by, verb="evidence.take", facts={"files": taken})
    return taken


@transaction.atomic
def place_submissions(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Derive anew the unit of the evidence that a change of posts or units concerns; returns how many changes were followed.

    What was handed in lies where its author was counted on that day, as it is known now. `concerning`: only changes about these.
    Refuses `platform-only`.
    """
    if not by.system:
        raise refused("platform-only")
    changes = read_changes(reader="evidence", most=CHANGES_AT_ONCE, concerning=concerning)
    if not changes:
        return 0
    rows = Submission.objects.filter(placed_by(changes, "person", "handed_in_on"), handed_in_on__isnull=False)
    leaves = rows.order_by().values_list("pk", leaf_at("person", "handed_in_on"))
    if moved := update_rows(Submission, leaves, column="unit_id"):
        record(by=by, verb="evidence.place", facts={"changes": len(changes), "submissions": moved})
    return len(changes)


# --- What holds for all --------------------------------------------------------------------------------------------------
def _own_enrolment(by: Actor, enrolment: int) -> Enrolment:
    """One's own enrolment that has not been left."""
    if not by.system and SUBMIT.code not in by.own:
        raise NotFound("programmes.enrolment")
    rows = Enrolment.objects.select_related("programme")
    if not by.system:
        rows = rows.filter(person__in=same_people([by.person] if by.person else []))
    row = get_or_refuse(rows, pk=enrolment)
    if row.left_on is not None and row.left_on <= civil_date(now()):
        raise NotFound("programmes.enrolment")
    return row


def _outside_cycle(enrolled: Enrolment, *, sent_back: bool) -> Refused | None:
    """Evidence is taken from the first day of the cycle to the whole of its last; an attempt that was handed in by then
    and sent back to the whole of the last day for late facts, closed or not (semantics 2, 3, 23, 24)."""
    document = document_of(enrolled.version_id)
    cycle, on = document.cycle, civil_date(now(), ZoneInfo(document.time_zone))
    if on < cycle.start:
        return refused("programme-not-begun", start=cycle.start)
    if sent_back:
        return refused("after-late-until", late_until=cycle.late_until) if on > cycle.late_until else None
    closed = enrolled.programme.closed_on
    if on > cycle.cut_off or (closed is not None and on >= closed):
        return refused("after-cut-off", cut_off=cycle.cut_off)
    return None


def _refuse_outside_cycle(enrolled: Enrolment, open_one: Submission | None) -> None:
    sent_back = open_one is not None and open_one.state == "returned"
    if (refusal := _outside_cycle(enrolled, sent_back=sent_back)) is not None:
        raise refusal


def _refuse_unchosen(enrolled: Enrolment, item: str, point: str) -> None:
    """Refuses `nothing-chosen`, `point-not-chosen`, `not-declared`."""
    chosen = chosen_points(enrolled.pk)
    if item == "recording" and not point:
        if not chosen:
            raise refused("nothing-chosen")
    elif item != "point" or point not in chosen:
        raise refused("point-not-chosen", point=point)
    elif undeclared(enrolled, point):
        raise refused("not-declared", point=point)


def _begin(
    by: Actor, enrolled: Enrolment, item: str, point: str, *, attempt: int, source: Submission | None
) -> Submission:
    at, standard = now(), document_of(enrolled.version_id).edition
    key = {"enrolment": enrolled.pk, "item": item, "point": point, "attempt": attempt}
    try:
        with transaction.atomic():
            row = Submission.objects.create(
                **key, person_id=enrolled.person_id, programme=enrolled.programme.code, edition=standard,
                note=source.note if source else "", consent=source.consent if source else "",
                declared=source.declared if source else [], spans=source.spans if source else [],
                created_at=at, edited_at=at,
            )  # fmt: skip
    except IntegrityError:  # a double click: the other one has just made it
        return Submission.objects.get(**key)
    line = record(
        by=by,
        verb="evidence.draft",
        thing=row,
        subject=row.person_id,
        facts={"item": item, "point": point, "attempt": attempt},
    )
    if source is not None:
        copy_items(cause=line, source=source, target=row, version=1)
    else:
        Item.objects.bulk_create(Item(submission=row, seq=e.seq, rated=e.rated) for e in asked_for(row))
    Event.objects.create(submission=row, kind="drafted", version=1, at=at)
    return row


def _own(by: Actor, submission: int) -> Submission:
    return get_or_refuse(Submission.objects.within(by, SUBMIT).select_for_update(of=("self",)), pk=submission)


def _own_editable(by: Actor, submission: int) -> Submission:
    row = _own(by, submission)
    if row.state not in EDITABLE:
        raise refused("already-sealed")
    return row


def _own_item(by: Actor, item: int) -> Item:
    """A piece of one's own evidence in its present version, its submission locked."""
    mine = Item.objects.filter(submission__in=Submission.objects.within(by, SUBMIT))
    row = get_or_refuse(mine, pk=item)
    row.submission = _own_editable(by, row.submission_id)
    if row.version != row.submission.version:
        raise refused("already-sealed")
    return row


def _edited(by: Actor, row: Submission, verb: str, facts: dict[str, object]) -> Line:
    row.edited_at = now()
    row.save(update_fields=["edited_at"])
    return record(by=by, verb=verb, thing=row, subject=row.person_id, facts=facts)


def _short(text: str, field: str) -> str:
    if len(text) > MOST_TEXT:
        raise refused("text-too-long", field=field, most=MOST_TEXT)
    return text.strip()


def _refuse_unfinished(listed: Checklist) -> None:
    """The first open point, in the order of the page."""
    for check in listed.checks:
        for upload in check.under_way:
            raise refused_for(Problem("upload-unfinished", {"name": upload.file_name}), check.title)
        if check.missing:
            raise refused_for(check.missing, check.title)
        for have in check.files:
            if have.problem:
                raise refused_for(have.problem, check.title, have.use.file_name)
    for problem in listed.open:
        raise refused_for(problem, "")


# --- What is erased with a person -----------------------------------------------------------------------------------
@transaction.atomic
def erase_from_evidence(*, by: Actor) -> int:
    """Erase the texts of people whose erasure was confirmed, and what they were told about their evidence; `files` erases
    the files. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="evidence")
    people = records_of(erasures)
    for model in (Submission, Item, Event):
        empty_fields(rows_about(model, people))
    record_each(by=by, verb="evidence.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
