"""What may be done in `accounts`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

MANAGE = Permission(
    "accounts.manage", frozenset({Reach.UNIT}), _("Print activation slips, unlock and close accounts of this unit.")
)
GRANT = Permission("accounts.grant", frozenset({Reach.UNIT}), _("Give and end roles at this unit and below."))
DELEGATE = Permission("accounts.delegate", frozenset({Reach.OWN}), _("Let somebody act in one's own role until a day."))
MANAGE_KEYS = Permission(
    "accounts.manage_keys",
    frozenset({Reach.UNIT}),
    _("Issue and revoke the keys of training platforms and of the office's own systems."),
)


def giving(role: str) -> Permission:
    """The permission to give and end one role at a unit and below (`Role.gives`)."""
    return Permission(f"accounts.give_{role}", frozenset({Reach.UNIT}), GRANT.says)
