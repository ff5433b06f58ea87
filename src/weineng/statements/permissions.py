"""What may be done in `statements`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

READ = Permission(
    "statements.read",
    frozenset({Reach.SOURCE, Reach.UNIT}),
    _("Read the statements of learning that one's own platform wrote, or the platforms of this part of the tree."),
)
WRITE = Permission(
    "statements.write", frozenset({Reach.SOURCE}), _("Write statements of learning for one's own platform.")
)
KEEP_STATE = Permission(
    "statements.keep_state",
    frozenset({Reach.SOURCE}),
    _("Keep where learners stopped in activities of one's own platform, and read it again."),
)
KEEP_PROFILE = Permission(
    "statements.keep_profile",
    frozenset({Reach.SOURCE}),
    _("Keep notes about learners and activities of one's own platform, and read them again."),
)
