"""What may be done in `activities`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

HOLD = Permission(
    "activities.hold",
    frozenset({Reach.UNIT}),
    _("Plan, open and close sessions of this group or school, enter who was there."),
)
VIEW = Permission(
    "activities.view",
    frozenset({Reach.OWN, Reach.UNIT}),
    _("See the sessions of this unit, or those one took part in."),
)
SIGN_IN = Permission(
    "activities.sign_in", frozenset({Reach.OWN}), _("Sign in to a session of one's own group or school.")
)
VOID = Permission("activities.void", frozenset({Reach.UNIT}), _("Declare a session void, with a reason."))
