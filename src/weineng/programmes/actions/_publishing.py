"""What publishing a document and proposing one share: what it must fit, when it says nothing new, how it becomes a version."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.turns import take_turn
from weineng.programmes.documents import Reading, from_json
from weineng.programmes.models import Enrolment, Programme, Refinement, Version
from weineng.programmes.proving import answer, kind_text
from weineng.programmes.queries import exclusions, find_points, kinds_below
from weineng.programmes.rules import Document
from weineng.standards.effects import keep_edition_with
from weineng.standards.models import Edition


def digest_of(content: Mapping[str, Any]) -> str:
    """What tells two documents apart, whatever stands around their lines."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def says_the_same(version: Version, digest: str, document: Document | None) -> bool:
    """Whether a version says what was read, also if it was written before the format had all its lines."""
    return version.digest == digest or (document is not None and from_json(version.document) == document)


def fits_standard(document: Document) -> None:
    """The edition is there, and has as many points as somebody must pass or have excellent."""
    edition = Edition.objects.filter(code=document.standard).first()
    if edition is None:
        raise Refused(
            "standard-unknown", _("The standard “%(standard)s” has not been loaded."), standard=document.standard
        )
    asked = max(document.choice.points_minimum, document.excellent_points)
    there = edition.points.count() + len(document.points.local)
    if asked > there:
        message = _("%(asked)s points are asked for, but the standard “%(standard)s” has only %(there)s.")
        raise Refused("points-above-standard", message, asked=asked, there=there, standard=document.standard)


def excludes_in_one_direction(document: Document) -> None:
    """The programmes whose records count for nothing here are run here, and none of them leaves out in turn what counts in this
    one: neither under its last document nor under one by which somebody is judged."""
    if not document.exclusive_with:
        return
    take_turn("programmes.exclude")
    there = Programme.objects.filter(code__in=document.exclusive_with, owner__isnull=False)
    if unknown := sorted(set(document.exclusive_with) - set(there.order_by("pk").values_list("code", flat=True))):
        message = _("No such programme is run here: %(programmes)s.")
        raise Refused("excluded-unknown", message, field="source", programmes=", ".join(unknown))
    for other in document.exclusive_with:
        if document.programme in _excluded_from(other):
            message = _(
                "The programme “%(programme)s” leaves out what counts in this one; only one of two can name the other."
            )
            raise Refused("excluded-in-circle", message, field="source", programme=other)


def _excluded_from(programme: str) -> set[str]:
    """The programmes that one excludes, and those that they exclude in turn, by codes."""
    newer = Version.objects.filter(programme=OuterRef("programme"), number__gt=OuterRef("number"))
    judging = Exists(Enrolment.objects.filter(version=OuterRef("pk"))) | ~Exists(newer)
    said = exclusions()
    rules = [
        said[pk] for pk in Version.objects.filter(judging, pk__in=said).order_by("pk").values_list("pk", flat=True)
    ]
    found: set[str] = set()
    waiting = {programme}
    while waiting:
        waiting = {other for code, others in rules if code in waiting for other in others} - found
        found |= waiting
    return found


def can_be_met(document: Document, owner: int, programme: int | None) -> None:
    """Nobody in the roster is asked for what nobody like them can do. `programme`: that it is of, where it exists already."""
    roster = kinds_below(document, programme, owner)
    standard = find_points(document.standard) or {}
    for kind, (people, _schools) in roster.items():
        found = answer(document, kind, "pass", standard)
        if found.contradictions:
            lines = found.contradictions[0]
            message = _("%(kind)s (%(people)s people) could never pass: these lines contradict each other: %(lines)s.")
            raise Refused(
                "lines-contradict", message, kind=kind_text(kind), people=people, lines=", ".join(lines)
            )  # fmt: skip


def base_of(reading: Reading) -> Version | None:
    """The version of the base that a document was folded from; None: it has none, or that is not published here."""
    return Version.objects.filter(programme__code=reading.base).order_by("-number").first() if reading.base else None


def make_version(
    by: Actor, programme: Programme, *, source: str, content: Mapping[str, Any], digest: str, base_code: str,
    base: Version | None, reason: str = "",
) -> Version:  # fmt: skip
    """The next version of a programme, with the line that it was published and the edition that has its points."""
    last = Version.objects.filter(programme=programme).order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        programme=programme, number=(last or 0) + 1, source=source, document=content, digest=digest, published_at=now(),
        published_by=by.person,
    )  # fmt: skip
    document = None if content.get("abstract") else from_json(content)
    if base_code:
        lines = list(document.inherited) if document else []
        Refinement.objects.create(version=version, base=base, base_code=base_code, lines=lines)
    facts = {"code": programme.code, "version": version.number, "digest": digest}
    line = record(
        by=by, verb="programmes.publish", thing=version, unit=programme.owner_id, facts=facts, reason=reason
    )  # fmt: skip
    if document:
        keep_edition_with(cause=line, standard=document.standard, local=document.points.local)
    return version
