"""/xapi/<version>/agents and /activities: what is known of an agent, and of an activity."""

from django.http import HttpResponse

from weineng.feeds.xapi import parameters
from weineng.feeds.xapi.answers import json_answer, tagged
from weineng.feeds.xapi.calls import Call, wanted
from weineng.feeds.xapi.door import Verb, resource
from weineng.statements.permissions import READ
from weineng.statements.queries import described_activity, person_of_agent


def get_person(call: Call) -> HttpResponse:
    """The Person object of an agent, also of one of whom nothing is known."""
    wanted(call, "agent")
    return tagged(call, json_answer(person_of_agent(call.by, parameters.single_agent(call.params, "agent"))))


def get_activity(call: Call) -> HttpResponse:
    """The Activity object of an IRI, also of one that nobody described."""
    wanted(call, "activityId")
    return tagged(call, json_answer(described_activity(call.by, parameters.iri(call.params, "activityId"))))


agents = resource({"GET": Verb(get_person, READ, frozenset({"agent"}))})
activities = resource({"GET": Verb(get_activity, READ, frozenset({"activityId"}))})
