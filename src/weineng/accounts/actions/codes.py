"""Activation codes: made on paper or by mail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Account, ActivationCode, Factor
from weineng.accounts.queries import mail_possible, manageable, strong_people
from weineng.accounts.rules import CODE_VALID, MAIL_PAUSE, code_digests, new_code, plain_name
from weineng.audit.effects import record, record_each
from weineng.gateways.mail import send_mails
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused

CHANNELS = ("slip", "mail")
MAILS_A_ROUND = 50


@dataclass(frozen=True)
class Slip:
    """One plain code, for printing: it is nowhere else and is not shown again."""

    account: int
    person: int
    name: str
    sign_in_name: str
    code: str = field(repr=False)
    expires_at: datetime


@transaction.atomic
def issue_codes(*, by: Actor, accounts: Sequence[int], channel: str = "slip") -> list[Slip]:
    """Make a fresh code for each account, in the order given; earlier ones no longer count. Good for 14 days.

    `slip` returns the plain codes, this once; `mail` has the worker make and send them and returns none. Accounts out of
    reach, closed ones and those of people who hold a role that `by` may not give are left out. Refuses
    `channel-unknown`, `mail-not-configured`, `no-address` if nobody has one, `not-found` if none of the accounts is left.
    """
    if channel not in CHANNELS:
        raise Refused("channel-unknown", _("Codes go out on slips or by mail."))
    rows = manageable(by).filter(pk__in=accounts, is_active=True)
    found = {a.pk: a for a in rows.select_for_update(of=("self",)).select_related("person")}
    wanted = [found[pk] for pk in dict.fromkeys(accounts) if pk in found]
    if not wanted:
        raise Refused("not-found", _("None of these accounts is yours to activate."))
    if channel == "slip":
        return _issue(by, wanted, "slip")
    if not mail_possible():
        raise Refused("mail-not-configured", _("This installation sends no mail. Print slips instead."))
    reachable = [account for account in wanted if account.person.mail]
    if not reachable:
        raise Refused("no-address", _("None of these people has a mail address."))
    Account.objects.filter(pk__in=[account.pk for account in reachable]).update(code_wanted_at=now())
    record_each(by=by, verb="accounts.ask_code", things=reachable, subject_field="person_id")
    return []


def _issue(by: Actor, accounts: Iterable[Account], channel: str) -> list[Slip]:
    at, wanted = now(), list(accounts)
    live = Q(used_at__isnull=True, revoked_at__isnull=True)
    ActivationCode.objects.filter(live, account__in=wanted).update(revoked_at=at)
    slips = [Slip(a.pk, a.person_id, a.person.name, a.name, new_code(), at + CODE_VALID) for a in wanted]
    ActivationCode.objects.bulk_create(
        ActivationCode(
            account_id=slip.account, digest=code_digests(slip.code)[0], channel=channel, issued_at=at, expires_at=slip.expires_at
        )
        for slip in slips
    )  # fmt: skip
    record_each(by=by, verb="accounts.issue_code", things=wanted, subject_field="person_id", facts={"channel": channel})
    return slips


@transaction.atomic
def ask_for_code(*, by: Actor, name: str) -> None:
    """Somebody forgot their password: have a code mailed, at most every ten minutes. Tells nothing, whatever the name.

    Leaves a line in every case, with the account only if a code goes out: there is one with an address, and no strong role
    would stand open to whoever reads the mail (an address is written by the school; a second factor is one's own).
    """
    at = now()
    guarded = Factor.objects.filter(confirmed_at__isnull=False).values("account")
    rows = Account.objects.filter(name=plain_name(name), is_active=True).exclude(person__mail="")
    rows = rows.filter(Q(code_wanted_at__isnull=True) & ~Q(codes__channel="mail", codes__issued_at__gt=at - MAIL_PAUSE))
    rows = rows.exclude(Q(person__in=strong_people()) & ~Q(pk__in=guarded))
    account = rows.first() if mail_possible() else None
    if account is None:
        record(by=by, verb="accounts.ask_code", facts={"sent": False})
        return
    Account.objects.filter(pk=account.pk).update(code_wanted_at=at)
    record(by=by, verb="accounts.ask_code", thing=account, subject=account.person_id, facts={"sent": True})


@transaction.atomic
def mail_codes(*, by: Actor) -> int:
    """Make and send the codes that are wanted by mail (a step of the worker, up to 50 a round); returns how many went out.

    A plain code is in the mail and nowhere else; if the mail server cannot be reached nothing has changed and the next
    round tries again. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    if not mail_possible():
        return 0
    rows = Account.objects.filter(code_wanted_at__isnull=False, is_active=True).exclude(person__mail="")
    rows = (
        rows.select_for_update(of=("self",), skip_locked=True).select_related("person").order_by("code_wanted_at", "pk")
    )
    wanted = list(rows[:MAILS_A_ROUND])
    slips = _issue(by, wanted, "mail")
    Account.objects.filter(pk__in=[account.pk for account in wanted]).update(code_wanted_at=None)
    send_mails([_mail(account, slip) for account, slip in zip(wanted, slips, strict=True)])
    return len(slips)


def _mail(account: Account, slip: Slip) -> tuple[str, str, str]:
    with translation.override(account.language):
        subject = say("Weineng: your activation code")
        text = say(
            "%(name)s,\n\nwith this code you set the password of your account %(account)s:\n\n    %(code)s\n\n"
            "Open %(link)s and enter it there. It counts once, for 14 days.\n\n"
            "If you did not ask for it, there is nothing to do: your password stays as it is."
        ) % {
            "name": slip.name,
            "account": slip.sign_in_name,
            "code": slip.code,
            "link": f"{settings.SITE}/sign-in/code/",
        }
    return account.person.mail, subject, text
