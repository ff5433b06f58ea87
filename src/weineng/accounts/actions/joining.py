"""One person, one way in: what follows for accounts when two records turn out to be one person (docs/adr/0013)."""

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Account, ActivationCode, BrowserSession
from weineng.accounts.queries import person_of
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.notices.effects import notify
from weineng.organisations.queries import Concerned
from weineng.organisations.reach import same_people

_WHO = Coalesce("person__merged_into", "person")
_OTHER = Coalesce("yields_to__person__merged_into", "yields_to__person")


@transaction.atomic
def join_accounts(*, by: Actor, concerning: Concerned | None = None) -> int:
    """Of several open accounts of one person leave one open, and give back what a merge that was undone had closed (a step
    of the worker); returns how many changed. `concerning`: only those of these people.

    The one that was used last stays, else one that was activated, else that of the record that was kept. The others open
    nothing any more; who comes with one of them is told the name of the one that stays. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    theirs = Q() if concerning is None else Q(person__in=concerning.people)
    return _part(by, theirs) + _join(by, theirs)


def _join(by: Actor, theirs: Q) -> int:
    merged = Account.objects.filter(is_active=True, person__merged_into__isnull=False).values("person__merged_into")
    rows = Account.objects.filter(theirs, is_active=True, person__in=same_people(merged))
    accounts: dict[int, list[Account]] = {}
    for account in rows.order_by("pk").select_related("person").select_for_update(of=("self",)):
        accounts.setdefault(person_of(account), []).append(account)
    closed = 0
    for person, held in accounts.items():
        stays = min(held, key=_goes_after)
        others = [account for account in held if account.pk != stays.pk]
        for account in others:
            _yield(by, person, account, stays)
        Account.objects.filter(yields_to__in=others).update(yields_to=stays)
        closed += len(others)
    return closed


def _goes_after(account: Account) -> tuple[float, bool, bool, int]:
    """The smallest stays: used last, activated, of the record that was kept, the oldest."""
    used = account.last_login.timestamp() if account.last_login else 0
    return -used, account.activated_at is None, account.person.merged_into_id is not None, account.pk


def _yield(by: Actor, person: int, account: Account, stays: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False, yields_to=stays, code_wanted_at=None)
    BrowserSession.objects.filter(account=account).delete()
    ActivationCode.objects.filter(account=account, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now()
    )
    line = record(by=by, verb="accounts.join", thing=account, subject=account.person_id, facts={"kept": stays.pk})
    notify(cause=line, event="accounts-joined", people=[person], params={"name": stays.name}, link="/account/")


def _part(by: Actor, theirs: Q) -> int:
    """Accounts whose person is no longer the one they gave way to."""
    rows = (
        Account.objects.filter(theirs, yields_to__isnull=False).annotate(who=_WHO, other=_OTHER).exclude(who=F("other"))
    )
    found = list(rows.order_by("pk").select_for_update(of=("self",)))
    Account.objects.filter(pk__in=[account.pk for account in found]).update(is_active=True, yields_to=None)
    for account in found:
        line = record(by=by, verb="accounts.part", thing=account, subject=account.person_id)
        notify(
            cause=line,
            event="accounts-parted",
            people=[person_of(account)],
            params={"name": account.name},
            link="/account/",
        )
    return len(found)
