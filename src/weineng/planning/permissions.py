"""What may be done in `planning`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

VIEW = Permission(
    "planning.view", frozenset({Reach.OWN, Reach.UNIT}), _("Read the plans of this school and its groups.")
)
WRITE_SCHOOL_PLAN = Permission(
    "planning.write_school_plan", frozenset({Reach.UNIT}), _("Write and submit the school's plan.")
)
REVIEW_SCHOOL_PLAN = Permission(
    "planning.review_school_plan", frozenset({Reach.UNIT}), _("Return, approve and file schools' plans.")
)
WRITE_GROUP_PLAN = Permission(
    "planning.write_group_plan", frozenset({Reach.UNIT}), _("Write and publish the group's plan.")
)
CHOOSE = Permission(
    "planning.choose",
    frozenset({Reach.OWN}),
    _("Choose one's capability points, declare which are assessed, do the tasks of the handbook."),
)
AGREE = Permission(
    "planning.agree",
    frozenset({Reach.UNIT}),
    _("Agree to the points that teachers declare, and confirm the tasks of their handbook."),
)
