"""All addresses: each door brings its own."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def health(request: HttpRequest) -> HttpResponse:
    """Plain text for load balancers: 200 `ok` when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Exception as error:  # noqa: BLE001 (whatever is wrong, the answer is: not healthy)
        return HttpResponse(f"database: {type(error).__name__}\n", status=503, content_type="text/plain")
    return HttpResponse("ok\ndatabase: ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("api/", include("weineng.rest.urls")),
    path("feeds/", include("weineng.feeds.urls")),
    path("", include("weineng.web.urls")),
]

handler400 = "weineng.web.shell.answers.bad_request"
handler403 = "weineng.web.shell.answers.forbidden"
handler404 = "weineng.web.shell.answers.not_found"
handler500 = "weineng.web.shell.answers.broken"
