"""What no view sees: a request is answered whatever its headers say."""

import io

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from weineng.config.wsgi import application

TYPES = (
    "text/plain; charset*=nope''x", "multipart/mixed; boundary*=x'y'%ff",
    "multipart/mixed; boundary*0=a; boundary*1=b; boundary*=x'y'%ff", "application/json; charset=\xff", ";;;=", "multipart/mixed",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_connection(db):
    """The test's transaction stays open over a request, as with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answer(method, path, kind, body=b"{}"):
    given = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
        "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", "HTTP_X_EXPERIENCE_API_VERSION": "2.0.0",
    }  # fmt: skip
    told = []
    whole = b"".join(application(given, lambda status, headers: told.append(status)))
    return int(told[0].split()[0]), whole


@pytest.mark.parametrize("kind", TYPES)
def test_a_content_type_that_nobody_can_read_breaks_no_door(kind):
    assert answer("GET", "/sign-in/", kind, b"")[0] == 200
    assert answer("GET", "/api/v1/certificates/x", kind, b"")[0] == 404
    assert answer("GET", "/xapi/2.0/about", kind, b"")[0] == 200
    assert answer("POST", "/api/oauth/token", kind)[0] in (400, 401, 415)
    assert answer("POST", "/xapi/2.0/statements", kind)[0] == 401
