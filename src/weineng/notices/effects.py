"""Tell people, once, in the transaction of what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from weineng.audit.models import Line
from weineng.notices.events import EVENTS
from weineng.notices.models import Message
from weineng.notices.queries import unread_of_state


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


def forget_messages(*, cause: Line, people: Iterable[int] = (), about: Iterable[str] = ()) -> int:  # noqa: ARG001 (its line)
    """Delete what these people were told, and what anybody was told about these things; returns how many messages."""
    return Message.objects.filter(Q(person__in=list(people)) | Q(dedupe__in=list(about))).delete()[0]


@dataclass(frozen=True)
class Told:
    """One person of many and what differs for them: the params of their sentence, the thing it is about, where it leads."""

    person: int
    params: Mapping[str, Any]
    about: str
    link: str = ""  # '': that of all


def notify_each(*, cause: Line, event: str, told: Iterable[Told], link: str = "") -> int:
    """As `notify`, for many people of whom each is told of a thing of their own; returns how many were asked for."""
    if event not in EVENTS:
        raise KeyError(event)
    messages = [
        Message(
            person=one.person, event=event, params=dict(one.params), link=one.link or link, dedupe=one.about, at=cause.at
        )
        for one in told
        if one.person != cause.person
    ]  # fmt: skip
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


def tell_state(*, cause: Line, event: str, told: Iterable[Told], link: str = "") -> int:
    """Tell people (but who acted) how something stands with them that goes on changing (dossiers that wait), in one message
    for each of the things `about`: one not yet seen is brought up to date, one that was read or mailed is followed by a
    new one. Returns how many messages are new."""
    if event not in EVENTS:
        raise KeyError(event)
    wanted = {(one.person, one.about): one for one in told if one.person != cause.person}
    for key, message, mailed in unread_of_state(event, set(wanted)):
        if mailed:
            message.update(read_at=cause.at)
        elif one := wanted.pop(key, None):
            message.update(params=dict(one.params), link=one.link or link, at=cause.at)
        else:  # told to the other record of the same person
            message.delete()
    messages = [
        Message(
            person=one.person, event=event, params=dict(one.params), link=one.link or link, dedupe=f"{one.about}:{cause.pk}",
            at=cause.at,
        )
        for one in wanted.values()
    ]  # fmt: skip
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


def correct_state(*, cause: Line, event: str, told: Iterable[Told]) -> None:
    """What was told by `tell_state` and is not read yet says how it stands now, without being told again; where there is
    nothing left to tell (`params` empty) it is taken back, or counts as read if it was mailed."""
    left = {(one.person, one.about): dict(one.params) for one in told}
    for key, message, mailed in unread_of_state(event, set(left)):
        if params := left.pop(key, {}):  # of two records of one person, one is told
            message.update(params=params)
        elif mailed:
            message.update(read_at=cause.at)
        else:
            message.delete()


def seen(*, cause: Line, person: int, event: str, about: str) -> None:
    """Somebody is at what they were told of by `tell_state`: that message counts as read."""
    for _key, message, _mailed in unread_of_state(event, {(person, about)}):
        message.update(read_at=cause.at)
