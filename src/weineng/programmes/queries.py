"""What can be asked of programmes: documents, who is enrolled, what was assumed, where the next base is."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Grant
from weineng.kernel.actors import Actor, Permission
from weineng.kernel.clock import civil_date, today
from weineng.kernel.composed import Composed
from weineng.kernel.planner import answers
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import Words, word_for
from weineng.organisations.models import LEVELS, Closure, Posting, Unit
from weineng.organisations.queries import current_person, in_force
from weineng.organisations.reach import behind, same_people, units_within
from weineng.programmes.documents import Points, Problem, check_document, from_json, shipped_points
from weineng.programmes.documents.lines import heading_of
from weineng.programmes.models import (
    Approval,
    Draft,
    EnrolledSchool,
    Enrolment,
    EnrolmentQuerySet,
    Gate,
    Programme,
    Proposal,
    Touched,
    Version,
)
from weineng.programmes.permissions import ENROL, EXEMPT, PUBLISH, VIEW
from weineng.programmes.proving import TeacherKind, asks_for_points, colleagues_needed, flags_of
from weineng.programmes.rules import Assumption, Document, in_periods
from weineng.standards.models import Point

_environments: list[Callable[[int], Mapping[int, str]]] = []
PLANS = Path(__file__).parent / "plans"  # the plans and bases that come with the platform


@lru_cache(maxsize=256)
def document_of(version: int) -> Document:
    """The document of a version (by id). A published document never changes, so each process keeps what it read."""
    return from_json(Version.objects.values_list("document", flat=True).get(pk=version))


def exclusions() -> Mapping[int, tuple[str, tuple[str, ...]]]:
    """Version → its programme and the programmes whose counted records count for nothing under it (`exclusive_with`), by code;
    versions that name none are left out."""
    return _exclusions(*answers("select max(id), count(*) from programmes_version")[0])


@lru_cache(maxsize=8)
def _exclusions(_last: int | None, _there: int) -> Mapping[int, tuple[str, tuple[str, ...]]]:
    """Published documents never change: as long as there are no more of them, each process keeps what it read."""
    rows = Version.objects.filter(document__exclusive_with__0__isnull=False).order_by("pk")
    said = rows.values_list("pk", "programme__code", "document__exclusive_with")
    return {version: (code, tuple(named)) for version, code, named in said}


def approved_lines(source: str, owner: int | None = None) -> frozenset[tuple[str, str, str, str]]:
    """What a text that `owner` runs (nothing said: whoever runs its programme) may say otherwise than its base, since it was
    approved: path, what the base says, what is said instead, level."""
    code = heading_of(source)["code"]
    if owner is None:
        owner = Programme.objects.filter(code=code).values_list("owner", flat=True).first()
    rows = Approval.objects.filter(owner=owner, code=code, state="approved").order_by("pk")
    return frozenset(key for row in rows for key in lines_of(row))


def lines_of(row: Approval) -> list[tuple[str, str, str, str]]:
    """What an approval is about: path, what the base says, what is said instead, level."""
    return [(line["path"], line["base"], line["value"], row.level) for line in row.lines]


def approvals_within(by: Actor) -> QuerySet[Approval]:
    """The approvals that one's offices have asked for or decide about; newest first."""
    return Approval.objects.within(by, PUBLISH).select_related("owner", "approver", "draft").order_by("-pk")


def approvals_to_decide(by: Actor) -> QuerySet[Approval]:
    """Those that wait and that one may decide: asked of an office of one's own, by somebody else."""
    mine = behind(by)
    rows = Approval.objects.filter(state="asked", approver__in=units_within(by, PUBLISH))
    return rows.exclude(asked_by__in=mine).exclude(asked_for__in=mine)


def rests_on(row: Approval) -> bool:
    """Whether a version of the programme, or a change that waits, says what this approval allows."""
    texts = list(
        Version.objects.filter(programme__code=row.code, programme__owner=row.owner_id).values_list("source", flat=True)
    )
    waiting = Proposal.objects.filter(programme__code=row.code, programme__owner=row.owner_id, state="proposed")
    texts += waiting.values_list("source", flat=True)
    wanted = set(lines_of(row))
    return any(wanted & set(lines_to_approve(check_document(text, find_base).problems)) for text in texts)


def lines_to_approve(problems: Iterable[Problem]) -> list[tuple[str, str, str, str]]:
    """The lines among what is wrong with a text that an approval would make right."""
    return [
        (problem.path, str(problem.params["base"]), str(problem.params["value"]), str(problem.params["level"]))
        for problem in problems
        if problem.code == "needs-approval"
    ]


def approver_of(owner: int, level: str) -> int | None:
    """The unit that approves for a level: the nearest one at or above the owner that stands so high; None: there is none."""
    high = LEVELS[: LEVELS.index(LEVEL_OF.get(level, level)) + 1]
    above = Closure.objects.filter(unit=owner, during__contains=today(), ancestor__level__in=high)
    return above.order_by("depth").values_list("ancestor", flat=True).first()


