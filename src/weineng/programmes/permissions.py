"""What may be done in `programmes`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission(
    "programmes.view", frozenset({Reach.OWN, Reach.UNIT}), _("Read the programme's document with its assumptions.")
)
PUBLISH = Permission(
    "programmes.publish", frozenset({Reach.UNIT}), _("Publish a programme's document and start or close the programme.")
)
ENROL = Permission("programmes.enrol", frozenset({Reach.UNIT}), _("Enrol schools and people, let them leave."))
EXEMPT = Permission(
    "programmes.exempt", frozenset({Reach.UNIT}), _("Ask for or grant an exemption; the two must be different people.")
)
