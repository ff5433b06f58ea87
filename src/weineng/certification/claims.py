"""Gather what certificates will say, for a whole batch at once: names, schools, hours and points as they stand now."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from weineng.certification.measures import Due
from weineng.certification.rules import Claim, PassedPoint, new_code, new_number
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import civil_date
from weineng.kernel.words import Words
from weineng.organisations.models import Closure, ExternalIdentifier, Person, Unit
from weineng.organisations.queries import home_leaves
from weineng.programmes.models import Programme, Version
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Document
from weineng.progress.models import Counted
from weineng.standards.models import Point

TAIL = 4  # characters of an identity number that a certificate shows


@dataclass(frozen=True)
class Draft:
    """A claim ready to be signed, with what the row keeps beside it."""

    due: Due
    claim: Claim
    school: int | None


def draft_claims(dues: Sequence[Due], at: datetime) -> list[Draft]:
    """The claims of what is due, in the same order; a dozen queries for any number of them."""
    return list(_Facts(dues, at).drafts()) if dues else []


class _Facts:
    def __init__(self, dues: Sequence[Due], at: datetime) -> None:
        people = {due.person for due in dues}
        enrolments = {due.enrolment for due in dues}
        self.dues, self.at = dues, at
        self.versions = Version.objects.in_bulk({due.version for due in dues})
        self.documents = {version: document_of(version) for version in self.versions}
        self.programmes = Programme.objects.select_related("owner").in_bulk({due.programme for due in dues})
        known = Person.objects.filter(pk__in=people, erased_at__isnull=True)
        self.names = dict(known.values_list("pk", "name"))  # of somebody erased none is signed
        self.identities = _identities(people)
        counted = Counted.objects.filter(enrolment__in=enrolments, reason="").order_by("enrolment")
        self.minutes = dict(counted.values("enrolment").annotate(sum=Sum("minutes")).values_list("enrolment", "sum"))
        self.levels = _levels(people)
        titles = Point.objects.filter(edition__code__in={d.edition for d in self.documents.values()})
        self.titles = {(p.edition.code, p.code): p for p in titles.select_related("edition")}
        self.schools = _schools(people, civil_date(at))
        self.issuers: dict[tuple[int, str], Unit] = {}

    def drafts(self) -> Iterator[Draft]:
        for due in self.dues:
            document, version = self.documents[due.version], self.versions[due.version]
            rule = next(rule for rule in document.certificates if rule.code == due.rule)
            on = civil_date(self.at, ZoneInfo(document.time_zone))
            issuer = self._issuer(due.programme, rule.level, on)
            school = self.schools.get(due.person)
            claim = Claim(
                number=new_number(issuer.code or str(issuer.pk), on.year), code=new_code(), kind=due.kind,
                name=self.names.get(due.person, ""), identity=self.identities.get(due.person, ""), school=school.name if school else "",
                programme=self.programmes[due.programme].code, programme_title=document.title, title=rule.title, level=due.level,
                minutes=self.minutes.get(due.enrolment, 0), period_minutes=document.period_minutes,
                points=tuple(self._points(due, document)), issuer=issuer.name, issued_on=on, version=version.number,
            )  # fmt: skip
            yield Draft(due, claim, school.pk if school else None)

    def _points(self, due: Due, document: Document) -> Iterator[PassedPoint]:
        """The one point of a point's certificate, else all that were passed, in the standard's order."""
        levels = self.levels.get((due.programme, due.person), {})
        codes = [due.point] if due.point else list(levels)
        known = {code: self.titles[document.edition, code] for code in codes if (document.edition, code) in self.titles}
        for code in sorted(codes, key=lambda c: (known[c].place if c in known else 0, c)):
            title: Words = known[code].title if code in known else {}
            yield PassedPoint(code, title, levels.get(code, due.level))

    def _issuer(self, programme: int, level: str, on: date) -> Unit:
        """The unit of that level at or above the programme's owner, else the owner itself."""
        if (programme, level) not in self.issuers:
            owner = self.programmes[programme].owner
            if owner is None:
                raise ValueError(f"programme {programme} is run by nobody and can have no certificates")
            above = Closure.objects.filter(unit=owner, during__contains=on, ancestor__level=level)
            row = above.select_related("ancestor").order_by("depth").first()
            self.issuers[programme, level] = row.ancestor if row else owner
        return self.issuers[programme, level]


def _identities(people: Collection[int]) -> dict[int, str]:
    """Stars and the last characters of each person's identity number, of the one entered first."""
    rows = ExternalIdentifier.objects.filter(person__in=people, type="id-card", valid_to__isnull=True)
    return {row.person_id: "*" * 4 + decrypt(row.cipher).decode()[-TAIL:] for row in rows.order_by("-pk")}


def _schools(people: Collection[int], on: date) -> Mapping[int, Unit]:
    """The school (or office) of each person's home leaf."""
    leaves = {row["person"]: row["leaf"] for row in home_leaves(people, on)}
    above = Closure.objects.filter(unit__in=set(leaves.values()), during__contains=on).exclude(ancestor__level="group")
    nearest = {row.unit_id: row.ancestor for row in above.select_related("ancestor").order_by("-depth")}
    return {person: nearest[leaf] for person, leaf in leaves.items() if leaf in nearest}


_LEVELS = """
select o.programme_id, coalesce(q.merged_into_id, q.id), x.point, bool_or(x.level = 'excellent')
  from organisations_person q
  join programmes_enrolment o on o.person_id = q.id
  join assessment_result x on x.enrolment = o.id and x.item = 'point' and x.overturned_at is null and x.level <> 'fail'
 where coalesce(q.merged_into_id, q.id) = any(%s)
 group by 1, 2, 3
"""


def _levels(people: Collection[int]) -> Mapping[tuple[int, int], Mapping[str, str]]:
    """(programme, person) → passed point → its best level."""
    found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, [list(people)])
        for programme, person, point, excellent in cursor.fetchall():
            found[programme, person][point] = "excellent" if excellent else "pass"
    return found
