"""Write lines into the log, in the transaction of the act they tell of."""

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.fernet import Fernet
from django.db.models import Model
from django.utils.translation import gettext_lazy

from weineng.audit.models import Line, PersonKey, Unsealed
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import now
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import copy_objects


def record(
    *,
    by: Actor,
    verb: str,
    thing: Model | None = None,
    facts: Mapping[str, Any] | None = None,
    subject: int | None = None,
    unit: int | None = None,
    personal: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Line:
    """Write one line. `verb` is `module.verb`; `facts` must hold no personal values (those go into `personal`, which is
    stored under the key of `subject`); returns the line, the `cause` that effects take.

    Refuses `text-too-long` for a reason that the log has no room for: it is never cut."""
    refuse_long(Line, reason=reason)
    cipher, digest = seal_personal(subject, personal) if personal and subject is not None else (None, "")
    line = Line.objects.create(
        at=now(),
        person=by.person,
        on_behalf_of=by.on_behalf_of,
        grant=_grant(by, verb),
        door=by.door,
        verb=verb,
        thing_type=thing._meta.label_lower if thing is not None else "",
        thing=thing.pk if thing is not None else None,
        subject=subject,
        unit=unit,
        facts=dict(facts or {}),
        personal_cipher=cipher,
        personal_digest=digest,
        reason=reason,
    )
    Unsealed.objects.create(line=line.pk)
    return line


def record_each(
    *,
    by: Actor,
    verb: str,
    things: Iterable[Model],
    facts: Mapping[str, Any] | None = None,
    subject_field: str = "",
    reason: str = "",
) -> list[Line]:
    """One line per thing, in one statement; `subject_field` names the attribute that holds the person's id.

    Refuses `text-too-long` for the reason."""
    refuse_long(Line, reason=reason)
    at = now()
    lines = [
        Line(
            at=at, person=by.person, on_behalf_of=by.on_behalf_of, grant=_grant(by, verb), door=by.door, verb=verb,
            thing_type=thing._meta.label_lower, thing=thing.pk, subject=getattr(thing, subject_field) if subject_field else None,
            facts=dict(facts or {}), reason=reason,
        )
        for thing in things
    ]  # fmt: skip
    copy_objects(lines)
    Unsealed.objects.bulk_create(Unsealed(line=line.pk) for line in lines)
    return lines


def seal_personal(subject: int, personal: Mapping[str, Any]) -> tuple[bytes, str]:
    """Encrypt personal values under the person's key; returns (cipher, keyed digest of the plain text)."""
    plain = json.dumps(personal, ensure_ascii=False, sort_keys=True, default=str).encode()
    key = personal_key(subject)
    return Fernet(key).encrypt(plain), hmac.digest(key, plain, "sha256").hex()


def personal_key(subject: int) -> bytes:
    """The person's own key, made on first use; refuses `person-erased` once it was destroyed."""
    row, _ = PersonKey.objects.get_or_create(person=subject, defaults={"key_cipher": encrypt(Fernet.generate_key())})
    if row.key_cipher is None:
        raise Refused("person-erased", gettext_lazy("This person's data has been erased."))
    return decrypt(row.key_cipher)


def _grant(by: Actor, verb: str) -> int | None:
    module = verb.split(".")[0]
    grants = {grant for code, nodes in by.nodes.items() if code.split(".")[0] == module for grant in nodes.values()}
    return min(grants) if len(grants) == 1 else None
