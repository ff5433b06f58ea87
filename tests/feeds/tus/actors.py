"""Stands in for the shell's middleware while tests speak to this door alone."""

from tests.world import actor_of
from weineng.kernel.actors import Actor


class Actors:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        request.actor = actor_of(user.person_id, "feeds") if user.is_authenticated else Actor(door="feeds")
        return self.get_response(request)
