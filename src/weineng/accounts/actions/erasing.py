"""Erase what is personal in the accounts of people whose erasure was confirmed (a step of the worker)."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from weineng.accounts.models import Account, ActivationCode, BrowserSession, Delegation, Factor, Grant, RecoveryCode
from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import empty_fields
from weineng.notices.effects import forget_messages
from weineng.organisations.effects import read_erasures
from weineng.organisations.queries import records_of, rows_about
from weineng.organisations.reach import require_platform


@transaction.atomic
def erase_from_accounts(*, by: Actor) -> int:
    """Close their accounts for good: no name, no password, no session, code or second factor is left, nor why they were given a
    role. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="accounts")
    if not erasures:
        return 0
    people = records_of(erasures)
    for model in (BrowserSession, RecoveryCode, Factor, ActivationCode):
        rows_about(model, people).delete()
    rows_about(Account, people).update(
        name=Concat(Value("erased-"), Cast("pk", CharField())), password=make_password(None), past_passwords=[], is_active=False,
        code_wanted_at=None, failures=0, failed_at=None, locked_until=None,
    )  # fmt: skip
    empty_fields(rows_about(Grant, people))
    lent = list(rows_about(Delegation, people).values_list("pk", flat=True))
    empty_fields(rows_about(Delegation, people))
    lines = record_each(by=by, verb="accounts.erase_person", things=erasures, subject_field="person_id")
    forget_messages(cause=lines[0], about=[f"delegation:{pk}" for pk in lent])  # they name who lends
    return len(erasures)
