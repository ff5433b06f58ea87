"""All addresses: each door brings its own."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from weineng.progress.queries import rounds, waiting_for_recount


def health(request: HttpRequest) -> HttpResponse:
    """Plain text for load balancers: 200 `ok` when the database answers, else 503; then how far the worker has come:
    everything that was known at `settled` has been counted, `waiting` enrolments wait for their recount."""
    try:
        settle, waiting = rounds().get("settle"), waiting_for_recount()
    except Exception as error:  # noqa: BLE001 (whatever is wrong, the answer is: not healthy)
        return HttpResponse(f"database: {type(error).__name__}\n", status=503, content_type="text/plain")
    settled = settle.up_to.isoformat() if settle and settle.up_to else "never"
    says = f"ok\ndatabase: ok\nsettled: {settled}\nwaiting: {waiting.count}\n"
    return HttpResponse(says, content_type="text/plain")


health.public = True  # type: ignore[attr-defined]  # read by the test that walks all addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("api/", include("weineng.rest.urls")),
    path("feeds/", include("weineng.feeds.urls")),
    path("xapi/", include("weineng.feeds.xapi.urls")),
    path("", include("weineng.web.urls")),
]

handler400 = "weineng.web.shell.answers.bad_request"
handler403 = "weineng.web.shell.answers.forbidden"
handler404 = "weineng.web.shell.answers.not_found"
handler500 = "weineng.web.shell.answers.broken"
