"""What may be done in `learning`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission(
    "learning.view",
    frozenset({Reach.OWN, Reach.UNIT, Reach.SOURCE}),
    _("See records of learning, each with its source."),
)
DELIVER = Permission(
    "learning.deliver", frozenset({Reach.SOURCE}), _("Deliver, correct and void records of one's own platform.")
)
IMPORT = Permission("learning.import", frozenset({Reach.UNIT}), _("Bring in records from a provider's sheet."))
DECIDE = Permission(
    "learning.decide", frozenset({Reach.UNIT}), _("Decide that an overlap does not count, and take that back.")
)
VOID = Permission("learning.void", frozenset({Reach.UNIT}), _("Void a record of somebody in this unit, with a reason."))
MANAGE_PROVIDERS = Permission("learning.manage_providers", frozenset({Reach.UNIT}), _("Admit training platforms."))
