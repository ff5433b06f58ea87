"""What may be done in `insight`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission(
    "insight.view", frozenset({Reach.UNIT}), _("See the overview of this unit with the people behind each number.")
)
