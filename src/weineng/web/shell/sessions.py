"""Sessions in a table of our own, so that people see where they are signed in and end it there."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest

from weineng.accounts.models import BrowserSession
from weineng.kernel.addresses import client_address as address_of

SINCE, SEEN, AGENT = "since", "seen", "agent"  # seconds of the platform's clock, and the browser in short

_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg/", "Edge"), ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


_LOAD = "select session_data from accounts_browsersession where session_key = %s and expire_date > clock_timestamp()"


class SessionStore(DatabaseStore):
    """Django's database sessions, each row with its account beside it."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def load(self) -> dict[str, Any]:
        """As Django's, written out: read for every request, and composing it anew would cost more than asking."""
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, [self.session_key])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
        return self.decode(found[0]) if found else {}

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's own way to call it)
        """As Django's; but a database that is out of reach is an outage, and no session that was ended elsewhere."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, InterfaceError | OperationalError):
                raise error.__context__ from None
            raise

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        return BrowserSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # Django's own, not in its stubs
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            account_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            agent=data.get(AGENT, ""),
            started_at=_instant(data.get(SINCE)),
            seen_at=_instant(data.get(SEEN)),
        )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def agent_of(request: HttpRequest) -> str:
    """Browser and system in a few letters, e.g. `WeChat · Android`: what a person recognises on the list of sessions."""
    told = request.headers.get("User-Agent", "")
    found = (next((name for mark, name in marks if mark in told), "") for marks in (_BROWSERS, _SYSTEMS))
    return " · ".join(part for part in found if part)[:60]


def client_address(request: HttpRequest) -> str:
    """The address of the one who asks."""
    return address_of(request.META, settings.PROXIES)
