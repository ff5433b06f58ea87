"""What may be done in `evidence`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

SUBMIT = Permission("evidence.submit", frozenset({Reach.OWN}), _("Draft, hand in and withdraw one's own evidence."))
VIEW = Permission(
    "evidence.view",
    frozenset({Reach.OWN, Reach.ASSIGNED, Reach.UNIT}),
    _("Open evidence: one's own, that of a dossier given to one, or of people of this unit."),
)
