"""The log as people read it: the lines about a person, a unit, a piece of evidence, a certificate, as far as one may see them.

Whoever a line is about sees it. An office sees the lines about those who stood under it on the line's day; what somebody
does with their own account and their own drafts stays between them and the auditor, who also sees every single step. The
auditor sees every line about those who stand under them, or stood there on its day. Who judged is known to the auditor
alone; the person judged does not learn from the log who decided about results, nor what the office said inside when it
revoked or gave on.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.accounts.models import ApiKey, Grant
from weineng.accounts.roles import ROLES
from weineng.activities.models import Session
from weineng.assessment.models import Assignment, Dossier, Result
from weineng.audit.models import Line
from weineng.audit.permissions import FOLLOW, READ
from weineng.audit.queries import reasons_of
from weineng.certification.models import Certificate
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor, Reach
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.learning.models import Batch, Provider, Record
from weineng.organisations.models import Closure, Person, Posting, Unit
from weineng.organisations.queries import current_person, leaf_at
from weineng.organisations.reach import is_behind, people_below, people_within, same_people, units_within
from weineng.programmes.models import Enrolment, Programme, Version

JUDGING = frozenset(
    {"assessment.open", "assessment.save", "assessment.finish", "assessment.reopen", "assessment.return"}
)
# What somebody does with their own account and drafts: nobody's business but theirs and the auditor's.
PRIVATE = (
    "accounts.sign_in", "accounts.sign_out", "accounts.fail", "accounts.pass_factor", "accounts.enrol_factor", "accounts.confirm_factor",
    "accounts.renew_recovery", "accounts.set_language", "accounts.set_password", "accounts.end_session", "notices.read",
    "evidence.draft",
)  # fmt: skip
# Steps of one act (files on their way, drafts that save themselves): to all but the auditor they would hide the act.
STEPS = (
    "files.begin", "files.resume", "files.finish", "files.give_up", "files.throw_away", "files.expire", "evidence.attach",
    "evidence.detach", "evidence.describe", "assessment.save",
)  # fmt: skip
# Decided about somebody: to themselves the log says what and when, not by whom and with which words of the office.
INSIDE = frozenset({"assessment.overturn", "assessment.reassign", "certification.revoke", "certification.issue"})


@dataclass(frozen=True)
class LogLine:
    """A line as it is read. `kind` of who acted: person, platform (a loop), program (`who` is what it belongs to and its key),
    hidden."""

    at: datetime
    kind: str
    who: str
    on_behalf: str
    verb: str
    about: str  # the person it was done about, '' where it is who acted
    thing: str  # what it was done to, '' where the verb says it
    on: date | None  # the day the act is dated, where it says one
    reason: str


@dataclass(frozen=True)
class LogFilter:
    """What is asked of a log: a verb ('' any), from and to civil days (both included; None: open)."""

    verb: str = ""
    since: date | None = None
    until: date | None = None


# --- Reach -----------------------------------------------------------------------------------------------------------
def lines_within(by: Actor) -> QuerySet[Line]:
    """The lines that may be seen at all, each by its own day; in no order. `openly`: as the auditor sees them, with who judged."""
    rows = Line.objects.annotate(day=TruncDate("at", tzinfo=CIVIL))
    if by.system:
        return rows.annotate(openly=Value(True))
    reached = Q(pk__in=[])
    if Reach.OWN in FOLLOW.reaches and FOLLOW.code in by.own and by.person is not None:
        reached |= Q(subject__in=same_people([by.person])) & ~Q(verb__in=STEPS)
    if by.units(FOLLOW) or by.units(READ):
        rows = rows.annotate(leaf=leaf_at("subject", "day"))
    if nodes := by.units(FOLLOW):
        reached |= _then_below(nodes) & ~Q(verb__in=(*PRIVATE, *STEPS))
    openly = Q(pk__in=[])
    if nodes := by.units(READ):
        openly = _then_below(nodes) | Q(subject__in=same_people(people_below(nodes)))
    return rows.filter(reached | openly).annotate(openly=Case(When(openly, then=True), default=False))


def _then_below(nodes: Collection[int]) -> Q:
    """The unit named, or the person concerned (by any post; without one where they are counted), stood at or below `nodes` on
    the day of the line."""
    then = Closure.objects.filter(ancestor__in=nodes, during__contains=OuterRef("day"))
    current = Person.objects.filter(pk=OuterRef(OuterRef("subject"))).values(current=Coalesce("merged_into", "id"))
    below = Closure.objects.filter(
        ancestor__in=nodes, unit=OuterRef("unit"), during__contains=OuterRef(OuterRef("day"))
    )
    posts = Posting.objects.filter(person=Subquery(current), during__contains=OuterRef("day"))
    return (
        Q(Exists(then.filter(unit=OuterRef("unit"))))
        | Q(Exists(then.filter(unit=OuterRef("leaf"))))
        | Q(Exists(posts.filter(Exists(below))))
    )


def follows_person(by: Actor, person: int) -> bool:
    """Whether `by` may read the log about a person today: oneself, or somebody of one's units."""
    current = current_person(person)
    if FOLLOW.code in by.own and is_behind(by, current):
        return True
    return any(people_within(by, one).filter(pk=current).exists() for one in (FOLLOW, READ))


