"""Addresses of the Experience API, below /xapi/: each resource once in each version, with or without a slash at its end."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, re_path

from weineng.feeds.xapi.about import about
from weineng.feeds.xapi.dialects import DIALECTS
from weineng.feeds.xapi.documents import activity_profile, agent_profile, state
from weineng.feeds.xapi.door import View, nothing
from weineng.feeds.xapi.known import activities, agents
from weineng.feeds.xapi.promises import Resources, promised
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


# As the documents name them: a page is reached by the address that another one gives.
PROMISES: Resources = tuple(
    (name, "statements/more/{word}" if name == "more" else path, view.verbs)  # type: ignore[attr-defined]  # set by the door
    for name, path, view in RESOURCES
)


def _addresses() -> Iterator[URLPattern]:
    for dialect in DIALECTS:
        base = dialect.path.replace(".", r"\.")
        for name, path, view in RESOURCES:
            yield re_path(rf"^{base}/{path}/?$", view, {"dialect": dialect}, name=f"xapi-{dialect.path}-{name}")
        yield re_path(
            rf"^{base}/openapi\.json$", promised(PROMISES), {"dialect": dialect}, name=f"xapi-{dialect.path}-openapi"
        )
        yield re_path(rf"^{base}(?:/|$)", nothing, {"dialect": dialect}, name=f"xapi-{dialect.path}-nothing")


urlpatterns: list[URLPattern | URLResolver] = list(_addresses())
