"""Addresses of the sessions of groups and schools."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.activities.permissions import VIEW
from weineng.web.sessions import holding, seeing
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Sessions"), "sessions:list", icon="calendar", short=_("Sessions"), permissions=(VIEW,), order=30,
        roles=frozenset({"teacher", "group-leader", "cio"}),
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("sessions/", seeing.list_sessions, name="list"),
    path("sessions/plan/<unit:unit>/", holding.plan, name="plan"),
    path("sessions/<session:session>/", seeing.show_session, name="show"),
    path("sessions/<session:session>/sign-in/", seeing.sign_in_page, name="sign_in"),
    path("sessions/<session:session>/change/", holding.change, name="change"),
    path("sessions/<session:session>/do/", holding.act, name="act"),
    path("sessions/<session:session>/people/", holding.people, name="people"),
]