def follows_unit(by: Actor, unit: int) -> bool:
    """Whether `by` may read the log about a unit today."""
    return any(units_within(by, one).filter(pk=unit).exists() for one in (FOLLOW, READ))


# --- What a log is about -----------------------------------------------------------------------------------------------
def log_of_person(by: Actor, person: int) -> tuple[Person, QuerySet[Line]]:
    """A person and the lines about them, merged records followed; refuses `not-found` where neither may be seen."""
    row = Person.objects.filter(pk=current_person(person)).first()
    lines = lines_within(by).filter(subject__in=same_people([row.pk] if row else []))
    if row is None or not (follows_person(by, row.pk) or lines.exists()):
        raise NotFound("organisations.person")
    return row, lines


def log_of_unit(by: Actor, unit: int) -> tuple[Unit, QuerySet[Line]]:
    """A unit and the lines about it itself; refuses `not-found`."""
    row = Unit.objects.filter(pk=unit).first()
    lines = lines_within(by).filter(unit=unit)
    if row is None or not (follows_unit(by, unit) or lines.exists()):
        raise NotFound("organisations.unit")
    return row, lines


def log_of_submission(by: Actor, submission: int) -> tuple[Submission, QuerySet[Line]]:
    """A piece of evidence and the lines about it, its reviews and its results; refuses `not-found`."""
    row = Submission.objects.select_related("person").filter(pk=submission).first()
    about = _things(
        [Submission], [submission], Dossier=Dossier.objects.filter(submission=submission),
        Assignment=Assignment.objects.filter(run__dossier__submission=submission),
        Result=Result.objects.filter(submission=submission),
    )  # fmt: skip
    return _found(row, lines_within(by).filter(about), "evidence.submission")


def log_of_certificate(by: Actor, certificate: int) -> tuple[Certificate, QuerySet[Line]]:
    """A certificate and the lines about it; refuses `not-found`."""
    row = Certificate.objects.select_related("person").filter(pk=certificate).first()
    return _found(row, lines_within(by).filter(_things([Certificate], [certificate])), "certification.certificate")


def _things(models: Sequence[type[Model]], keys: Sequence[int], **more: QuerySet[Any, Any]) -> Q:
    """The condition that a line is about one of these rows."""
    about = Q(pk__in=[])
    for model in models:
        about |= Q(thing_type=model._meta.label_lower, thing__in=keys)
    for rows in more.values():
        about |= Q(
            thing_type=rows.model._meta.label_lower, thing__in=list(rows.order_by("pk").values_list("pk", flat=True))
        )
    return about


def _found(row: Any, lines: QuerySet[Line], kind: str) -> tuple[Any, QuerySet[Line]]:
    if row is None or not lines.exists():
        raise NotFound(kind)
    return row, lines


def narrowed(lines: QuerySet[Line], asked: LogFilter) -> QuerySet[Line]:
    """Those lines that are asked for."""
    if asked.verb:
        lines = lines.filter(verb=asked.verb)
    if asked.since is not None:
        lines = lines.filter(Q(day__gte=asked.since))
    if asked.until is not None:
        lines = lines.filter(Q(day__lte=asked.until))
    return lines


def verbs_in(lines: QuerySet[Line]) -> list[str]:
    """The verbs that occur, in the order of the alphabet."""
    return list(lines.order_by("verb").values_list("verb", flat=True).distinct())


