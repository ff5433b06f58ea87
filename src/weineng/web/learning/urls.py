"""Addresses of records."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.learning.permissions import MANAGE_PROVIDERS, VIEW
from weineng.web.learning import accounts, onboarding, providers, records, sandboxes, sheets, statements
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Records"),
        "learning:records",
        icon="book",
        short=_("Records"),
        permissions=(VIEW,),
        roles=frozenset({"teacher"}),
        order=25,
    ),
    Place(
        _("Platforms"),
        "learning:providers",
        icon="link",
        short=_("Platforms"),
        permissions=(MANAGE_PROVIDERS,),
        order=60,
    ),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("learning/", records.list_records, name="records"),
    path("learning/<record:record>/", records.show_record, name="record"),
    path("learning/providers/", providers.list_providers, name="providers"),
    path("learning/providers/<provider:provider>/", providers.provider_page, name="provider"),
    path("learning/providers/<provider:provider>/statements/", statements.statements, name="statements"),
    path("learning/providers/<provider:provider>/statements/rule/", statements.new_rule, name="new_rule"),
    path("learning/providers/<provider:provider>/unknown/", statements.unknown, name="unknown"),
    path("learning/providers/<provider:provider>/account/", accounts.account, name="account"),
    path("learning/providers/<provider:provider>/sheets/", sheets.sheets, name="sheets"),
    path("learning/providers/<provider:provider>/sheets/<slug:what>/", sheets.sheet, name="sheet"),
    path("learning/providers/<provider:provider>/onboarding/", onboarding.onboarding, name="onboarding"),
    path("learning/providers/<provider:provider>/sandbox/", sandboxes.sandbox, name="sandbox"),
    path("learning/providers/<provider:provider>/sandbox/date/", sandboxes.set_date, name="date_sandbox"),
    path("learning/providers/<provider:provider>/sandbox/empty/", sandboxes.empty, name="empty_sandbox"),
    path("learning/providers/<provider:provider>/sandbox/sample/", sandboxes.sample, name="sandbox_sample"),
    path("learning/unknown/<record:record>/", statements.name_unknown, name="name_unknown"),
    path("learning/namings/<naming:naming>/end/", records.unname, name="unname"),
    path("learning/rules/<statementrule:rule>/end/", statements.end_rule, name="end_rule"),
    path("learning/homes/<accounthome:home>/end/", statements.end_home, name="end_home"),
]
