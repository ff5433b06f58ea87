"""What may be done in `progress`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission("progress.view", frozenset({Reach.OWN, Reach.UNIT}), _("See where people and units stand."))
EXPORT = Permission("progress.export", frozenset({Reach.UNIT}), _("Take out standings; every export is logged."))
