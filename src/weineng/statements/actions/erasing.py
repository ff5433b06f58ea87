"""Erase what is personal in statements (a step of the worker)."""

from collections.abc import Collection
from hashlib import sha1

from django.db import transaction

from weineng.audit.effects import record_each
from weineng.kernel.actors import Actor
from weineng.kernel.sets import empty_fields
from weineng.organisations.effects import read_erasures
from weineng.organisations.models import Person
from weineng.organisations.queries import records_of
from weineng.organisations.reach import require_platform
from weineng.statements.attachments import drop
from weineng.statements.models import ERASED, Agent, Attachment, Document, Relation, Source, Statement
from weineng.statements.rules.keys import identity, key_of


@transaction.atomic
def erase_from_statements(*, by: Actor) -> int:
    """Empty the statements about people whose erasure was confirmed, and what names them, and delete the documents about them;
    that something was said then stays, so that it cannot be said again. People are known by whom an agent was found to be when the
    module above erased them, and by their mail. Returns how many people. Refuses `platform-only`."""
    require_platform(by)
    erasures = read_erasures(reader="statements")
    people = records_of(erasures)
    named = Agent.objects.filter(person__in=people) | Agent.objects.filter(key__in=_keys_of_mails(people))
    keys = sorted(named.values_list("key", flat=True))
    about = set(Statement.objects.filter(actor__in=keys).values_list("seq", flat=True))
    rows = named.order_by("key").values_list("source", "identifier")
    around = [key_of(source, "related", text) for source, text in rows]
    about |= set(Relation.objects.filter(key__in=around).values_list("statement", flat=True))
    empty_fields(Statement.objects.filter(pk__in=sorted(about)))
    Statement.objects.filter(pk__in=sorted(about)).update(digest=ERASED, actor=None)
    files = list(Attachment.objects.filter(statement__in=sorted(about)).order_by().values_list("digest", flat=True))
    for left in (Relation, Attachment):
        left.objects.filter(statement__in=sorted(about)).delete()
    Document.objects.filter(agent__in=keys).delete()
    Agent.objects.filter(key__in=keys).delete()  # the key as well: whoever has the rest could try addresses out
    transaction.on_commit(lambda: drop(files))
    record_each(by=by, verb="statements.erase_person", things=erasures, subject_field="person_id")
    return len(erasures)


def _keys_of_mails(people: Collection[int]) -> list[int]:
    """Under which keys these people are known where they are named by their mail, or by its hash."""
    mails = list(Person.objects.filter(pk__in=people).exclude(mail="").order_by("pk").values_list("mail", flat=True))
    texts = [identity({"mbox": f"mailto:{mail}"}) for mail in mails]
    texts += [
        identity({"mbox_sha1sum": sha1(f"mailto:{mail}".encode(), usedforsecurity=False).hexdigest()}) for mail in mails
    ]
    sources = Source.objects.order_by("pk").values_list("pk", flat=True)
    return [key_of(source, "agent", text) for source in sources for text in texts]