# --- As it is read -----------------------------------------------------------------------------------------------------
def told_lines(by: Actor, lines: Iterable[Line]) -> list[LogLine]:
    """Lines in the order given, with the names and words that `by` may read; the number of queries does not depend on theirs."""
    rows = list(lines)
    own = _own(by, rows)
    reasons, things = reasons_of(rows), _titles(rows)
    people = {one for row in rows for one in (row.person, row.on_behalf_of, row.subject) if one is not None}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    programs = _programs({str(row.facts["key"]) for row in rows if row.facts.get("key")})
    return [
        _told(
            row, names, programs, reasons[row.pk], things.get((row.thing_type, row.thing), ""), own=row.subject in own,
            judges=getattr(row, "openly", False) and row.subject not in own,
        )
        for row in rows
    ]  # fmt: skip


def _own(by: Actor, rows: Sequence[Line]) -> set[int | None]:
    """Those subjects that are behind the one who reads, under any record."""
    return {subject for subject in {row.subject for row in rows} if subject is not None and is_behind(by, subject)}


def _programs(keys: Collection[str]) -> dict[str, str]:
    """What programs are called: by their platform, or by the label of an office's own key, and by the key's readable part."""
    rows = list(ApiKey.objects.filter(prefix__in=keys).order_by("pk"))
    platforms = dict(
        Provider.objects.filter(code__in={row.provider for row in rows}).order_by("pk").values_list("code", "name")
    )
    return {row.prefix: f"{platforms.get(row.provider, row.label)} {row.prefix}" for row in rows}


def _told(
    row: Line,
    names: Mapping[int, str],
    programs: Mapping[str, str],
    reason: str,
    thing: str,
    *,
    own: bool,
    judges: bool,
) -> LogLine:
    alone = row.person is not None and row.person == row.subject  # what somebody did about themselves is no secret
    inside = own and not alone and row.verb in INSIDE
    if row.person is not None and not alone and (inside or (row.verb in JUDGING and not judges)):
        kind, who = "hidden", ""
    elif key := str(row.facts.get("key", "")):
        kind, who = "program", programs.get(key, key)
    else:
        kind, who = ("platform", "") if row.person is None else ("person", names.get(row.person, ""))
    said = _(reason) if kind == "platform" and reason else reason
    return LogLine(
        at=row.at, kind=kind, who=who, on_behalf=names.get(row.on_behalf_of or 0, "") if kind == "person" else "",
        verb=row.verb, about="" if alone else names.get(row.subject or 0, ""), thing=thing, on=_day(row.facts.get("on")),
        reason="" if inside else said,
    )  # fmt: skip


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


# What a row is called in the log; each takes rows by key and gives a short name.
def _item(row: Submission | Result) -> str:
    return row.point or _("Classroom recording")


def _programme(row: Programme) -> str:
    return word_for(row.title, get_language() or "en")


TITLES: Mapping[type[Model], tuple[tuple[str, ...], Callable[[Any], str]]] = {
    Submission: ((), _item), Result: ((), _item), Dossier: (("submission",), lambda row: _item(row.submission)),
    Assignment: (("run__dossier__submission",), lambda row: _item(row.run.dossier.submission)),
    Certificate: ((), lambda row: row.number), Record: ((), lambda row: row.title or row.course), Session: ((), lambda row: row.title),
    Provider: ((), lambda row: row.name), Batch: (("provider",), lambda row: row.provider.name),
    Programme: ((), _programme), Version: (("programme",), lambda row: _programme(row.programme)),
    Enrolment: (("programme",), lambda row: _programme(row.programme)),
    Grant: (("unit",), lambda row: _("%(role)s, %(unit)s") % {"role": ROLES[row.role].title, "unit": row.unit.name}),
}  # fmt: skip


def _titles(rows: Sequence[Line]) -> dict[tuple[str, int | None], str]:
    keys: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.thing is not None:
            keys[row.thing_type].add(row.thing)
    found: dict[tuple[str, int | None], str] = {}
    for model, (joined, called) in TITLES.items():
        if wanted := keys.get(model._meta.label_lower):
            for pk, thing in model._base_manager.select_related(*joined).in_bulk(wanted).items():
                found[model._meta.label_lower, pk] = called(thing)
    return found
