"""What may be done in `audit`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

FOLLOW = Permission(
    "audit.follow",
    frozenset({Reach.OWN, Reach.UNIT}),
    _("See who did what, when and why, about oneself or about the people of this unit; not who judged."),
)
READ = Permission("audit.read", frozenset({Reach.UNIT}), _("Read the log of what was done in this part of the tree."))
