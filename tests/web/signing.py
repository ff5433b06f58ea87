"""A browser that is signed in as one of the cast, without walking through the sign-in page."""

from django.conf import settings
from django.test import Client

from weineng.accounts.models import Account
from weineng.web.shell.actors import FACTOR


def client_of(member, post=""):
    """A test client signed in as a member of the cast, second factor passed, acting in `post` (`grant:12`)."""
    client = Client()
    client.force_login(Account.objects.get(pk=member.account))
    session = client.session
    session[FACTOR] = "totp"
    session["post"] = post
    session.save()
    return client


def signed_in(context, live_server, member, post=""):
    """Put that session into a browser's context."""
    cookie = client_of(member, post).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
