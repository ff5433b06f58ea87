"""What may be done in `standards`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

LOAD = Permission("standards.load", frozenset({Reach.UNIT}), _("Load an edition of the standard."))