LEVEL_OF = {"town": "zone"}  # a town is a zone of the tree


def programme(code: str) -> Programme:
    """The programme of this code; refuses `not-found`."""
    return get_or_refuse(Programme.objects.all(), code=code)


def programmes_within(by: Actor, permission: Permission) -> QuerySet[Programme]:
    """The programmes whose owner is within reach, that schools within reach take part in, that were started above where one
    may enrol schools, and, with the reach `own`, those one is enrolled in; newest first."""
    below = Closure.objects.filter(ancestor__in=by.units(permission), during__contains=today())
    taking_part = EnrolledSchool.objects.filter(programme=OuterRef("pk"), unit__in=below.values("unit"))
    # Asked of each programme, of which there are few; a province has a hundred thousand units.
    reached = Q(Exists(below.filter(unit=OuterRef("owner")))) | Q(Exists(taking_part))
    if permission in (VIEW, ENROL, EXEMPT) and by.units(ENROL):
        over = Closure.objects.filter(unit__in=by.units(ENROL), during__contains=today())
        reached |= Q(started_on__isnull=False, owner__in=over.values("ancestor"))
    if permission.code in by.own and by.person is not None:
        reached |= Q(Exists(Enrolment.objects.filter(programme=OuterRef("pk"), person__in=same_people([by.person]))))
    rows = Programme.objects.filter(owner__isnull=False)
    return (rows if by.system else rows.filter(reached)).order_by("-pk")


def units_enrolled_by(by: Actor) -> QuerySet[Unit]:
    """The units whose taking part `by` decides about: an office above them does, not they themselves."""
    if by.system:
        return Unit.objects.all()
    below = Closure.objects.filter(ancestor__in=by.units(ENROL), depth__gt=0, during__contains=today())
    return Unit.objects.filter(pk__in=below.values("unit"))


def latest_version(programme: int) -> Version:
    """The version published last, under which new enrolments start; refuses `not-found`."""
    return get_or_refuse(Version.objects.filter(programme=programme).order_by("-number"))


def document_in_force(programme: int) -> Document:
    """The document of the version published last."""
    version = next(iter(_LATEST.rows(programme)), None)
    if version is None:
        raise NotFound("programmes.version")
    return document_of(version.pk)


# Asked for by most pages: which it is, without reading a document that is known already.
_LATEST = Composed(
    lambda programme: Version.objects.filter(programme=programme).only("pk").order_by("-number")[:1], int
)


def titles_of(document: Document) -> dict[str, Words]:
    """What somebody can be exempted from, one by one: demands and gates by their codes, which differ, with their titles."""
    demands = {demand.code: demand.title for demand in document.demands}
    return demands | {gate.code: gate.title for gate in document.gates}


def assumptions(document: Document) -> tuple[Assumption, ...]:
    """The lines that are not in the plan's text, in the order of the document (PRG-9)."""
    return document.assumptions


