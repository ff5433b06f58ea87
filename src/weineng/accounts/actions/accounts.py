"""Open, lock, unlock, close accounts; end sessions."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import AccessToken, Account, ActivationCode, BrowserSession
from weineng.accounts.permissions import MANAGE
from weineng.accounts.queries import manageable, own_account, people_at
from weineng.accounts.rules import FAILURES, LOCKED_FOR, free_names, plain_name, session_handle, sign_in_base
from weineng.audit.effects import record, record_each
from weineng.kernel.actors import Actor
from weineng.kernel.clock import machine_now, now
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Person
from weineng.organisations.reach import is_behind, people_within, require_unit


@transaction.atomic
def open_accounts(*, by: Actor, unit: int, people: Sequence[int] | None = None) -> list[Account]:
    """Give the people of a unit an account each, not yet activated; those who have one keep it. In staff order.

    `people` (person ids) opens some of them, wherever in reach they are; None: everybody of a school or group, of an office
    those posted there. The sign-in name is the name's reading, with a number where somebody has it already. Refuses
    `not-found` for a unit out of reach.
    """
    place = require_unit(by, MANAGE, unit)
    owners = Account.objects.values(owner=Coalesce("person__merged_into", "person"))
    reached = people_within(by, MANAGE).filter(erased_at__isnull=True).exclude(pk__in=owners)
    if people is None:
        found = {p.pk: p for p in reached.filter(pk__in=people_at(place).values("person"))}
        order = [pk for pk in people_at(place).values_list("person", flat=True) if pk in found]
    else:
        found = {p.pk: p for p in reached.filter(pk__in=people)}
        order = [pk for pk in dict.fromkeys(people) if pk in found]
    accounts = _open([found[pk] for pk in order])
    record_each(by=by, verb="accounts.open", things=accounts, subject_field="person_id")
    return accounts


def _open(people: list[Person]) -> list[Account]:
    if not people:
        return []
    with connection.cursor() as cursor:  # two openings at once must not think of the same name
        cursor.execute("select pg_advisory_xact_lock(hashtext('accounts.names'))")
    bases = [sign_in_base(person.name_order) for person in people]
    alike = Q()
    for base in set(bases):
        alike |= Q(name__startswith=base)
    taken = set(Account.objects.filter(alike).values_list("name", flat=True))
    at, closed = now(), make_password(None)
    return Account.objects.bulk_create(
        Account(person=person, name=name, password=closed, language=settings.LANGUAGE_CODE, created_at=at)
        for person, name in zip(people, free_names(bases, taken), strict=True)
    )


@transaction.atomic
def note_sign_in(*, by: Actor, account: int, way: str) -> None:
    """Write down that somebody signed in (`way`: password, code, demonstration); the count of failures begins anew."""
    row = get_or_refuse(Account.objects.all(), pk=account)
    Account.objects.filter(pk=account).update(failures=0, locked_until=None, failed_at=None, last_login=now())
    record(by=by, verb="accounts.sign_in", thing=row, subject=row.person_id, facts={"way": way})


@transaction.atomic
def note_sign_out(*, by: Actor, account: int, way: str = "asked") -> None:
    """Write down that a session ended (`way`: asked, idle)."""
    row = get_or_refuse(Account.objects.all(), pk=account)
    record(by=by, verb="accounts.sign_out", thing=row, subject=row.person_id, facts={"way": way})


@transaction.atomic
def note_failure(*, by: Actor, name: str, what: str = "password") -> None:
    """Count a failed sign-in (`what`: password, factor); the fifth in a row closes the account for 15 minutes.

    Failures while it is closed neither count nor prolong. An unknown name leaves a line without the name: people type
    their password there. Tells nothing back.
    """
    account = Account.objects.select_for_update(of=("self",)).filter(name=plain_name(name)).first()
    if account is None:
        record(by=by, verb="accounts.fail", facts={"what": what, "known": False})
        return
    at = now()
    record(by=by, verb="accounts.fail", thing=account, subject=account.person_id, facts={"what": what})
    if account.locked_until is not None and account.locked_until > at:
        return
    stale = account.failed_at is None or account.failed_at <= at - LOCKED_FOR
    account.failures = 1 if stale else account.failures + 1
    account.failed_at = at
    if account.failures >= FAILURES:
        account.failures, account.locked_until = 0, at + LOCKED_FOR
        record(by=by, verb="accounts.lock", thing=account, subject=account.person_id)
    account.save(update_fields=("failures", "failed_at", "locked_until"))


@transaction.atomic
def unlock_account(*, by: Actor, account: int) -> None:
    """Open an account again that failures had closed. Refuses `not-locked`; `not-found` out of reach."""
    row = get_or_refuse(manageable(by), pk=account)
    changed = Account.objects.filter(pk=row.pk, locked_until__gt=now())
    if not changed.update(locked_until=None, failures=0, failed_at=None):
        raise Refused("not-locked", _("This account is not locked."))
    record(by=by, verb="accounts.unlock", thing=row, subject=row.person_id)


@transaction.atomic
def close_account(*, by: Actor, account: int, reason: str) -> None:
    """Close an account: nobody signs in, every session ends, codes no longer count. `reopen_account` takes it back.

    Refuses `reason-missing`, `closed-already`, `own-account`; `not-found` out of reach.
    """
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    row = get_or_refuse(manageable(by), pk=account)
    if is_behind(by, row.person_id):
        raise Refused("own-account", _("Somebody else must do this to your account."))
    if not Account.objects.filter(pk=row.pk, is_active=True).update(is_active=False, code_wanted_at=None):
        raise Refused("closed-already", _("This account is closed already."))
    BrowserSession.objects.filter(account=row).delete()
    ActivationCode.objects.filter(account=row, used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now())
    record(by=by, verb="accounts.close", thing=row, subject=row.person_id, reason=reason)


@transaction.atomic
def reopen_account(*, by: Actor, account: int) -> None:
    """Open a closed account again with the password it had.

    Refuses `not-closed`, `account-joined` where its person signs in with another one, `person-erased`; `not-found` out of reach.
    """
    row = get_or_refuse(manageable(by), pk=account)
    if row.person.erased_at is not None:
        raise Refused("person-erased", _("This person has been erased; nothing about them can be changed."))
    if row.yields_to is not None and row.yields_to.is_active:
        text = _("This person signs in as “%(name)s”, and needs one account only.")
        raise Refused("account-joined", text, name=row.yields_to.name)
    if not Account.objects.filter(pk=row.pk, is_active=False).update(is_active=True, yields_to=None):
        raise Refused("not-closed", _("This account is open."))
    record(by=by, verb="accounts.reopen", thing=row, subject=row.person_id)


@transaction.atomic
def set_language(*, by: Actor, language: str) -> None:
    """Keep the language of one's mails and of the next sign-in. Refuses `language-unknown`, `not-found`."""
    if language not in dict(settings.LANGUAGES):
        raise Refused("language-unknown", _("This language is not offered."))
    row = own_account(by)
    if Account.objects.filter(pk=row.pk).exclude(language=language).update(language=language):
        record(by=by, verb="accounts.set_language", thing=row, subject=row.person_id, facts={"language": language})


