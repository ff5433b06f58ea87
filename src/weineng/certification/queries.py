"""What can be asked of certificates: is this one real, which are mine, which are a school's in staff order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Case, CharField, Count, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Length

from weineng.certification.measures import due_of, held_up
from weineng.certification.models import Certificate, Guesses
from weineng.certification.permissions import REVOKE, VIEW
from weineng.certification.rules import BY_HAND, GUESSES, REASONS, Claim, as_code, claim_from_json
from weineng.certification.signing import is_signed
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import Words
from weineng.organisations.models import Posting, Unit
from weineng.organisations.queries import current_person
from weineng.programmes.models import Enrolment, Version
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW as VIEW_STANDINGS

MOST_WAITING = 2_000  # people looked at for what their certificates wait
MOST_OF_ONE = 100  # certificates one person can gain or lose at once: more than any document has


@dataclass(frozen=True)
class Verified:
    """What anybody may know of a certificate: every signed field, and whether it holds.

    `state`: valid, revoked, replaced (revoked, and another one holds in its place: `successor`, its number and code), or
    forged: what is stored here is not what was signed; then `claim` is None and nothing of it may be believed.
    """

    number: str
    code: str
    state: str
    claim: Claim | None
    revoked_at: datetime | None = None
    because: object = ""  # a sentence in the reader's language
    because_code: str = ""  # a key of rules.REASONS
    successor: tuple[str, str] | None = None
    signed_under: str = ""  # name of the key

    @property
    def erased(self) -> bool:
        """Whether its person was erased: then nobody can say any more whose it is."""
        return self.claim is not None and not self.claim.name


def with_code(typed: str) -> Certificate | None:
    """The certificate with this code, as typed or scanned (an address will do). A code cannot be guessed."""
    code = as_code(typed)
    return Certificate.objects.filter(code=code).select_related("key").first() if code else None


def with_number(number: str) -> Certificate | None:
    """The certificate with this number, as it is stored."""
    return Certificate.objects.filter(number=number).select_related("key").first()


def guesses_left(asker: str, hour: datetime) -> int:
    """How many more unknown numbers this address may ask for in this hour."""
    made = Guesses.objects.filter(asker=asker, hour=hour).values_list("count", flat=True).first()
    return GUESSES - (made or 0)


def verified(row: Certificate) -> Verified:
    """What anybody may know of a certificate that was found (with its key)."""
    claim = _claim_of(row)
    if claim is None:
        return Verified(row.number, row.code, "forged", None, signed_under=row.key.name)
    if row.revoked_at is None:
        return Verified(row.number, row.code, "valid", claim, signed_under=row.key.name)
    successor = successor_of(row)
    return Verified(
        row.number, row.code, "replaced" if successor else "revoked", claim, row.revoked_at,
        REASONS.get(row.revoked_because, ""), row.revoked_because, (successor.number, successor.code) if successor else None, row.key.name,
    )  # fmt: skip


def _claim_of(row: Certificate) -> Claim | None:
    """The claim, if it is what was signed and the row says the same of itself."""
    if not is_signed(row.key.public, row.claim, row.signature):
        return None
    try:
        claim = claim_from_json(row.claim)
    except (KeyError, TypeError, ValueError):
        return None
    beside = (row.number, row.code, row.kind, row.level, row.issued_on)
    return claim if beside == (claim.number, claim.code, claim.kind, claim.level, claim.issued_on) else None


def forged_certificates() -> tuple[int, list[str]]:
    """How many certificates are stored, and the numbers of those that are not what was signed."""
    rows = Certificate.objects.select_related("key").order_by("pk")
    count, forged = 0, []
    for row in rows.iterator(chunk_size=1_000):
        count += 1
        forged += [row.number] if _claim_of(row) is None else []
    return count, forged


def successor_of(row: Certificate) -> Certificate | None:
    """The certificate in force of the same person (merges followed) for the same thing, if there is one."""
    person = current_person(row.person_id)
    same = Certificate.objects.filter(programme=row.programme_id, rule=row.rule, point=row.point)
    return same.filter(person=person, revoked_at__isnull=True).exclude(pk=row.pk).order_by("-pk").first()


def certificates_within(by: Actor) -> QuerySet[Certificate]:
    """The certificates one may see, newest first: one's own, those of one's units."""
    return Certificate.objects.within(by, VIEW).select_related("programme", "key").order_by("-issued_at", "-pk")


def own_certificates(by: Actor) -> QuerySet[Certificate]:
    """Those of the person who acts, newest first, revoked ones too."""
    return certificates_within(Actor(person=by.person, door=by.door, own=by.own))


def _of_units(by: Actor) -> QuerySet[Certificate]:
    """Those one sees for one's units, not for oneself: what lists of a school are made of."""
    return certificates_within(replace(by, own=frozenset()))


def may_decide(by: Actor, certificate: int) -> bool:
    """Whether one may revoke this certificate or issue another in its place."""
    return Certificate.objects.within(by, REVOKE, changing=True).filter(pk=certificate).exists()


def certificate_of(by: Actor, certificate: int) -> Certificate:
    """One certificate within reach; refuses `not-found`."""
    row = certificates_within(by).filter(pk=certificate).first()
    if row is None:
        raise NotFound("certification.certificate")
    return row


def is_blocked(row: Certificate) -> bool:
    """Whether it was revoked by hand, so that the platform issues no other by itself."""
    return row.revoked_because in BY_HAND


