"""/xapi/<version>/about: which versions are spoken here."""

from django.http import HttpResponse

from weineng.feeds.xapi.answers import json_answer
from weineng.feeds.xapi.calls import Call
from weineng.feeds.xapi.dialects import VERSIONS
from weineng.feeds.xapi.door import Verb, resource


def get_about(call: Call) -> HttpResponse:
    """The versions, oldest first."""
    return json_answer({"version": list(VERSIONS)})


about = resource({"GET": Verb(get_about, None)}, versioned=False)
