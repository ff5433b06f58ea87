"""What an operator names in a command: found, or refused with the option's name and what there is."""

from collections.abc import Iterable

from django.core.management.base import CommandError

from weineng.accounts.models import Account
from weineng.accounts.queries import actor_for
from weineng.kernel.actors import Actor, platform
from weineng.learning.models import Provider
from weineng.learning.queries import providers_within
from weineng.organisations.models import Unit
from weineng.programmes.models import Programme

_SHOWN = 20


def programme_named(code: str) -> Programme:
    """The programme of `--programme`."""
    found = Programme.objects.filter(code=code).first()
    if found is None:
        codes = Programme.objects.filter(owner__isnull=False).order_by("code").values_list("code", flat=True)
        raise CommandError(f"--programme {code}: there is none{_there_is(codes)}", returncode=2)
    return found


def provider_named(code: str | None, by: Actor) -> str:
    """The code of `--provider`, if the one who acts reaches it."""
    reached = Provider.objects.filter(pk__gt=0).order_by("code") if by.system else providers_within(by)
    codes = list(dict.fromkeys([*reached.values_list("code", flat=True), *sorted(by.sources)]))
    if not code:
        raise CommandError(f"Hours need --provider{_there_is(codes)}", returncode=2)
    if code not in codes:
        within = "" if by.system else " within your reach"
        raise CommandError(f"--provider {code}: there is none{within}{_there_is(codes)}", returncode=2)
    return code


def unit_named(code: str | None) -> int | None:
    """The unit of `--unit`; None if none is named."""
    found = Unit.objects.filter(code=code).values_list("pk", flat=True).first() if code else None
    if code and found is None:
        raise CommandError(f"--unit {code}: no unit has the code {code}", returncode=2)
    return found


def actor_named(name: str | None) -> Actor:
    """The person of the sign-in name of `--as`, else the platform itself."""
    if name is None:
        return platform("ops")
    account = Account.objects.filter(name=name.strip().lower(), is_active=True).select_related("person").first()
    if account is None:
        raise CommandError(f"--as {name}: no account has the sign-in name {name}", returncode=2)
    return actor_for(account, "ops")


def _there_is(codes: Iterable[str]) -> str:
    known = list(codes)
    if not known:
        return "."
    more = f" and {len(known) - _SHOWN} more" if known[_SHOWN:] else ""
    return f"; there {'is' if len(known) == 1 else 'are'}: {', '.join(known[:_SHOWN])}{more}."
