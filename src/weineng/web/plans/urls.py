"""Addresses of plans."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.planning.permissions import REVIEW_SCHOOL_PLAN, WRITE_GROUP_PLAN, WRITE_SCHOOL_PLAN
from weineng.web.plans import answering, choosing, declaring, groups, judging, schools
from weineng.web.shell.places import Place

PLACES = (
    Place(_("School plan"), "plans:mine", icon="plan", short=_("Plan"), permissions=(WRITE_SCHOOL_PLAN,), order=20),
    Place(
        _("Group plan"),
        "plans:groups",
        icon="plan",
        short=_("Plan"),
        permissions=(WRITE_GROUP_PLAN,),
        roles=frozenset({"group-leader"}),
        order=20,
    ),
    Place(_("School plans"), "plans:queue", icon="plan", short=_("Plans"), permissions=(REVIEW_SCHOOL_PLAN,), order=20),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("plans/", schools.mine, name="mine"),
    path("plans/school/<unit:unit>/", schools.school, name="school"),
    path("plans/<schoolplan:plan>/", schools.show_plan, name="show"),
    path("plans/<schoolplan:plan>/edit/", schools.edit, name="edit"),
    path("plans/<schoolplan:plan>/do/", schools.act, name="act"),
    path("plans/review/", judging.queue, name="queue"),
    path("plans/<schoolplan:plan>/judge/", judging.judge, name="judge"),
    path("plans/groups/", groups.mine, name="groups"),
    path("plans/group/<unit:unit>/", groups.edit, name="group"),
    path("plans/group/<groupplan:plan>/show/", groups.show_plan, name="group_show"),
    path("points/", choosing.choose, name="choose"),
    path("points/declared/", declaring.declare, name="declare"),
    path("points/diagnosis/", declaring.diagnose, name="diagnose"),
    path("handbook/", declaring.handbook, name="handbook"),
    path("declarations/", answering.answers, name="answers"),
    path("declarations/<unit:unit>/", answering.answer, name="answer"),
]
