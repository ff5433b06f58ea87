"""What may be done in `notices`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

READ_OWN = Permission("notices.read_own", frozenset({Reach.OWN}), _("Read one's own messages."))
