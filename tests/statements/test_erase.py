"""What platforms said of somebody goes with them: by whom an agent was found to be, and by their mail."""

import hashlib
import io
from uuid import uuid4

import pytest
from django.db import transaction

from weineng.gateways.storage import store
from weineng.kernel.actors import platform
from weineng.organisations.models import Erasure, Person
from weineng.statements import attachments
from weineng.statements.actions import accept_statements, erase_from_statements
from weineng.statements.describing import lately
from weineng.statements.models import Agent, Attachment, Relation, Statement
from weineng.statements.queries import Asked, page_of

MAIL = "wang@example.com"
NAMED = {"mbox": f"mailto:{MAIL}", "name": "王老师"}
HASHED = {"mbox_sha1sum": hashlib.sha1(f"mailto:{MAIL}".encode()).hexdigest()}
ACCOUNT = {"account": {"homePage": "https://platform.example", "name": "T1"}}
OTHER = {"mbox": "mailto:li@example.com"}
FILE = b"what they wrote"


def said(actor, **more):
    return {"id": str(uuid4()), "actor": actor, "verb": {"id": "urn:x:did"}, "object": {"id": "urn:x:lesson"}, **more}


@pytest.fixture
def erased(world):
    """Somebody whose account was erased, and whose turn it is in this module."""
    person = Person.objects.get(pk=world.teacher.person)
    Person.objects.filter(pk=person.pk).update(mail=MAIL)
    return Erasure.objects.create(
        person=person, asked_by=1, asked_at="2026-03-01T00:00Z", expires_at="2026-04-01T00:00Z", state="confirmed", records=[person.pk],
        erased_by=["accounts", "learning"], reason="left", ended_at="2026-03-02T00:00Z",
    )  # fmt: skip


def test_statements_about_somebody_are_emptied_and_cannot_be_said_again(
    world, erased, django_capture_on_commit_callbacks
):
    lately.forget()
    file = attachments.take("qingyun", hashlib.sha256(FILE).hexdigest(), "text/plain", io.BytesIO(FILE))
    attached = {
        "usageType": "urn:x:u", "display": {"en": "x"}, "contentType": "text/plain", "length": 1, "sha2": hashlib.sha256(FILE).hexdigest(),
    }  # fmt: skip
    theirs = [
        said(NAMED, attachments=[attached]),
        said(HASHED),
        said(ACCOUNT),
        said(OTHER, context={"instructor": NAMED}),
    ]
    others = said(OTHER)
    files = {attached["sha2"]: file}
    accept_statements(by=world.provider, statements=[*theirs, others], new=True, files=files)
    Agent.objects.filter(identifier__startswith="account").update(person=world.teacher.person)
    kept = store().exists(file.digest)
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_from_statements(by=platform("erase")) == 1
    assert (kept, store().exists(file.digest), Attachment.objects.count(), Relation.objects.count()) == (
        True,
        False,
        0,
        0,
    )
    assert [*Agent.objects.values_list("identifier", flat=True)] == ["mbox mailto:li@example.com"]
    assert list(Statement.objects.filter(body="").values_list("actor", flat=True).order_by("seq"))[:3] == [None] * 3
    with transaction.atomic():
        accept_statements(by=world.provider, statements=[said(OTHER), theirs[1]], new=True)
    assert (Statement.objects.count(), Statement.objects.filter(body="").count()) == (6, 4)
    assert len(page_of(world.provider, Asked()).bodies) == 2
    assert erase_from_statements(by=platform("erase")) == 0
