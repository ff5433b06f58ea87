"""Addresses of the API."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path

from weineng.kernel.refusals import NotFound
from weineng.rest.api import api, refused
from weineng.rest.tokens import token
from weineng.rest.v1 import certificates, changes, programmes, units

api.add_router("/certificates", certificates.router)
api.add_router("/providers", changes.router)
api.add_router("/programmes", programmes.router)
api.add_router("/units", units.router)


def nowhere(request: HttpRequest) -> HttpResponse:
    """What is no address of the API, said as the API says everything."""
    return refused(request, NotFound())


nowhere.public = True  # type: ignore[attr-defined]  # read by the test that walks all addresses
nowhere.csrf_exempt = True  # type: ignore[attr-defined]  # it does nothing, whoever asks

urlpatterns: list[URLPattern | URLResolver] = [
    path("oauth/token", token, name="api-token"),
    re_path(r"^v1/?$", nowhere, name="root"),
    path("v1/", api.urls),
    re_path(r"^v[0-9]+(?:/|$)", nowhere, name="nowhere"),
]
