"""Addresses of the Experience API, below /xapi/: each resource once in each version, with or without a slash at its end."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, re_path

from weineng.feeds.xapi.about import about
from weineng.feeds.xapi.dialects import DIALECTS
from weineng.feeds.xapi.documents import activity_profile, agent_profile, state
from weineng.feeds.xapi.door import View, nothing
from weineng.feeds.xapi.known import activities, agents
from weineng.feeds.xapi.statements import more, statements

RESOURCES: tuple[tuple[str, str, View], ...] = (
    ("about", "about", about),
    ("statements", "statements", statements),
    ("more", r"statements/more/(?P<word>[\w:.=-]+)", more),
    ("state", "activities/state", state),
    ("agent-profile", "agents/profile", agent_profile),
    ("activity-profile", "activities/profile", activity_profile),
    ("agents", "agents", agents),
    ("activities", "activities", activities),
)


def _addresses() -> Iterator[URLPattern]:
    for dialect in DIALECTS:
        base = dialect.path.replace(".", r"\.")
        for name, path, view in RESOURCES:
            yield re_path(rf"^{base}/{path}/?$", view, {"dialect": dialect}, name=f"xapi-{dialect.path}-{name}")
        yield re_path(rf"^{base}(?:/|$)", nothing, {"dialect": dialect}, name=f"xapi-{dialect.path}-nothing")


urlpatterns: list[URLPattern | URLResolver] = list(_addresses())
