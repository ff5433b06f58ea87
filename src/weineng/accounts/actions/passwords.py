"""Set a password: with a code, or with the one before."""

from datetime import datetime

from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Account, ActivationCode, BrowserSession
from weineng.accounts.queries import live_codes, own_account
from weineng.accounts.rules import PAST_PASSWORDS, Known, check_new_password, code_digests
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused


@transaction.atomic
def activate(*, by: Actor, code: str, password: str) -> Account:
    """Open an account with a code, by setting its password; every session of it ends, locks and failures are forgotten.

    The code counts once. Also the way back in for a forgotten password. Refuses `code-unknown`, `code-used`,
    `code-replaced`, `code-expired`, and what `check_new_password` refuses.
    """
    row = live_codes(code).select_for_update(of=("self",)).first()
    if row is None:
        raise _why_not(code)
    account = Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=row.account_id)
    at = now()
    _change_password(account, password, at)
    row.used_at = at
    row.save(update_fields=("used_at",))
    first = account.activated_at is None
    account.activated_at = account.activated_at or at
    account.locked_until, account.failures, account.failed_at, account.code_wanted_at = None, 0, None, None
    account.save(update_fields=("activated_at", "locked_until", "failures", "failed_at", "code_wanted_at"))
    actor = by if by.person else Actor(person=account.person_id, door=by.door)
    record(by=actor, verb="accounts.activate", thing=account, subject=account.person_id, facts={"first": first})
    return account


def _why_not(text: str) -> Refused:
    row = ActivationCode.objects.filter(digest__in=code_digests(text)).select_related("account").first()
    if row is None or not row.account.is_active:
        return Refused("code-unknown", _("This code is not right. Look at it again."), field="code")
    if row.used_at is not None:
        return Refused(
            "code-used",
            _("This code has been used. Sign in with your password, or have a new code made."),
            field="code",
        )
    if row.revoked_at is not None:
        return Refused(
            "code-replaced", _("A newer code has been made for you; this one no longer counts."), field="code"
        )
    return Refused("code-expired", _("This code was good for 14 days. Ask for a new one."), field="code")


@transaction.atomic
def set_password(*, by: Actor, old: str, new: str) -> Account:
    """Change one's own password; every session of the account ends (the door signs this one in again).

    Refuses `password-wrong`, `password-used-before` (the last five), what `check_new_password` refuses; `not-found` for
    somebody without an account.
    """
    account = own_account(by)
    if not check_password(old, account.password):
        raise Refused("password-wrong", _("This is not your present password."), field="old")
    _change_password(account, new, now())
    record(by=by, verb="accounts.set_password", thing=account, subject=account.person_id)
    return account


def _change_password(account: Account, password: str, at: datetime) -> None:
    person = account.person
    check_new_password(password, Known(person.name, account.name, person.name_order, person.phone, person.birth_date))
    before = [account.password, *account.past_passwords] if is_password_usable(account.password) else []
    if any(check_password(password, past) for past in before[:PAST_PASSWORDS]):
        raise Refused(
            "password-used-before", _("You have used this password before. Choose another."), field="password"
        )
    account.past_passwords = before[:PAST_PASSWORDS]
    account.password, account.password_set_at = make_password(password), at
    account.save(update_fields=("password", "past_passwords", "password_set_at"))
    # Their sign-in no longer holds, since it was made with the old password. The rows stay, so that a form sent from one of
    # them can still be kept for its writer.
    BrowserSession.objects.filter(account=account).update(account=None)
