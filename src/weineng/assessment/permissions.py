"""What may be done in `assessment`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

REVIEW = Permission(
    "assessment.review", frozenset({Reach.ASSIGNED}), _("Rate a dossier given to one, return it with advice.")
)
VIEW_RESULTS = Permission("assessment.view_results", frozenset({Reach.OWN, Reach.UNIT}), _("See results."))
REASSIGN = Permission("assessment.reassign", frozenset({Reach.UNIT}), _("Give a dossier to another reviewer."))
OVERTURN = Permission("assessment.overturn", frozenset({Reach.UNIT}), _("Overturn a result with a reason."))
IMPORT = Permission(
    "assessment.import", frozenset({Reach.UNIT}), _("Bring in results of an earlier office's assessment from a sheet.")
)
ACCEPT = Permission(
    "assessment.accept",
    frozenset({Reach.UNIT}),
    _("Accept or refuse results of schools, school by school and person by person."),
)
ASK_ACCEPTANCE = Permission(
    "assessment.ask_acceptance", frozenset({Reach.UNIT}), _("Ask that the school's results be accepted.")
)
SAMPLE = Permission(
    "assessment.sample", frozenset({Reach.UNIT}), _("Draw samples of results of this part of the tree, and stop them.")
)
ARRANGE = Permission(
    "assessment.arrange",
    frozenset({Reach.UNIT}),
    _("Hand the school's assessment over to the training team, propose an own mode of assessment, and take both back."),
)
APPROVE_MODE = Permission(
    "assessment.approve_mode", frozenset({Reach.UNIT}), _("Approve, return and end schools' own modes of assessment.")
)
