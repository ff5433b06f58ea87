"""Plan a session, sign in, write down what was done, close it."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from weineng.activities.models import FORMS, KINDS, LONGEST, LONGEST_SPAN, MOVES, Product, Session, SignIn, WrongWords
from weineng.activities.permissions import HOLD, SIGN_IN, VOID
from weineng.activities.queries import PRODUCT, members_of_session, missing_in, present, products_held
from weineng.audit.effects import record, record_each
from weineng.files import effects as files
from weineng.files.models import Upload, Use
from weineng.files.permissions import UPLOAD
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.ids import seal_id
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import empty_fields, get_or_refuse
from weineng.notices.effects import notify
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform, require_unit

MOST_WRONG = 5  # words typed by one person; after that the host enters them


@dataclass(frozen=True)
class SessionPlan:
    """What a session is to be. `duration`: whole minutes that a member earns, at most the time between start and end, and
    at most ten hours; from start to end at most a day."""

    kind: str
    form: str
    title: str
    starts_at: datetime
    ends_at: datetime
    duration: int
    points: tuple[str, ...] = ()
    place_name: str = ""


@transaction.atomic
def plan_session(*, by: Actor, unit: int, programme: str, plan: SessionPlan, host: int | None = None) -> Session:
    """Announce a session of a group or school; its members are told.

    Refuses `title-missing`, `text-too-long`, `kind-unknown`, `form-unknown`, `ends-before-start`, `session-too-long`,
    `duration-too-long`;
    `not-found` where the unit or host is not within reach.
    """
    require_unit(by, HOLD, unit)
    _check(plan)
    leader = host if host is not None else by.person
    if leader is None:
        raise NotFound("organisations.person")
    session = Session.objects.create(
        unit_id=unit,
        programme=programme,
        host_id=leader,
        changed_at=now(),
        **(asdict(plan) | {"points": list(plan.points)}),
    )
    line = record(by=by, verb="activities.plan", thing=session, unit=unit, facts={"title": plan.title})
    people = members_of_session(session).values_list("pk", flat=True)
    on = session.starts_at.isoformat()
    link = f"/sessions/{seal_id('activities.session', session.pk)}/"
    notify(cause=line, event="session-planned", people=people, params={"title": plan.title, "on": on}, link=link)
    return session


@transaction.atomic
def change_session(*, by: Actor, session: int, plan: SessionPlan, revision: int) -> Session:
    """Change what is planned, before it is closed; `revision` is the `plan_revision` the page was made from.

    Refuses as `plan_session`, `session-closed`, and `stale-revision` when somebody else changed it meanwhile.
    """
    row = _held(by, session)
    if row.state not in ("planned", "open"):
        raise Refused("session-closed", _("This session is closed; reopen it first."))
    _check(plan)
    _refuse_stale(row.plan_revision, revision)
    before = {"title": row.title, "starts_at": row.starts_at.isoformat(), "duration": row.duration}
    for name, value in (asdict(plan) | {"points": list(plan.points)}).items():
        setattr(row, name, value)
    row.changed_at, row.plan_revision = now(), revision + 1
    row.save()
    record(by=by, verb="activities.change", thing=row, unit=row.unit_id, facts={"before": before})
    return row


@transaction.atomic
def open_session(*, by: Actor, session: int) -> Session:
    """Open it for signing in: a word of six digits appears on the wall. Refuses `session-state` unless it is planned."""
    row = _held(by, session)
    _move(row, "open", code=f"{secrets.randbelow(1_000_000):06}")
    WrongWords.objects.filter(session=row).delete()
    record(by=by, verb="activities.open", thing=row, unit=row.unit_id)
    return row


@transaction.atomic
def sign_in(*, by: Actor, session: int, code: str) -> SignIn:
    """Sign in for oneself with the word on the wall; a second time changes nothing.

    Refuses `session-not-open`, `wrong-code` (the door notes it, `note_wrong_word`), `too-many-words` after the fifth wrong
    one, `not-a-member`; `not-found` for sessions of others.
    """
    row = get_or_refuse(Session.objects.within(by, SIGN_IN), pk=session)
    person = by.on_behalf_of or by.person
    if row.state != "open":
        raise Refused("session-not-open", _("Signing in is possible while the session is open."))
    if WrongWords.objects.filter(session=row, person=person, count__gte=MOST_WRONG).exists():
        raise Refused("too-many-words", _("That was wrong too often. Ask the host to enter you by hand."), field="code")
    if not secrets.compare_digest(row.code.encode(), code.strip().encode()):
        raise Refused("wrong-code", _("That is not the word on the wall."), field="code")
    if person is None or not members_of_session(row).filter(pk=person).exists():
        raise Refused("not-a-member", _("You do not belong to the group or school of this session."))
    return _enter(by, row, [person], "code")[0]


@transaction.atomic
def note_wrong_word(*, by: Actor, session: int) -> None:
    """Count a wrong word typed to sign in; after the fifth only the host can enter this person. Refuses `not-found`."""
    row = get_or_refuse(Session.objects.within(by, SIGN_IN), pk=session)
    person = by.on_behalf_of or by.person
    if person is None:
        raise NotFound("organisations.person")
    words, made = WrongWords.objects.select_for_update(of=("self",)).get_or_create(session=row, person_id=person)
    if not made:
        WrongWords.objects.filter(pk=words.pk).update(count=F("count") + 1)
    facts = {"count": 1 if made else words.count + 1}
    record(by=by, verb="activities.wrong_word", thing=row, subject=person, unit=row.unit_id, facts=facts)


@transaction.atomic
def enter_sign_ins(*, by: Actor, session: int, people: Sequence[int]) -> list[SignIn]:
    """Enter who was there, as the host. Those who stand already stay; struck ones stand again.

    Refuses `not-a-member` with the number of people who do not belong, `session-closed`, `session-not-begun`.
    """
    row = _held(by, session)
    if row.state not in ("planned", "open"):
        raise Refused("session-closed", _("This session is closed; reopen it first."))
    if row.starts_at > now():
        raise Refused("session-not-begun", _("The session has not begun yet."))
    strangers = set(people) - set(members_of_session(row).filter(pk__in=people).values_list("pk", flat=True))
    if strangers:
        raise Refused("not-a-member", _("%(count)s of these people do not belong here."), count=len(strangers))
    return _enter(by, row, people, "host")


@transaction.atomic
def strike_sign_in(*, by: Actor, session: int, person: int, reason: str) -> None:
    """Take a sign-in back, with a reason; minutes earned by it are withdrawn. Refuses `not-found`, `reason-missing`,
    `text-too-long`."""
    row = _held(by, session)
    _need_reason(reason)
    refuse_long(SignIn, "reason", struck_reason=reason)
    struck = SignIn.objects.filter(session=row, person=person, struck_at__isnull=True).update(
        struck_at=now(), struck_reason=reason
    )
    if not struck:
        raise NotFound("activities.signin")
    _changed(row)
    record(by=by, verb="activities.strike", thing=row, subject=person, unit=row.unit_id, reason=reason)


@transaction.atomic
def write_minutes(*, by: Actor, session: int, text: str, revision: int) -> Session:
    """Write the minutes of a session that is not closed; `revision` is the `minutes_revision` the page was made from.

    Refuses `session-closed`, and `stale-revision` when somebody else saved them meanwhile.
    """
    row = _held(by, session)
    if row.state not in ("planned", "open"):
        raise Refused("session-closed", _("This session is closed; reopen it first."))
    _refuse_stale(row.minutes_revision, revision)
    row.minutes_text, row.minutes_revision, row.changed_at = text, revision + 1, now()
    row.save(update_fields=["minutes_text", "minutes_revision", "changed_at"])
    record(by=by, verb="activities.write_minutes", thing=row, unit=row.unit_id, facts={"characters": len(text)})
    return row


@transaction.atomic
def add_product(*, by: Actor, session: int, title: str) -> Product:
    """Name a product of the session; its file is attached by `files`. Refuses `title-missing`, `text-too-long`,
    `session-closed`."""
    row = _held(by, session)
    if row.state not in ("planned", "open"):
        raise Refused("session-closed", _("This session is closed; reopen it first."))
    if not title.strip():
        raise Refused("title-missing", _("Give it a title."), field="title")
    refuse_long(Product, title=title.strip())
    author = by.person if by.person is not None else row.host_id
    product = Product.objects.create(session=row, title=title.strip(), added_by_id=author, added_at=now())
    record(by=by, verb="activities.add_product", thing=product, unit=row.unit_id)
    return product


@transaction.atomic
def attach_product_file(*, by: Actor, product: int, upload: int) -> Use:
    """Put a file of one's own that has arrived to a product; twice is once.

    Refuses `not-found`, also once the session is closed; `upload-unfinished`, `file-gone`.
    """
    row = get_or_refuse(products_held(by).select_for_update(of=("self",)), pk=product)
    file = get_or_refuse(Upload.objects.within(by, UPLOAD).filter(ended_at__isnull=True), pk=upload)
    line = record(
        by=by, verb="activities.attach_product_file", thing=row, unit=row.session.unit_id, facts={"upload": upload}
    )
    return files.attach(cause=line, upload=file, holder=PRODUCT, holder_id=product)


@transaction.atomic
def detach_product_file(*, by: Actor, use: int) -> None:
    """Take a file from a product again. Refuses `not-found`, also once the session is closed."""
    held = products_held(by).values("pk")
    row = get_or_refuse(Use.objects.live().filter(holder=PRODUCT, holder_id__in=held), pk=use)
    line = record(by=by, verb="activities.detach_product_file", thing=row, facts={"product": row.holder_id})
    files.drop(cause=line, uses=[use])


@transaction.atomic
def close_session(*, by: Actor, session: int) -> Session:
    """Close it: those who were there earn its minutes.

    Refuses `minutes-missing`, `product-missing`, `nobody-there`, `session-not-over`, `session-state`.
    """
    row = _held(by, session)
    missing = missing_in(row, over=row.ends_at <= now())
    if missing.not_over:
        raise Refused("session-not-over", _("The session is not over yet."))
    if missing.people:
        raise Refused("nobody-there", _("Nobody has signed in."))
    if missing.minutes:
        raise Refused("minutes-missing", _("Write the minutes first."), field="minutes_text")
    if missing.product:
        raise Refused("product-missing", _("Add at least one product first."))
    _move(row, "closed", closed_at=now(), voided_at=None, void_reason="")
    record(by=by, verb="activities.close", thing=row, unit=row.unit_id, facts={"people": present(row.pk).count()})
    return row


@transaction.atomic
def reopen_session(*, by: Actor, session: int, reason: str) -> Session:
    """Open a closed session again to correct it; its minutes stop counting until it is closed again.

    Refuses `reason-missing`, `session-state`.
    """
    row = _held(by, session)
    _need_reason(reason)
    _move(row, "open", frm=("closed",), closed_at=None)
    record(by=by, verb="activities.reopen", thing=row, unit=row.unit_id, reason=reason)
    return row


@transaction.atomic
def void_session(*, by: Actor, session: int, reason: str) -> Session:
    """Declare a session void: whatever it earned is withdrawn. Refuses `reason-missing`, `text-too-long`,
    `session-state`."""
    row = get_or_refuse(Session.objects.within(by, VOID, changing=True).select_for_update(of=("self",)), pk=session)
    _need_reason(reason)
    refuse_long(Session, "reason", void_reason=reason)
    _move(row, "void", voided_at=now(), void_reason=reason)
    record(by=by, verb="activities.void", thing=row, unit=row.unit_id, reason=reason)
    return row


@transaction.atomic
def restore_session(*, by: Actor, session: int, reason: str) -> Session:
    """Take a voiding back; a session that had been closed earns its minutes again. Refuses `session-state`."""
    row = get_or_refuse(Session.objects.within(by, VOID, changing=True).select_for_update(of=("self",)), pk=session)
    _need_reason(reason)
    if row.state != "void" or row.closed_at is None:
        raise Refused("session-state", _("Only a void session that had been closed can be restored."))
    _move(row, "closed", voided_at=None, void_reason="")
    record(by=by, verb="activities.restore", thing=row, unit=row.unit_id, reason=reason)
    return row


def _check(plan: SessionPlan) -> None:
    if not plan.title.strip():
        raise Refused("title-missing", _("Give it a title."), field="title")
    refuse_long(Session, title=plan.title, place_name=plan.place_name)
    if plan.kind not in KINDS:
        raise Refused("kind-unknown", _("There is no such kind of session."), field="kind")
    if plan.form not in FORMS:
        raise Refused("form-unknown", _("There is no such form of session."), field="form")
    if plan.ends_at <= plan.starts_at:
        raise Refused("ends-before-start", _("The end must be after the start."), field="ends_at")
    if plan.ends_at - plan.starts_at > LONGEST_SPAN:
        raise Refused("session-too-long", _("A session lasts a day at most. Plan one for each day."), field="ends_at")
    longest = min(int((plan.ends_at - plan.starts_at).total_seconds() // 60), LONGEST)
    if not 0 < plan.duration <= longest:
        raise Refused(
            "duration-too-long",
            _("A member can earn at most %(longest)s minutes here."),
            field="duration",
            longest=longest,
        )


def _refuse_stale(known: int, sent: int) -> None:
    if known != sent:
        raise Refused("stale-revision", _("Somebody else has saved this meanwhile; nothing of theirs was overwritten."))


def _held(by: Actor, session: int) -> Session:
    return get_or_refuse(Session.objects.within(by, HOLD, changing=True).select_for_update(of=("self",)), pk=session)


def _move(row: Session, to: str, *, frm: tuple[str, ...] = (), **fields: object) -> None:
    """One conditional UPDATE; its row count is the verdict."""
    allowed = [state for state in frm or MOVES if to in MOVES[state]]
    fields |= {"state": to, "changed_at": now()}
    if not Session.objects.filter(pk=row.pk, state__in=allowed).update(**fields):
        raise Refused("session-state", _("This cannot be done while the session is %(state)s."), state=row.state)
    for name, value in fields.items():
        setattr(row, name, value)


def _changed(row: Session) -> None:
    Session.objects.filter(pk=row.pk).update(changed_at=now())


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")


def _enter(by: Actor, row: Session, people: Sequence[int], method: str) -> list[SignIn]:
    SignIn.objects.bulk_create(
        (SignIn(session=row, person_id=person, at=now(), method=method) for person in people), ignore_conflicts=True
    )
    if method == "host":  # one who was struck cannot sign themselves in again
        SignIn.objects.filter(session=row, person__in=people, struck_at__isnull=False).update(
            struck_at=None, struck_reason=""
        )
    _changed(row)
    record(
        by=by, verb="activities.sign_in", thing=row, unit=row.unit_id, facts={"people": list(people), "method": method}
    )
    return list(SignIn.objects.filter(session=row, person__in=people).order_by("pk"))


# --- What is erased with a person -----------------------------------------------------------------------------------
@transaction.atomic
def erase_from_activities(*, by: Actor) -> int:
    """Erase the minutes that people whose erasure was confirmed wrote as hosts, and why they were struck off a session; who was there
    when stays. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="activities")
    people = records_of(erasures)
    empty_fields(rows_about(Session, people))
    empty_fields(rows_about(SignIn, people))
    record_each(by=by, verb="activities.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)
