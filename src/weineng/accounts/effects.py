"""What modules above write into this one: keys of the platforms that they admit."""

from collections.abc import Sequence
from datetime import date

from weineng.accounts.models import ApiKey, Delegation
from weineng.accounts.rules import key_digests, prefix_of
from weineng.audit.models import Line
from weineng.kernel.lengths import refuse_long
from weineng.organisations.models import Unit


def keep_api_key(
    *,
    cause: Line,
    unit: Unit,
    provider: str,
    label: str,
    scopes: Sequence[str],
    plain: str,
    until: date | None,
    lent: Delegation | None,
    sandbox: bool = False,
) -> ApiKey:
    """Keep a key that was made (`accounts.rules.new_key`) for a platform or an office's own system, as its digest; `scopes` and
    `until` are as `accounts.rules.check_key` says, `lent` is what was lent to the deputy who issued it, `sandbox` whether
    it opens the sandbox of its platform.

    Refuses `text-too-long`.
    """
    refuse_long(ApiKey, label=label.strip(), provider=provider)
    return ApiKey.objects.create(
        provider=provider, unit=unit, label=label.strip(), prefix=prefix_of(plain), digest=key_digests(plain)[0],
        scopes=list(scopes), created_at=cause.at, expires_on=until, delegation=lent,
        sandbox=sandbox,
    )  # fmt: skip