def certificate_rules() -> list[Mapping[str, object]]:
    """The certificates of every document that judges somebody: rows version, rule, kind, verdicts."""
    judging = Exists(Enrolment.objects.filter(version=OuterRef("pk")))
    versions = Version.objects.filter(judging).order_by("pk").values_list("pk", flat=True)
    return [row for version in versions for row in rules_of(version, document_of(version))]


def rules_of(version: int, document: Document) -> list[Mapping[str, object]]:
    """The certificates of one document: rows version, rule, kind, verdicts, accepts."""
    accepts = [stage.code for stage in document.stages if stage.does == "accepts"]
    return [
        {"version": version, "rule": rule.code, "kind": rule.kind, "verdicts": list(rule.when), "accepts": accepts}
        for rule in document.certificates
    ]


@dataclass(frozen=True)
class Wait:
    """For what a certificate waits that is earned: `why` acceptance or sample, of a stage with its title."""

    enrolment: int
    why: str
    stage: Words


def certificates_waiting(enrolments: Collection[int]) -> list[Wait]:
    """For what certificates of these enrolments wait, as their standings are now; the caller has narrowed the reach. Three
    queries."""
    versions = dict(Enrolment.objects.filter(pk__in=enrolments).order_by("pk").values_list("pk", "version"))
    found = held_up(certificate_rules(), sorted(enrolments)) if enrolments else []
    titles = {
        (version, stage.code): stage.title
        for version in set(versions.values())
        for stage in document_of(version).stages
    }
    return [Wait(enrolment, why, titles.get((versions[enrolment], stage), {})) for enrolment, why, stage in found]


@dataclass(frozen=True)
class Coming:
    """What the platform does next about one certificate by itself: revoke it, issue one, or put one in another's place."""

    enrolment: int
    ends: Certificate | None  # the one in force that is revoked
    kind: str  # programme, point
    point: str
    level: str  # of the one that is issued; '' where none is


def certificates_to_come(enrolments: Collection[int]) -> list[Coming]:
    """What the next round does about the certificates of these enrolments, as their standings are now; the caller has narrowed
    the reach."""
    most = MOST_OF_ONE * len(enrolments)
    dues = due_of(certificate_rules(), sorted(enrolments), by_hand=BY_HAND, now=now(), most=most)
    rows = Certificate.objects.in_bulk([one.certificate for one in dues if one.certificate is not None])
    return [
        Coming(
            one.enrolment,
            rows.get(one.certificate or 0),
            one.kind,
            one.point,
            "" if one.because == "lost" else one.level,
        )
        for one in dues
    ]


@dataclass(frozen=True)
class WaitCount:
    """For what certificates wait, and of how many people."""

    why: str
    stage: Words
    people: int


def waiting_within(by: Actor, programme: int) -> list[WaitCount]:
    """For what certificates of people within reach wait who have passed the programme; of at most so many people (`MOST_WAITING`)."""
    rows = Standing.objects.within(by, VIEW_STANDINGS).filter(
        programme=programme, demand="overall", verdict__in=("pass", "excellent")
    )
    held = Certificate.objects.filter(programme=programme, revoked_at__isnull=True)
    found = rows.exclude(enrolment__in=held.values("enrolment")).order_by("enrolment")
    counts: dict[str, tuple[str, Words, set[int]]] = {}
    for wait in certificates_waiting(list(found.values_list("enrolment", flat=True)[:MOST_WAITING])):
        key = f"{wait.why} {sorted(wait.stage.items())}"
        counts.setdefault(key, (wait.why, wait.stage, set()))[2].add(wait.enrolment)
    return [WaitCount(why, stage, len(people)) for why, stage, people in counts.values()]


@dataclass(frozen=True)
class SchoolCount:
    """How many certificates of a programme are in force that were printed with a school's name."""

    unit: Unit
    certificates: int


def schools_with_certificates(by: Actor, programme: int) -> list[SchoolCount]:
    """The schools within reach that have certificates in force, in the order of their names; two queries."""
    rows = _of_units(by).filter(programme=programme, revoked_at__isnull=True, school__isnull=False)
    counts = dict(rows.order_by("school").values("school").annotate(n=Count("pk")).values_list("school", "n"))
    units = Unit.objects.filter(pk__in=counts).order_by("place", "name", "pk")
    return [SchoolCount(unit, counts[unit.pk]) for unit in units]


def certificates_of_school(by: Actor, programme: int, school: int) -> QuerySet[Certificate]:
    """A school's certificates in force, in staff order: those without a group, then group by group (place, name); in each
    by staff number, then name. Whoever has left stands where their last post in the school was."""
    posts = Posting.objects.filter(person=OuterRef("person"), school=school).order_by("-home", "-during")

    def of_post(column: str) -> Coalesce:
        return Coalesce(Subquery(posts.values(column)[:1]), Value(""), output_field=CharField())

    return (
        _of_units(by)
        .filter(programme=programme, school=school, revoked_at__isnull=True)
        .annotate(
            level_of_post=of_post("unit__level"),
            place=Coalesce(Subquery(posts.values("unit__place")[:1]), Value(0)),
            group=of_post("unit__name"),
            staff_number=of_post("staff_number"),
        )
        .annotate(in_group=Case(When(level_of_post="group", then=Value(1)), default=Value(0)))
        .order_by("in_group", "place", "group", Length("staff_number"), "staff_number", "person__name_order", "pk")
    )
