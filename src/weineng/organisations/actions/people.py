"""Enter people and correct what is known of them: names, contact, numbers; show a full number only with a reason."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now, today
from weineng.kernel.lengths import refuse_long
from weineng.kernel.refusals import Refused
from weineng.organisations.effects import hold_tree, lock_people, note_change, write_lines, write_numbers
from weineng.organisations.models import ExternalIdentifier, Person
from weineng.organisations.permissions import EDIT_PEOPLE, REVEAL_IDENTITY
from weineng.organisations.queries import stretches_for
from weineng.organisations.reach import require_person
from weineng.organisations.rules import Number, Post, digests_of, mail_digest, name_index, name_order
from weineng.organisations.rules.posts import OPEN

GENDERS = ("", "m", "f")


@transaction.atomic
def enter_person(
    *,
    by: Actor,
    name: str,
    post: Post,
    on: date | None = None,
    gender: str = "",
    birth_date: date | None = None,
    phone: str = "",
    mail: str = "",
    licence: bool | None = None,
    numbers: Sequence[Number] = (),
) -> Person:
    """Enter a person with their home post from a day on (default: today), which may lie in the past.

    No number is required. Refuses `name-missing`, `gender-unknown`, `text-too-long`, `number-empty`,
    `identity-number-wrong`, `number-taken`, `post-word-unknown`, `post-not-here`, `unit-closed`, `unit-not-there-yet`;
    `not-found` for a unit out of reach.
    """
    day = on or today()
    hold_tree()
    line = stretches_for(by, post, day, OPEN, home=True)
    facts = _facts(name=name, gender=gender, birth_date=birth_date, phone=phone, mail=mail, licence=licence)
    person = Person.objects.create(**facts, created_at=now())
    write_numbers(person.pk, numbers)
    write_lines({person.pk: ((), line)})
    record(
        by=by, verb="organisations.enter_person", thing=person, subject=person.pk, unit=post.unit,
        facts={"on": str(day), "types": sorted(n.type for n in numbers)}, personal={"name": person.name},
    )  # fmt: skip
    return person


@transaction.atomic
def change_person(
    *,
    by: Actor,
    person: int,
    name: str | None = None,
    gender: str | None = None,
    birth_date: date | None = None,
    phone: str | None = None,
    mail: str | None = None,
    licence: bool | None = None,
    numbers: Sequence[Number] = (),
) -> Person:
    """Correct what is known of a person; what is not named (None) stays. A new number takes the place of the old one of
    its type, which stays known as ended.

    Refuses `name-missing`, `gender-unknown`, `text-too-long`, `number-empty`, `identity-number-wrong`, `number-taken`;
    `not-found` out of reach.
    """
    hold_tree()
    row = require_person(by, EDIT_PEOPLE, person)
    lock_people([row.pk])
    given = {"name": name, "gender": gender, "birth_date": birth_date, "phone": phone, "mail": mail, "licence": licence}
    facts = _facts(**{field: value for field, value in given.items() if value is not None})
    before = {field: getattr(row, field) for field in facts if field in given and getattr(row, field) != facts[field]}
    added = _replace_numbers(row, numbers)
    if not before and not added:
        return row
    for field, value in facts.items():
        setattr(row, field, value)
    if facts:
        row.save(update_fields=list(facts))
    note_change(people=[row.pk], during=None)
    record(
        by=by, verb="organisations.change_person", thing=row, subject=row.pk,
        facts={"fields": sorted(before), "types": added},
        personal={"before": before, "after": {field: facts[field] for field in before}},
    )  # fmt: skip
    return row


def _facts(**given: Any) -> dict[str, Any]:
    facts = {field: " ".join(value.split()) if isinstance(value, str) else value for field, value in given.items()}
    if facts.get("name") == "":
        raise Refused("name-missing", _("The name is missing."), field="name")
    if facts.get("gender", "") not in GENDERS:
        raise Refused("gender-unknown", _("The gender is m, f or not told."), field="gender")
    refuse_long(Person, **{field: value for field, value in facts.items() if isinstance(value, str)})
    if "mail" in facts:
        facts["mail_digest"] = mail_digest(facts["mail"])
    if "name" in facts:
        facts |= {"name_order": name_order(facts["name"]), "name_index": name_index(facts["name"])}
    return facts


def _replace_numbers(person: Person, numbers: Sequence[Number]) -> list[str]:
    """Add those numbers that the person does not have yet; returns their types."""
    valid = ExternalIdentifier.objects.filter(person=person, valid_to__isnull=True)
    known = set(valid.values_list("type", "digest"))
    fresh = [n for n in numbers if not known & {(n.type, digest) for digest in digests_of(n.type, n.text)}]
    valid.filter(type__in=[n.type for n in fresh]).update(valid_to=today())
    write_numbers(person.pk, fresh)
    return sorted(n.type for n in fresh)


@transaction.atomic
def reveal_identity(*, by: Actor, person: int, type: str, reason: str) -> str:  # noqa: A002 (the column's name)
    """The full number of this type, for a reason that goes into the log with the reader's name.

    Refuses `reason-missing`, `number-unknown` (the person has none of this type); `not-found` out of reach.
    """
    row = require_person(by, REVEAL_IDENTITY, person)
    reason = reason.strip()
    if len(reason) < 4:
        raise Refused("reason-missing", _("Say why you need the number; it goes into the log."), field="reason")
    known = ExternalIdentifier.objects.filter(person=row, type=type, valid_to__isnull=True).order_by("-pk").first()
    if known is None:
        raise Refused("number-unknown", _("No such number is known of this person."))
    record(
        by=by,
        verb="organisations.reveal_identity",
        thing=row,
        subject=row.pk,
        facts={"type": type},
        reason=reason[:400],
    )
    return decrypt(known.cipher).decode()
