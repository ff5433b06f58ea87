"""The five to seven places of each role in the navigation, and each role's home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weineng.kernel.actors import Permission
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import fixed

MOST = 7  # so many stand at the side; of more, the last ones are counted there and listed on a page


@dataclass(frozen=True)
class Place:
    """A place in the navigation.

    Shown when one of `roles` is the present one (empty: any) and one of `permissions` is held (empty: any signed-in
    person). `icon` is a name in icons.svg; `short` (at most four characters in Chinese) is its word in the phone's bar.
    """

    title: object
    url: str  # a URL name without arguments: "teacher:home"
    icon: str = "dot"
    short: object = ""
    permissions: tuple[Permission, ...] = ()
    roles: frozenset[str] = field(default_factory=frozenset)
    order: int = 50
    also: tuple[str, ...] = ()  # other beginnings of addresses that belong to the place

    @property
    def address(self) -> str:
        return fixed(self.url)


_places: list[Place] = []
_homes: dict[str, str] = {}


def collect(found: Iterable[Place], homes: Mapping[str, str]) -> None:
    """Take an area's places and homes in (called once for each area, when the addresses are read)."""
    _places.extend(place for place in found if place not in _places)
    _homes.update(homes)


def role_of(request: Asked) -> str:
    """The role in which a person acts at the moment; `teacher` when they act for themselves, '' signed out."""
    if request.actor.person is None:
        return ""
    return request.post.role.code if request.post else "teacher"


def places_for(request: Asked) -> list[Place]:
    """The places of the present role that lead somewhere."""
    role, actor = role_of(request), request.actor
    if not role:
        return []
    return [
        place
        for place in sorted(_places, key=lambda place: place.order)
        if (not place.roles or role in place.roles)
        and (not place.permissions or any(actor.holds(permission) for permission in place.permissions))
    ]


def home_for(request: Asked) -> str:
    """The address a person lands on: the home of their role, else their first place, else the landing page."""
    role = role_of(request)
    if role in _homes:
        return fixed(_homes[role])
    first = next(iter(places_for(request)), None)
    return first.address if first else fixed("public:landing")
