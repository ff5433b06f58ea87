"""A file of which no statement was written, since the server was killed in between, does not stay for ever."""

import hashlib
import io
from datetime import timedelta
from uuid import uuid4

import pytest

from weineng.gateways.storage import store
from weineng.kernel.actors import platform
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.statements import attachments
from weineng.statements.actions import accept_statements, drop_strays
from weineng.statements.models import Attachment, Stray

FIRST, SECOND = b"of a call that was killed", b"of one that was not"


def arrive(content):
    return attachments.take("qingyun", hashlib.sha256(content).hexdigest(), "text/plain", io.BytesIO(content))


def there(*files):
    return [store().exists(file.digest) for file in files]


def test_what_belongs_to_no_statement_goes_after_an_hour(world, set_clock):
    lost, kept = arrive(FIRST), arrive(SECOND)
    one = {
        "usageType": "urn:x:u", "display": {"en": "x"}, "contentType": "text/plain", "length": 1,
        "sha2": hashlib.sha256(SECOND).hexdigest(),
    }  # fmt: skip
    said = {
        "id": str(uuid4()),
        "actor": {"mbox": "mailto:a@b.example"},
        "verb": {"id": "urn:x:v"},
        "object": {"id": "urn:x:o"},
    }
    accept_statements(
        by=world.provider, statements=[said | {"attachments": [one]}], new=True, files={one["sha2"]: kept}
    )
    assert (Attachment.objects.count(), Stray.objects.count()) == (1, 1)
    assert (drop_strays(by=platform("keep")), there(lost, kept)) == (0, [True, True])
    set_clock(now() + timedelta(minutes=61))
    assert (drop_strays(by=platform("keep")), there(lost, kept), Stray.objects.count()) == (1, [False, True], 0)
    assert (drop_strays(by=platform("keep")), there(kept)) == (0, [True])
    with pytest.raises(Refused) as refused:
        drop_strays(by=world.office.actor)
    assert refused.value.code == "platform-only"


def test_a_file_that_was_just_dropped_is_sent_again(world):
    file = arrive(FIRST)
    attachments.drop([file.digest])
    with pytest.raises(Refused) as refused:
        attachments.hold([file])
    assert refused.value.code == "unavailable"
    assert there(arrive(FIRST)) == [True]
