"""Read one's messages; send the digests."""

from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.gateways.mail import mail_configured, send_mails
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.notices.events import EVENTS
from weineng.notices.models import Message
from weineng.notices.queries import own_messages, told

DIGEST_AFTER = timedelta(hours=20)  # a person gets at most one digest a day; urgent events go at once
URGENT = tuple(code for code, event in EVENTS.items() if event.urgent)
BATCH = 200


@transaction.atomic
def read_messages(*, by: Actor, messages: list[int] | None = None) -> int:
    """Mark one's own messages as read (None: all); returns how many were unread. Others' are not touched."""
    mine = own_messages(by).filter(read_at__isnull=True)
    if messages is not None:
        mine = mine.filter(pk__in=messages)
    count = mine.update(read_at=now())
    if count:
        record(by=by, verb="notices.read", subject=by.person, facts={"count": count})
    return count


@transaction.atomic
def send_due(*, by: Actor) -> int:
    """Mail what waits: urgent events at once, the rest as one digest a day, each message once; returns messages mailed.

    Sends nothing where mail is not configured. Refuses `platform-only`.
    """
    if not by.system:
        raise Refused("platform-only", _("Only the platform itself does this."))
    if not mail_configured():
        return 0
    due = _due_messages()
    if not due:
        return 0
    mails = []
    for (address, language), mine in groupby(due, key=lambda row: (row[1], row[2])):
        mails.append(
            (
                address,
                *_digest([message for message, _address, _language in mine], language),
            )
        )
    send_mails(mails)
    sent = Message.objects.filter(pk__in=[message.pk for message, _address, _language in due]).update(mailed_at=now())
    record(by=by, verb="notices.mail", facts={"messages": sent, "mails": len(mails)})
    return sent


def _due_messages() -> list[tuple[Message, str, str]]:
    """Unread, unmailed messages of people with an address: urgent ones, and all of those whose last digest is old. Two
    records that were made one are one reader, at the address of the one in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.id, p.mail, coalesce(a.language, %s)
              from notices_message m
              join organisations_person r on r.id = m.person
              join organisations_person p on p.id = coalesce(r.merged_into_id, r.id) and p.mail <> ''
              left join lateral (
                   select c.language from accounts_account c join organisations_person o on o.id = c.person_id
                    where coalesce(o.merged_into_id, o.id) = p.id order by c.is_active desc, c.id limit 1) a on true
             where m.read_at is null and m.mailed_at is null
               and (m.event = any(%s) or not exists (
                     select from notices_message e join organisations_person o on o.id = e.person
                      where coalesce(o.merged_into_id, o.id) = p.id and e.mailed_at > %s))
             order by p.mail, 3, m.id limit %s for update of m skip locked
            """,
            [settings.LANGUAGE_CODE, list(URGENT), now() - DIGEST_AFTER, BATCH],
        )
        rows = cursor.fetchall()
    messages = Message.objects.in_bulk([row[0] for row in rows])
    return [(messages[pk], address, language) for pk, address, language in rows]


def _digest(messages: list[Message], language: str) -> tuple[str, str]:
    """Subject and text of one mail in the reader's language."""
    with translation.override(language):
        lines = [f"• {told(message).text}\n  {settings.SITE}{message.link}" for message in messages]
        subject = say("Weineng: %(count)s messages") % {"count": len(messages)}
        closing = say("You receive this because you take part in a programme. Sign in to read everything.")
    return subject, "\n".join([*lines, "", closing])