@transaction.atomic
def end_session(*, by: Actor, handle: str) -> None:
    """Sign out one of one's own browsers, named by its handle (`session_handle`). Refuses `not-found`."""
    row = own_account(by)
    keys = BrowserSession.objects.filter(account=row).values_list("session_key", flat=True)
    key = next((key for key in keys if session_handle(key) == handle), None)
    if key is None:
        raise NotFound("accounts.session")
    BrowserSession.objects.filter(session_key=key).delete()
    record(by=by, verb="accounts.end_session", thing=row, subject=row.person_id)


@transaction.atomic
def end_other_sessions(*, by: Actor, keep: str) -> int:
    """Sign out everywhere but in the session with key `keep` ('': everywhere); returns how many ended."""
    row = own_account(by)
    count, _each = BrowserSession.objects.filter(account=row).exclude(session_key=keep).delete()
    record(by=by, verb="accounts.end_session", thing=row, subject=row.person_id, facts={"count": count})
    return count


@transaction.atomic
def forget_expired(*, by: Actor) -> int:
    """Delete sessions and tokens that expired, and codes that expired ninety days ago (a step of the worker); returns how many.

    Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    sessions, _each = BrowserSession.objects.filter(expire_date__lt=machine_now()).delete()
    codes, _each = ActivationCode.objects.filter(expires_at__lt=now() - timedelta(days=90)).delete()
    tokens, _each = AccessToken.objects.filter(expires_at__lt=now()).delete()
    if sessions + codes + tokens:
        record(by=by, verb="accounts.forget", facts={"sessions": sessions, "codes": codes, "tokens": tokens})
    return sessions + codes + tokens
