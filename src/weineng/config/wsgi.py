"""What the web server runs."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")

UNREADABLE = "application/octet-stream"


class Request(WSGIRequest):
    """A request whose Content-Type nobody can read is one of bytes: its view says that it wants something else."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # Django's own
        except (LookupError, TypeError, ValueError):  # an encoding that does not exist, or does not fit (RFC 2231)
            meta["CONTENT_TYPE"] = UNREADABLE
            super()._set_content_type_params(meta)  # type: ignore[misc]


class Handler(WSGIHandler):
    """Django's, with these requests."""

    request_class = Request


django.setup(set_prefix=False)
application = Handler()
len(get_resolver().url_patterns)  # every door is read in now: not while the first visitor of this process waits
