"""The second factor: a code that changes every thirty seconds on one's own telephone (TOTP, RFC 6238)."""

import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from weineng.accounts.models import Account, BrowserSession, Factor, RecoveryCode
from weineng.accounts.queries import is_locked, manageable, needs_second_factor, own_account
from weineng.accounts.rules import DRIFT, RECOVERY_CODES, STEP, code_digests, new_code, token_digits
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import machine_now, now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import is_behind

_RECOVERY = "recovery"


@dataclass(frozen=True)
class Enrolment:
    """What a telephone is told once: the secret in base32, to type, and the address of the QR code that says the same."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@transaction.atomic
def enrol_second_factor(*, by: Actor, renew: bool = True) -> Enrolment:
    """Begin a second factor for one's own account; it counts once `confirm_second_factor` has seen a code of it.

    One that counts already keeps counting until then. `renew=False` shows the waiting secret again, so that a reloaded
    page does not make the code just scanned worthless. Refuses `not-found` for somebody without an account.
    """
    account = own_account(by)
    waiting = Factor.objects.filter(account=account, confirmed_at__isnull=True).first()
    if waiting is not None and not renew:
        return _enrolment(account, decrypt(waiting.secret_cipher))
    Factor.objects.filter(account=account, confirmed_at__isnull=True).delete()
    secret = secrets.token_bytes(20)
    factor = Factor.objects.create(account=account, secret_cipher=encrypt(secret), created_at=now())
    record(by=by, verb="accounts.enrol_factor", thing=factor, subject=account.person_id)
    return _enrolment(account, secret)


def _enrolment(account: Account, secret: bytes) -> Enrolment:
    text = b32encode(secret).decode()
    label = quote(f"{settings.TOTP_ISSUER}:{account.name}")
    asked = urlencode({"secret": text, "issuer": settings.TOTP_ISSUER, "digits": 6, "period": STEP})
    return Enrolment(text, f"otpauth://totp/{label}?{asked}")


@transaction.atomic
def confirm_second_factor(*, by: Actor, token: str) -> list[str]:
    """Make the waiting factor count, by a code of it; returns ten recovery codes, shown this once.

    It replaces the one before. Refuses `factor-not-begun`, `factor-code-wrong`.
    """
    account = own_account(by)
    factor = Factor.objects.filter(account=account, confirmed_at__isnull=True).first()
    if factor is None:
        raise Refused("factor-not-begun", _("Scan the picture first."))
    step = _step_of(factor, token)
    if step is None:
        raise _wrong()
    Factor.objects.filter(account=account, confirmed_at__isnull=False).delete()
    factor.confirmed_at, factor.last_step = now(), step
    factor.save(update_fields=("confirmed_at", "last_step"))
    codes = _new_recovery_codes(account)
    record(by=by, verb="accounts.confirm_factor", thing=factor, subject=account.person_id)
    return codes


@transaction.atomic
def pass_second_factor(*, by: Actor, token: str) -> str:
    """Whether a code of one's telephone, or a recovery code, is right; returns which: `totp` or `recovery`.

    A code counts once. Refuses `factor-code-wrong`, also while too many failures keep the account closed (the door notes
    the failure, as with a password).
    """
    account = own_account(by)
    if is_locked(account):
        raise _wrong()
    factor = Factor.objects.filter(account=account, confirmed_at__isnull=False).first()
    step = _step_of(factor, token) if factor else None
    if factor is not None and step is not None:
        way = "totp"
        factor.last_step = step
        factor.save(update_fields=("last_step",))
    else:
        way = "recovery"
        unused = RecoveryCode.objects.filter(account=account, used_at__isnull=True)
        if not unused.filter(digest__in=code_digests(token, _RECOVERY)).update(used_at=now()):
            raise _wrong()
    Account.objects.filter(pk=account.pk).update(failures=0, failed_at=None)
    record(by=by, verb="accounts.pass_factor", thing=account, subject=account.person_id, facts={"way": way})
    return way


def _wrong() -> Refused:
    return Refused(
        "factor-code-wrong", _("This code is not right, or it has been used. Wait for the next one."), field="token"
    )


def _step_of(factor: Factor, token: str) -> int | None:
    """The step whose code this is, if it is right and later than the last one used; else None."""
    digits = token_digits(token)
    if len(digits) != 6:
        return None
    clock = TOTP(decrypt(factor.secret_cipher), step=STEP)
    clock.time = machine_now().timestamp()
    return clock.t() if clock.verify(int(digits), tolerance=DRIFT, min_t=factor.last_step + 1) else None


@transaction.atomic
def renew_recovery_codes(*, by: Actor) -> list[str]:
    """Ten fresh recovery codes, shown this once; the old ones no longer count. Refuses `factor-missing`."""
    account = own_account(by)
    if not Factor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        raise Refused("factor-missing", _("There is no second factor."))
    codes = _new_recovery_codes(account)
    record(by=by, verb="accounts.renew_recovery", thing=account, subject=account.person_id)
    return codes


def _new_recovery_codes(account: Account) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = [new_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=code_digests(code, _RECOVERY)[0]) for code in codes
    )
    return codes


@transaction.atomic
def remove_second_factor(*, by: Actor) -> None:
    """Do without a second factor again. Refuses `factor-required` while one's roles ask for it, `factor-missing`."""
    account = own_account(by)
    if needs_second_factor(account):
        raise Refused("factor-required", _("Your role asks for a second factor. You can replace it, not remove it."))
    if not Factor.objects.filter(account=account, confirmed_at__isnull=False).exists():
        raise Refused("factor-missing", _("There is no second factor."))
    _drop(account)
    record(by=by, verb="accounts.remove_factor", thing=account, subject=account.person_id)


@transaction.atomic
def reset_second_factor(*, by: Actor, account: int, reason: str) -> None:
    """Take the second factor off somebody's account whose telephone is lost; they set up a new one at the next sign-in.

    Every session of the account ends. Refuses `reason-missing`, `own-account`, `factor-missing`; `not-found` out of reach
    or for somebody whose role one may not give.
    """
    if not reason.strip():
        raise Refused("reason-missing", _("Say why."), field="reason")
    row = get_or_refuse(manageable(by).select_for_update(of=("self",)), pk=account)
    if is_behind(by, row.person_id):
        raise Refused("own-account", _("Somebody else must do this to your account."))
    if not Factor.objects.filter(account=row).exists():
        raise Refused("factor-missing", _("There is no second factor."))
    _drop(row)
    BrowserSession.objects.filter(account=row).delete()
    record(by=by, verb="accounts.reset_factor", thing=row, subject=row.person_id, reason=reason)


def _drop(account: Account) -> None:
    Factor.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()
