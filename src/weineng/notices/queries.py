"""A person's messages, with their sentences in the reader's language."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import get_language

from weineng.kernel.actors import Actor
from weineng.kernel.clock import CIVIL
from weineng.kernel.words import word_for
from weineng.notices.events import EVENTS
from weineng.notices.models import Message


@dataclass(frozen=True)
class Told:
    """One message as it is shown: `text` in the language in force when it is read."""

    id: int
    event: str
    text: str
    link: str
    at: datetime
    unread: bool


def own_messages(by: Actor) -> QuerySet[Message]:
    """The messages of the person who acts, under every record of theirs, newest first; nobody reads another's, not even
    for them."""
    return Message.objects.of(by.person if by.person is not None else -1).order_by("-at", "-pk")


# Read for every page: written out, since composing it anew would cost more than asking.
_UNREAD = """
select count(*) from notices_message
where read_at is null and person in (select id from organisations_person where coalesce(merged_into_id, id) = %s)
"""


def unread_count(by: Actor) -> int:
    """The number on the bell."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [by.person])
        return int(cursor.fetchone()[0])


def told(message: Message) -> Told:
    """A message with its sentence; a place whose parameter is missing stays visible as its name."""
    event = EVENTS.get(message.event)
    text = str(event.text) % _Forgiving(message.params) if event else message.event
    return Told(
        message.pk,
        message.event,
        text,
        message.link,
        message.at,
        message.read_at is None,
    )


class _Forgiving(dict[str, object]):
    """Texts in three languages are shown in the reader's, days and instants as the reader writes them."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        if isinstance(value, dict):
            return word_for(value, get_language() or "")
        return _when(value) if isinstance(value, str) and _ISO.fullmatch(value) else value

    def __missing__(self, key: str) -> str:
        return f"⟨{key}⟩"


_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")


def _when(text: str) -> str:
    try:
        if "T" in text:
            at = datetime.fromisoformat(text).astimezone(CIVIL)
            return f"{_day(at)} {at:%H:%M}"
        return _day(date.fromisoformat(text))
    except ValueError:  # not a day after all
        return text


def _day(on: date) -> str:
    return date_format(on, "j F Y" if get_language() == "en" else "DATE_FORMAT")


def told_already(event: str, about: str) -> QuerySet[Message, int]:
    """The ids of the people who were told of this event of this thing."""
    return Message.objects.filter(event=event, dedupe=about).values_list("person", flat=True)


def unread_of_state(
    event: str, concerned: Collection[tuple[int, str]]
) -> list[tuple[tuple[int, str], QuerySet[Message], bool]]:
    """The unread messages of an event that is told again as it goes on, locked, to these people in force about these things:
    (person, thing), the message, whether it was mailed. Of two records that turned out to be one person both may have one:
    that of the person in force comes first."""
    if not concerned:
        return []
    rows = Message.objects.to_readers({person for person, _thing in concerned}).filter(
        event=event, read_at__isnull=True
    )
    found = [(row, (row.reader, row.thing)) for row in rows.order_by("pk").select_for_update(of=("self",))]
    found.sort(key=lambda pair: pair[0].person != pair[0].reader)
    return [
        (key, Message.objects.filter(pk=row.pk), row.mailed_at is not None) for row, key in found if key in concerned
    ]
