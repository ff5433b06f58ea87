"""What may be done in `certification`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission("certification.view", frozenset({Reach.OWN, Reach.UNIT}), _("See and print certificates."))
REVOKE = Permission(
    "certification.revoke", frozenset({Reach.UNIT}), _("Revoke a certificate with a reason, and re-issue it.")
)
