"""A request as this door sees it: with the one who acts (set by the middleware of the settings)."""

from django.http import HttpRequest

from weineng.kernel.actors import Actor


class ActingRequest(HttpRequest):
    """`actor.person` is None where nobody is signed in."""

    actor: Actor
