"""The key that signs certificates: put a new one in use."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.certification.actions._issuing import key_in_use, make_key
from weineng.certification.models import SigningKey
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused


@transaction.atomic
def rotate_signing_key(*, by: Actor) -> SigningKey:
    """Retire the key in use, destroy its private part, make another. What the old one signed keeps its proof.

    Refuses `platform-only`: this is done on the machine, by command.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    old = key_in_use()
    SigningKey.objects.filter(pk=old.pk).update(retired_at=now(), private_cipher=None)
    key = make_key()
    record(by=by, verb="certification.rotate_key", thing=key, facts={"retired": old.name, "in_use": key.name})
    return key
