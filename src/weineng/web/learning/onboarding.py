"""A platform from its registration to the first day on which both books agree; and its sandbox, with what is right and wrong in it."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.accounts.permissions import MANAGE_KEYS
from weineng.kernel.sets import get_or_refuse
from weineng.learning.models import Provider
from weineng.learning.permissions import MANAGE_PROVIDERS
from weineng.learning.queries import OnboardingStep, onboarding_of, providers_within
from weineng.web.learning.statements import crumbs_of
from weineng.web.public.interface import DOCUMENT
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show

TITLES: Mapping[str, object] = {
    "registered": gettext_lazy("Registered"),
    "sandbox-key": gettext_lazy("A key of its sandbox"),
    "tried": gettext_lazy("Tried out in the sandbox"),
    "agreed": gettext_lazy("Agreed which statements are learning"),
    "key": gettext_lazy("A key in earnest"),
    "first-record": gettext_lazy("The first record"),
    "people": gettext_lazy("Everybody is recognised"),
    "reconciled": gettext_lazy("A first day on which both books agree"),
}
STATES: Mapping[str, tuple[str, object]] = {
    "done": ("done", gettext_lazy("done")), "doing": ("waiting", gettext_lazy("begun")), "open": ("open", gettext_lazy("to do")),
    "needless": ("closed", gettext_lazy("not needed so far")),
}  # fmt: skip


@page(MANAGE_PROVIDERS)
def onboarding(request: Asked, provider: int) -> HttpResponse:
    """What is done and what is next, step by step."""
    row = get_or_refuse(providers_within(request.actor), pk=provider)
    steps = onboarding_of(request.actor, row.pk)
    upcoming = next((step for step in steps if step.state in ("open", "doing")), None)
    keys = request.actor.holds(MANAGE_KEYS)
    shown = [
        {
            "code": step.code, "title": TITLES[step.code], "state": STATES[step.state], "facts": step.facts,
            "links": _links(step, row, keys=keys), "next": step is upcoming,
        }
        for step in steps
    ]  # fmt: skip
    context = {
        "provider": row, "steps": shown, "done": sum(step.state == "done" for step in steps),
        "all": sum(step.state != "needless" for step in steps),
        "upcoming": TITLES[upcoming.code] if upcoming else "", "document": DOCUMENT, "crumbs": crumbs_of(row, _("Onboarding")),
        "keys": keys,
    }  # fmt: skip
    return show(request, "learning/onboarding.html", context)


def _links(step: OnboardingStep, row: Provider, *, keys: bool) -> list[tuple[str, str]]:
    """Where a step is done, or looked at: text and address."""
    here = {"provider": row}
    issue = f"{reverse('account:issue_key')}?provider={row.code}" if keys else ""
    links = {
        "registered": [(_("Settings"), f"{reverse('learning:provider', kwargs=here)}#settings")],
        "sandbox-key": [(_("Issue a key of the sandbox"), f"{issue}&sandbox=1" if issue else "")],
        "tried": [(_("What is right and wrong in it"), reverse("learning:sandbox", kwargs=here))],
        "agreed": [(_("Statements"), reverse("learning:statements", kwargs=here))],
        "key": [(_("Issue a key"), issue)],
        "first-record": [
            (_("Deliveries"), reverse("learning:provider", kwargs=here)),
            (_("Bring in a sheet of hours"), reverse("imports:work", args=["hours"])),
        ],
        "people": [(_("Nobody knows yet"), reverse("learning:unknown", kwargs=here))],
        "reconciled": [
            (_("Books and account"), reverse("learning:account", kwargs=here)),
            (_("Bring in its books as a sheet"), reverse("learning:sheets", kwargs=here)),
        ],
    }  # fmt: skip
    return [(text, url) for text, url in links[step.code] if url]
