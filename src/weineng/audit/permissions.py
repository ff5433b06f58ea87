"""What may be done in `audit`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

READ = Permission("audit.read", frozenset({Reach.UNIT}), _("Read the log of what was done in this part of the tree."))
