"""Tell people, once, in the transaction of what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from weineng.audit.models import Line
from weineng.notices.events import EVENTS
from weineng.notices.models import Message


def notify(
    *,
    cause: Line,
    event: str,
    people: Iterable[int],
    params: Mapping[str, Any] | None = None,
    link: str = "",
    about: str = "",
) -> int:
    """Tell each of `people` (person ids) of `event`, once for the thing `about` (default: the thing of the cause).

    `event` is a key of `EVENTS`; `params` fill its sentence; `link` is a path of the product. The one who acted is not
    told of their own act. Returns how many were told now.
    """
    if event not in EVENTS:
        raise KeyError(event)
    dedupe = about or f"{cause.thing_type}:{cause.thing}:{cause.pk}"
    messages = [
        Message(person=person, event=event, params=dict(params or {}), link=link, dedupe=dedupe, at=cause.at)
        for person in set(people) - {cause.person}
    ]
    before = Message.objects.filter(event=event, dedupe=dedupe).count()
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return Message.objects.filter(event=event, dedupe=dedupe).count() - before


@dataclass(frozen=True)
class Told:
    """One person of many and what differs for them: the params of their sentence and the thing it is about."""

    person: int
    params: Mapping[str, Any]
    about: str


def notify_each(*, cause: Line, event: str, told: Iterable[Told], link: str = "") -> int:
    """As `notify`, for many people of whom each is told of a thing of their own; returns how many were asked for."""
    if event not in EVENTS:
        raise KeyError(event)
    messages = [
        Message(person=one.person, event=event, params=dict(one.params), link=link, dedupe=one.about, at=cause.at)
        for one in told
        if one.person != cause.person
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)