@lru_cache(maxsize=1)
def shipped_plans() -> dict[str, str]:
    """Code → text of the plans that come with the platform and can be run as they are; no bases."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PLANS.glob("*.yaml"))}
    return {code: text for code, text in texts.items() if not re.search(r"(?m)^abstract: true", text)}


def bases_there() -> list[str]:
    """Codes of the bases that can be refined: published ones, and those that come with the platform."""
    shipped = {path.stem for path in PLANS.glob("*.yaml")} - shipped_plans().keys()
    published = Programme.objects.filter(owner__isnull=True).order_by("code").values_list("code", flat=True)
    return sorted({*shipped, *published})


def drafts_within(by: Actor) -> QuerySet[Draft]:
    """The documents that offices within reach are writing, or have written and thrown away; what was edited last first."""
    return Draft.objects.within(by, PUBLISH).select_related("owner").order_by("-edited_at", "-pk")


def find_base(code: str) -> tuple[str, str] | None:
    """(file name, YAML) of a base: the published one, else the one that comes with the platform; None if there is none."""
    published = (
        Version.objects.filter(programme__code=code).order_by("-number").values_list("source", flat=True).first()
    )
    if published is not None:
        return f"{code}.yaml", published
    place = PLANS / f"{code}.yaml"
    known = {path.stem for path in PLANS.glob("*.yaml")}
    return (place.name, place.read_text(encoding="utf-8")) if code in known else None


def find_points(standard: str) -> Points | None:
    """The points of an edition of the standard: as it was loaded, else as it comes with the platform; None: not known."""
    rows = Point.objects.filter(edition__code=standard).order_by("place")
    loaded = {
        code: {"environment": environment, "dimension": dimension}
        for code, environment, dimension in rows.values_list("code", "environment", "dimension")
    }
    return loaded or shipped_points(standard)


def enrolments_of_school(programme: int, school: int, on: date | None = None) -> EnrolmentQuerySet:
    """The enrolments of people whose home posting on a date is at this school (or office) or one of its groups."""
    posts = Posting.objects.filter(home=True, school=school, during__contains=on or today()).values("person")
    return Enrolment.objects.filter(programme=programme, person__in=same_people(posts))


def people_by_school(programme: Programme, document: Document, on: date | None = None) -> dict[int, tuple[int, int]]:
    """School → (people whom the document takes in, people who take part) on a date, for every school with either: as
    `eligible_posts` and `enrolments_of_school` say for one."""
    when = on or today()
    eligible = eligible_posts(programme, document).filter(during__contains=when).order_by().values_list("school")
    home = Posting.objects.filter(home=True, during__contains=when, person=OuterRef("current"))
    taking = Enrolment.objects.filter(programme=programme).taking_part(when)
    enrolled = (
        taking.alias(current=Coalesce("person__merged_into", "person"))
        .annotate(school=Subquery(home.values("school")[:1]))
        .filter(school__isnull=False)
        .order_by()
        .values_list("school")
    )
    could = dict(eligible.annotate(people=Count("person", distinct=True)))
    take = dict(enrolled.annotate(people=Count("pk")))
    return {school: (could.get(school, 0), take.get(school, 0)) for school in {*could, *take}}


def school_of_enrolment(enrolment: Enrolment, on: date | None = None) -> int | None:
    """The unit whose plan the person works under on a date: the host school of office staff, else the school of the home
    posting; of somebody without one that day, the school of the last home posting before. None: never had one."""
    if enrolment.host_id is not None:
        return enrolment.host_id
    posts = Posting.objects.filter(home=True, person__in=same_people([current_person(enrolment.person_id)]))
    begun = posts.filter(during__startswith__lte=on or today()) | posts.filter(during__startswith__isnull=True)
    row = begun.order_by("-during").values_list("school", flat=True).first()
    return row or posts.order_by("during").values_list("school", flat=True).first()


def closed_gate(enrolment: Enrolment) -> Refused | None:
    """The first gate of the person's document before which nothing is chosen or handed in and that is still closed, as the
    refusal `gate-closed` (semantics 10). The gates that are open were written down by the last recount."""
    document = document_of(enrolment.version_id)
    closing = [gate for gate in document.gates if gate.before == "refuse"]
    if not closing:
        return None
    people = same_people([current_person(enrolment.person_id)])
    same = Enrolment.objects.filter(programme=enrolment.programme_id, person__in=people)
    opened = set(Gate.objects.filter(enrolment__in=same).order_by("pk").values_list("gate", flat=True))
    for gate in closing:
        if gate.code not in opened:
            return Refused(
                "gate-closed",
                _("“%(gate)s” comes first: %(periods)s periods have to count before this opens."),
                gate=word_for(gate.title, get_language() or "en"),
                periods=in_periods(gate.minutes, document.period_minutes),
            )
    return None


def refuse_before_gates(enrolment: Enrolment) -> None:
    """Refuses `gate-closed`, as `closed_gate` finds it."""
    if closed := closed_gate(enrolment):
        raise closed


def batch_of_school(programme: int, school: int | None) -> str:
    """The batch in which a school takes part, '' where it does not."""
    rows = EnrolledSchool.objects.filter(programme=programme, unit=school).values_list("batch", flat=True)
    return rows.first() or "" if school is not None else ""


def eligible_posts(programme: Programme, document: Document) -> QuerySet[Posting]:
    """Home postings (of any dates) that the scope takes in: at a school that takes part, of a state, establishment and
    licence the document asks for; merged records left out."""
    taking_part = EnrolledSchool.objects.filter(programme=programme, until__isnull=True)
    return posts_in_scope(document).filter(school__in=taking_part.values("unit"))


def posts_in_scope(document: Document) -> QuerySet[Posting]:
    """Home postings (of any dates) at any school or office that the scope of a document takes in; merged records left out."""
    scope = document.scope
    rows = Posting.objects.filter(
        home=True, school__kind__in=scope.kinds, in_post__in=scope.in_post, person__merged_into__isnull=True
    )
    if scope.establishment:
        rows = rows.filter(establishment__in=scope.establishment)
    return rows.filter(~Q(school__kind__in=scope.licence_required_for_kinds) | Q(person__licence=True))


def kinds_in_roster(
    document: Document, unit: int, environments: Mapping[int, str] | None = None
) -> dict[TeacherKind, tuple[int, int]]:
    """Kind of teacher → (people, schools): who stands below a unit today and would be taken in. `environments`: school → the
    environment it works in, where that is known."""
    on, looked_at, needed = today(), set(flags_of(document)), colleagues_needed(document)
    below = Closure.objects.filter(ancestor=unit, during__contains=on)
    there = Posting.objects.filter(during__contains=on, school__in=below.values("unit")).order_by()
    rows = posts_in_scope(document).filter(pk__in=there.values("pk")).order_by().values_list("school", "school__flags")
    company = (
        there.filter(in_post="in-post", person__merged_into__isnull=True).values_list("school")
        if needed
        else there.none().values_list("school")
    )
    staff = dict(company.annotate(people=Count("person", distinct=True)))
    found: dict[TeacherKind, tuple[int, int]] = {}
    for school, flags, people in rows.annotate(people=Count("person", distinct=True)):
        colleagues = max(0, staff.get(school, 0) - 1)
        kind = TeacherKind(
            tuple(sorted(looked_at & set(flags))),
            (environments or {}).get(school, ""),
            colleagues if colleagues < needed else None,
        )
        before = found.get(kind, (0, 0))
        found[kind] = (before[0] + people, before[1] + 1)
    return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def tell_environments(find: Callable[[int], Mapping[int, str]]) -> None:
    """Let the module of plans say in which environment each school of a programme works; called once, when it starts."""
    _environments.append(find)


def kinds_below(document: Document, programme: int | None, unit: int) -> dict[TeacherKind, tuple[int, int]]:
    """The kinds of teachers below the unit that runs a programme, each with (people, schools), for whoever proves that a document can
    be met: its pages, and those that publish or propose it. The environment of a school is what its plan in force says."""
    known: dict[int, str] = {}
    if programme is not None and asks_for_points(document):
        for find in _environments:
            known |= find(programme)
    return kinds_in_roster(document, unit, known)


def not_enrolled(programme: Programme, posts: QuerySet[Posting]) -> QuerySet[Posting]:
    """Those of these posts whose person has no enrolment, under no record that was merged into theirs either."""
    mine = Q(person=OuterRef("person")) | Q(person__merged_into=OuterRef("person"))
    return posts.filter(~Exists(Enrolment.objects.filter(mine, programme=programme)))


def other_versions(programme: int) -> dict[int, int]:
    """Version number -> how many people are judged by it."""
    rows = Enrolment.objects.filter(programme=programme).values_list("version__number")
    return dict(rows.annotate(people=Count("pk")).order_by("version__number"))


def proposals_within(by: Actor, programme: int) -> QuerySet[Proposal]:
    """The changes of a programme that were proposed, within reach of who may decide about them; newest first."""
    rows = Proposal.objects.within(by, PUBLISH).filter(programme=programme)
    return rows.select_related("programme", "against", "version").order_by("-pk")


def proposal_waiting(programme: int) -> Proposal | None:
    """The change of a programme that waits to be confirmed."""
    return Proposal.objects.filter(programme=programme, state="proposed").first()


def changed_since_look(row: Proposal) -> int:
    """Of how many people the standing was counted otherwise since the look began, or waits to be counted."""
    mine = Enrolment.objects.filter(programme=row.programme_id).values("pk")
    waits = Touched.objects.filter(enrolment__in=mine).values("enrolment").distinct()
    return row.changes - row.look_changes + waits.count()


def may_differ(row: Proposal) -> int:
    """So many people may have been counted otherwise since a look without its being looked at again: one in a thousand."""
    return int(row.look.get("people", 0)) // 1_000


def stale_look(row: Proposal, mark: str) -> Refused | None:
    """Why the look with this mark is not one that can be confirmed: `look-missing`, `stale-look`; None: it can."""
    if row.looked_at is None or row.looks_made < row.looks_asked:
        return Refused("look-missing", _("Whom this would concern is still being looked at."))
    today_ = civil_date(row.looked_at) == today()
    if mark != row.look_mark or not today_ or (row.everybody and changed_since_look(row) > may_differ(row)):
        text = _("What was shown is not how it stands any more. Look again, then decide.")
        return Refused("stale-look", text)
    return None


def look_wanted() -> Proposal | None:
    """The next proposed change at which the worker has to look."""
    rows = Proposal.objects.filter(state="proposed", looks_asked__gt=F("looks_made")).order_by("pk")
    return rows.select_related("programme").first()


def holders_of(units: Iterable[int], *roles: str) -> Mapping[int, set[int]]:
    """Unit → the people in force who hold one of these roles at that very unit today: whom to tell. Two queries."""
    on = today()
    grants = Grant.objects.filter(unit__in=units, role__in=roles, starts_on__lte=on).exclude(ends_on__lte=on)
    held = list(grants.order_by("pk").values_list("unit", "person"))
    current = in_force(person for _unit, person in held)
    found: dict[int, set[int]] = {unit: set() for unit, _person in held}
    for unit, person in held:
        found[unit].add(current[person])
    return found
