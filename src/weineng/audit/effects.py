"""Write lines into the log, in the transaction of the act they tell of."""

import hmac
import json
from collections.abc import Iterable, Mapping, Set
from typing import Any

from cryptography.fernet import Fernet
from django.db.models import Model
from django.utils.translation import gettext_lazy

from weineng.audit.models import REASON, Line, PersonKey, Unsealed
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
    stored under the key of `subject`, and so is the reason); returns the line, the `cause` that effects take.

    Refuses `text-too-long` for a reason that the log has no room for: it is never cut."""
    refuse_long(Line, reason=reason)
    cipher, digest, plain = _sealed(subject, dict(personal or {}), reason)
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
        facts=_facts(by, facts),
        personal_cipher=cipher,
        personal_digest=digest,
        reason=plain,
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
    subjects = [(thing, getattr(thing, subject_field) if subject_field else None) for thing in things]
    keys = personal_keys({subject for _, subject in subjects if subject is not None}) if reason else {}
    lines = []
    for thing, subject in subjects:
        key = keys.get(subject) if subject is not None else None
        cipher, digest = _under(key, {REASON: reason}) if key else (None, "")
        lines.append(Line(
            at=at, person=by.person, on_behalf_of=by.on_behalf_of, grant=_grant(by, verb), door=by.door, verb=verb,
            thing_type=thing._meta.label_lower, thing=thing.pk, subject=subject, facts=_facts(by, facts),
            personal_cipher=cipher, personal_digest=digest, reason=reason if subject is None else "",
        ))  # fmt: skip
    copy_objects(lines)
    Unsealed.objects.bulk_create(Unsealed(line=line.pk) for line in lines)
    return lines


def _sealed(subject: int | None, personal: dict[str, Any], reason: str) -> tuple[bytes | None, str, str]:
    """Cipher and digest of what is personal in a line, and what of the reason stands in plain: it is about a person, so it
    must be possible to erase it with them. Of somebody erased none is kept."""
    if subject is None:
        return None, "", reason
    if reason and (personal or personal_keys({subject})[subject] is not None):
        personal[REASON] = reason
    return (*seal_personal(subject, personal), "") if personal else (None, "", "")


def seal_personal(subject: int, personal: Mapping[str, Any]) -> tuple[bytes, str]:
    """Encrypt personal values under the person's key; returns (cipher, keyed digest of the plain text)."""
    return _under(personal_key(subject), personal)


def _under(key: bytes, personal: Mapping[str, Any]) -> tuple[bytes, str]:
    plain = json.dumps(personal, ensure_ascii=False, sort_keys=True, default=str).encode()
    return Fernet(key).encrypt(plain), hmac.digest(key, plain, "sha256").hex()


def personal_key(subject: int) -> bytes:
    """The person's own key, made on first use; refuses `person-erased` once it was destroyed."""
    key = personal_keys({subject})[subject]
    if key is None:
        raise Refused("person-erased", gettext_lazy("This person's data has been erased."))
    return key


def personal_keys(subjects: Set[int]) -> dict[int, bytes | None]:
    """Each person's own key, made on first use; None where it was destroyed."""
    rows = PersonKey.objects.filter(person__in=subjects)
    known = dict(rows.values_list("person", "key_cipher"))
    if fresh := sorted(subjects - known.keys()):
        PersonKey.objects.bulk_create(
            [PersonKey(person=person, key_cipher=encrypt(Fernet.generate_key())) for person in fresh],
            ignore_conflicts=True,  # made by another act at this very moment: theirs counts
        )
        known |= dict(rows.filter(person__in=fresh).values_list("person", "key_cipher"))
    return {person: decrypt(cipher) if cipher else None for person, cipher in known.items()}


def destroy_keys(*, cause: Line, people: Iterable[int]) -> None:
    """Destroy the keys of these people: their values in the log, and the reasons of what was done about them, are unreadable for
    ever, and no new key is made for them. The chain still verifies. Again it changes nothing."""
    PersonKey.objects.bulk_create(
        [PersonKey(person=person, key_cipher=None, destroyed_at=cause.at) for person in people], ignore_conflicts=True
    )
    left = PersonKey.objects.filter(person__in=people, key_cipher__isnull=False)
    left.update(key_cipher=None, destroyed_at=cause.at)


def _facts(by: Actor, facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is told of the act; where a program acted, with the name of its key."""
    return {**(facts or {}), **({"key": by.machine} if by.machine else {})}


def _grant(by: Actor, verb: str) -> int | None:
    module = verb.split(".")[0]
    grants = {grant for code, nodes in by.nodes.items() if code.split(".")[0] == module for grant in nodes.values()}
    return (min(grants) or None) if len(grants) == 1 else None
