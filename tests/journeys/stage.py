"""The demonstration's stage in a test: its visitors call the platform in this process."""

from datetime import datetime
from functools import cache
from types import SimpleNamespace

import httpx
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from tests.settling import run_once
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.kernel.clock import CIVIL
from weineng.ops.demo.cast import NINE_YEAR
from weineng.ops.demo.visitor import Visitor


class Stage:
    """The demonstration's stage in a test: visitors are signed in already and call the platform in this process."""

    def __init__(self, world, set_clock):
        self.world, self.set_clock, self.visitors = world, set_clock, {}

    def as_(self, name, role=""):
        if (name, role) not in self.visitors:
            member = next(one for one in self.world.everybody if one.name == name)
            post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
            visitor = Visitor("http://testserver", name, name)
            visitor.http = http_client()
            cookie = client_of(member, post).cookies[settings.SESSION_COOKIE_NAME].value
            visitor.http.cookies.set(settings.SESSION_COOKIE_NAME, cookie, domain="testserver.local")
            self.visitors[name, role] = visitor
        return self.visitors[name, role]

    def forward(self, text):
        self.visitors.clear()
        self.set_clock(datetime.fromisoformat(text).replace(tzinfo=CIVIL))

    def settle(self):
        run_once()


platform = cache(WSGIHandler)


def http_client():
    transport = httpx.WSGITransport(app=platform())
    return httpx.Client(transport=transport, base_url="http://testserver", follow_redirects=True)


def cast(member, place):
    """Somebody of the world as the demonstration's scenes know people."""
    return SimpleNamespace(name=member.name, school=NINE_YEAR, stage="初中", subject="数学", place=place)
