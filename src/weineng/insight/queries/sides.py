"""One record of a person as a whole, so that two can be laid side by side: who it is, and what rests on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet, Sum

from weineng.accounts.models import Account, Grant
from weineng.accounts.permissions import GRANT, MANAGE
from weineng.accounts.roles import ROLES
from weineng.assessment.models import Result
from weineng.assessment.permissions import VIEW_RESULTS
from weineng.certification.queries import certificates_within
from weineng.evidence.models import Submission
from weineng.evidence.permissions import VIEW as VIEW_EVIDENCE
from weineng.kernel.actors import Actor, Permission
from weineng.kernel.clock import today
from weineng.learning.models import Record
from weineng.learning.permissions import VIEW as VIEW_RECORDS
from weineng.organisations.models import Person
from weineng.organisations.queries import masked_numbers
from weineng.organisations.reach import people_within, require_person, same_people
from weineng.programmes.models import Enrolment
from weineng.progress.models import Standing
from weineng.progress.permissions import VIEW
from weineng.progress.reasons import verdict_text


@dataclass(frozen=True)
class SideAccount:
    """A way in: its sign-in name, whether it is open, when it was used last."""

    name: str
    is_open: bool
    used_at: datetime | None


@dataclass(frozen=True)
class SideEnrolment:
    """A programme with the verdict so far ('' where nothing was counted)."""

    title: Mapping[str, str]
    verdict: str
    left_on: date | None


@dataclass(frozen=True)
class Side:
    """A record with all that rests on it, as far as it is within reach. `numbers` are (type, masked)."""

    person: Person
    numbers: tuple[tuple[str, str], ...]
    accounts: tuple[SideAccount, ...]
    roles: tuple[tuple[object, str], ...]  # the role's title, the unit's name
    enrolments: tuple[SideEnrolment, ...]
    records: int
    minutes: int  # that the sources said, counted or not
    pieces: int  # attempts that were handed in
    results: Mapping[str, int]  # level → how many stand
    certificates: tuple[str, ...]  # numbers of those in force


def side_of(by: Actor, permission: Permission, person: int) -> Side:
    """A record within reach with what rests on it and on records merged into it; refuses `not-found`."""
    row = require_person(by, permission, person)
    mine = same_people([row.pk])
    hours = Record.objects.within(by, VIEW_RECORDS).filter(
        person__in=mine, void_of__isnull=True, voided_by__isnull=True
    )
    told = hours.filter(superseded_by__isnull=True).aggregate(n=Count("pk"), minutes=Sum("minutes"))
    pieces = Submission.objects.within(by, VIEW_EVIDENCE).filter(person__in=mine, handed_in_on__isnull=False)
    results = Result.objects.within(by, VIEW_RESULTS).filter(person__in=mine, overturned_at__isnull=True)
    levels = results.order_by("level").values("level").annotate(n=Count("pk")).values_list("level", "n")
    certificates = certificates_within(by).filter(person__in=mine, revoked_at__isnull=True)
    return Side(
        person=row, numbers=tuple(masked_numbers(row.pk)), accounts=_accounts(by, mine), roles=_roles(by, mine),
        enrolments=_enrolments(by, mine), records=told["n"], minutes=told["minutes"] or 0, pieces=pieces.count(),
        results=dict(levels), certificates=tuple(certificates.values_list("number", flat=True)),
    )  # fmt: skip


def _accounts(by: Actor, people: "QuerySet[Person, object]") -> tuple[SideAccount, ...]:
    managed = same_people(people_within(by, MANAGE).values("pk"))
    rows = Account.objects.filter(person__in=people).filter(person__in=managed).order_by("-is_active", "pk")
    return tuple(SideAccount(row.name, row.is_active, row.last_login) for row in rows)


def _roles(by: Actor, people: "QuerySet[Person, object]") -> tuple[tuple[object, str], ...]:
    given = same_people(people_within(by, GRANT).values("pk"))
    rows = Grant.objects.filter(person__in=people, starts_on__lte=today()).filter(person__in=given)
    rows = rows.exclude(ends_on__lte=today()).select_related("unit").order_by("role", "unit__name", "pk")
    return tuple((ROLES[row.role].title, row.unit.name) for row in rows)


def _enrolments(by: Actor, people: "QuerySet[Person, object]") -> tuple[SideEnrolment, ...]:
    rows = Enrolment.objects.within(by, VIEW).filter(person__in=people).select_related("programme").order_by("-pk")
    verdicts = dict(
        Standing.objects.filter(enrolment__in=[row.pk for row in rows], demand="overall").values_list(
            "enrolment", "verdict"
        )
    )
    return tuple(
        SideEnrolment(row.programme.title, verdict_text(verdicts[row.pk]) if row.pk in verdicts else "", row.left_on)
        for row in rows
    )
