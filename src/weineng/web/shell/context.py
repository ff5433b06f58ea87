"""What the frame around every page needs to know."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.urls import NoReverseMatch
from django.utils.translation import get_language, override

from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.notices.queries import unread_count
from weineng.programmes.models import Programme
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import fixed
from weineng.web.shell.places import MOST, Place, home_for, places_for
from weineng.web.shell.programmes import more_programmes, programme_of, programmes_for

THEMES = ("auto", "light", "dark")
SCRIPTS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}


@dataclass(frozen=True)
class Entry:
    """A place as shown: `here` when the page belongs to it."""

    place: Place
    address: str
    here: bool


class Shell:
    """The frame: computed when the template asks, so that fragments and public pages cost nothing."""

    def __init__(self, request: Asked) -> None:
        self.request = request

    @cached_property
    def actor(self) -> Actor:
        """Anonymous where even the middleware did not run (errors before it)."""
        return getattr(self.request, "actor", Actor(door="web"))

    @property
    def signed_in(self) -> bool:
        return self.actor.person is not None

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def lang(self) -> str:
        """For the `lang` attribute: with the script, which decides the shapes of characters."""
        return SCRIPTS.get(self.language, self.language)

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """(code, name in that language itself, lang attribute)."""
        return [(code, _in_itself(code, name), SCRIPTS[code]) for code, name in settings.LANGUAGES]

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("weineng_theme", "auto")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def entries(self) -> list[Entry]:
        """The places, the one with the longest matching address marked."""
        places = [(place, place.address) for place in places_for(self.request)] if self.signed_in else []
        path = self.request.path
        fitting = [(len(a), url) for place, url in places for a in (url, *place.also) if path.startswith(a)]
        here = max(fitting, default=(0, ""))[1]
        return [Entry(place, address, address == here) for place, address in places]

    @property
    def side(self) -> list[Entry]:
        """The places at the side: all, or as many as leave room for the way to the others."""
        return self.entries if len(self.entries) <= MOST else self.entries[: MOST - 1]

    @property
    def beyond(self) -> list[Entry]:
        """Those that have no room there."""
        return self.entries[len(self.side) :]

    @property
    def is_beyond(self) -> bool:
        """Whether the present page belongs to one of them."""
        return any(entry.here for entry in self.beyond)

    @property
    def bar(self) -> list[Entry]:
        """The phone's bar: all four, or three and the way to the rest."""
        return self.entries if len(self.entries) <= 4 else self.entries[:3]

    @property
    def rest(self) -> list[Entry]:
        return [] if len(self.entries) <= 4 else self.entries[3:]

    @property
    def in_rest(self) -> bool:
        """Whether the present page belongs to the places behind the phone's fourth."""
        return self.request.path == fixed("shell:more") or any(entry.here for entry in self.rest)

    @cached_property
    def home(self) -> str:
        return home_for(self.request) if self.signed_in else "/"

    @cached_property
    def unread(self) -> int:
        return unread_count(self.actor)

    @cached_property
    def programmes(self) -> list[Programme]:
        return programmes_for(self.request)

    @property
    def more_programmes(self) -> bool:
        return more_programmes(self.request)

    @cached_property
    def programme(self) -> Programme | None:
        return programme_of(self.request)

    @property
    def posts(self) -> tuple:
        return getattr(self.request, "posts", ())

    @property
    def post(self) -> object:
        return getattr(self.request, "post", None)

    @property
    def person_name(self) -> str:
        return getattr(self.request, "person_name", "")

    @property
    def path(self) -> str:
        return self.request.get_full_path()

    @property
    def demo(self) -> bool:
        return settings.DEMO

    @cached_property
    def now(self):
        return now()

    @cached_property
    def links(self) -> dict[str, str]:
        """Addresses of other areas the frame leads to, '' where an area does not exist."""
        return {word: address for word, name in LINKS.items() for address in _address(name)}


LINKS = {
    "sign_in": "account:sign_in",
    "sign_out": "account:sign_out",
    "settings": "account:settings",
    "verify": "public:verify",
    "standard": "public:standards",
    "more": "shell:more",
    "messages": "shell:messages",
    "programme": "shell:programme",
    "post": "shell:post",
    "preferences": "shell:preferences",
    "edition": "public:edition",
    "privacy": "public:privacy",
    "accessibility": "public:accessibility",
    "api": "public:api",
}


def _in_itself(code: str, name: object) -> str:
    with override(code):
        return str(name)


def _address(name: str) -> Iterator[str]:
    try:
        yield fixed(name)
    except NoReverseMatch:
        yield ""


def shell(request: Asked) -> dict[str, Shell]:
    """The context processor: `{{ shell.… }}`."""
    return {"shell": Shell(request)}
