"""Acceptance: which schools wait for whom, and how each person of a school stands in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from weineng.accounts.models import Grant
from weineng.assessment.models import Acceptance, AcceptedPerson, Assignment, Recusal, Result
from weineng.assessment.permissions import ACCEPT, VIEW_RESULTS
from weineng.assessment.rules import grant_of, way_of
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Closure, Person, Posting, Unit
from weineng.organisations.queries import in_force
from weineng.organisations.reach import behind, same_people, units_below, units_within
from weineng.programmes.models import EnrolledSchool, Enrolment, Programme, Version
from weineng.programmes.queries import document_of, enrolments_of_school
from weineng.programmes.rules import Stage

LOOKED_AT = (
    "stages",
    "sheet",
)  # results that are accepted; what an office, a sample or an acceptance set needs no other


def accepting_stages(programme: int) -> tuple[Stage, ...]:
    """The stages that accept, of the document in force and of those by which somebody is judged still (semantics 36), each as
    the newest of them says it."""
    found: dict[str, Stage] = {}
    for version in _versions(programme):
        for stage in document_of(version).stages:
            if stage.does == "accepts":
                found.setdefault(stage.code, stage)
    return tuple(found.values())


def _versions(programme: int) -> list[int]:
    """The version in force and those by which somebody is judged, newest first."""
    judging = Exists(Enrolment.objects.filter(version=OuterRef("pk")))
    rows = Version.objects.filter(programme=programme).annotate(judging=judging).order_by("-number")
    return [pk for place, (pk, judges) in enumerate(rows.values_list("pk", "judging")) if judges or place == 0]


def accepting_stage(programme: int, code: str) -> Stage:
    """One of them; refuses `not-found`."""
    found = next((stage for stage in accepting_stages(programme) if stage.code == code), None)
    if found is None:
        raise NotFound("programmes.stage")
    return found


def places_of(by: Actor, stage: Stage) -> set[int]:
    """The units at which the person who acts has the role that a stage's reviewers have, at its level, today."""
    role, level = grant_of(way_of(stage)[0])
    units = by.units(ACCEPT)
    held = Grant.objects.filter(unit__in=units, role=role, person__in=behind(by), starts_on__lte=today())
    held = held.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today()), unit__level=level)
    return set(held.values_list("unit", flat=True))


def people_accepting(stage: Stage, school: int) -> set[int]:
    """Who accepts the results of a school in a stage today: whom to tell."""
    return holders_above(school, *grant_of(way_of(stage)[0]))


def holders_above(school: int, role: str, level: str) -> set[int]:
    """Who holds a role today at a unit of this level of the tree that the school stands at or below."""
    above = Closure.objects.filter(unit=school, during__contains=today()).values("ancestor")
    held = Grant.objects.filter(unit__in=above, role=role, unit__level=level, starts_on__lte=today())
    held = held.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today())).order_by("pk")
    return set(in_force(held.values_list("person", flat=True)).values())


@dataclass(frozen=True)
class PersonInAcceptance:
    """How one person stands in an acceptance: `state` waits, accepted or refused (`reason`); `passed` and `failed` results;
    `partial`: who acts cannot decide about them (themselves, or they judged something of theirs, or have said that they may not)."""

    enrolment: int
    person: Person
    state: str
    passed: int
    failed: int
    newest: int  # the result up to which they would be accepted
    reason: str
    at: datetime | None
    partial: bool


@dataclass(frozen=True)
class AcceptancePage:
    """A school's acceptance: `people` with a result each, `acts` whether who acts accepts here, `insider` whether they belong to
    the school (a post, a host, a result of theirs among the people) and so cannot."""

    programme: Programme
    stage: Stage
    unit: Unit
    row: Acceptance | None
    people: Sequence[PersonInAcceptance]
    acts: bool
    insider: bool
    signed: bool  # by who acts

    @property
    def waiting(self) -> int:
        """How many people nobody has decided about."""
        return sum(one.state == "waits" for one in self.people)

    @property
    def accepted(self) -> int:
        """How many people's results are accepted."""
        return sum(one.state == "accepted" for one in self.people)


def acceptance_page(by: Actor, programme: int, stage: str, unit: int) -> AcceptancePage:
    """The page of a school, for those who accept and those who see the school's results; refuses `not-found`."""
    rule, school = accepting_stage(programme, stage), Unit.objects.filter(pk=unit).first()
    acts = school is not None and units_below(places_of(by, rule)).filter(pk=unit).exists()
    if school is None or not (acts or units_within(by, VIEW_RESULTS).filter(pk=unit).exists()):
        raise NotFound("organisations.unit")
    row = Acceptance.objects.filter(programme=programme, stage=stage, unit=unit).first()
    people, own = people_in(by, programme, stage, unit), set(behind(by).values_list("pk", flat=True))
    return AcceptancePage(
        programme=Programme.objects.get(pk=programme),
        stage=rule,
        unit=school,
        row=row,
        people=people,
        acts=acts,
        insider=is_insider(by, unit) or any(one.person.pk in own for one in people),
        signed=row is not None and bool(set(row.signers) & own),
    )


@dataclass(frozen=True)
class PersonToAccept:
    """What lies before those who decide about one person: `results` that stand, oldest first, each with its evidence, if any."""

    page: AcceptancePage
    one: PersonInAcceptance
    results: Sequence[Result]

    @property
    def evidence(self) -> Q:
        """The condition on `evidence.Submission` for what these results rest on: the `assigned` shape of reach."""
        return Q(pk__in=[row.submission_id for row in self.results if row.submission_id is not None])


def person_to_accept(by: Actor, programme: int, stage: str, unit: int, enrolment: int) -> PersonToAccept:
    """One person of a school, for whoever may decide about them; refuses `not-found`, also for oneself, for whom one judged or may
    not judge, and within one's own school."""
    page = acceptance_page(by, programme, stage, unit)
    one = next((row for row in page.people if row.enrolment == enrolment and not row.partial), None)
    if one is None or not page.acts or page.insider:
        raise NotFound("programmes.enrolment")
    enrolled = Enrolment.objects.filter(programme=programme, person__in=same_people([one.person.pk]))
    rows = Result.objects.filter(enrolment__in=enrolled.values("pk"), overturned_at__isnull=True)
    return PersonToAccept(page, one, list(rows.select_related("submission").order_by("decided_at", "pk")))


def is_insider(by: Actor, school: int) -> bool:
    """Whether somebody behind the act has a post in the school today or is hosted by it."""
    return school in _schools_behind(by)


def _schools_behind(by: Actor) -> set[int]:
    """The schools in which somebody behind the act has a post today, and those that host them."""
    own = behind(by)
    posts = Posting.objects.filter(person__in=own, during__contains=today()).order_by("pk")
    hosted = Enrolment.objects.filter(person__in=own).order_by("pk")
    found = (*posts.values_list("school", flat=True), *hosted.values_list("host", flat=True))
    return {school for school in found if school is not None}


def people_in(by: Actor, programme: int, stage: str, unit: int) -> list[PersonInAcceptance]:
    """Everybody of the school with a result in the programme whose version has the stage, in the order of names, under one enrolment
    where records of theirs were merged; as many queries however many there are."""
    enrolled = enrolments_of_school(programme, unit) | Enrolment.objects.filter(programme=programme, host=unit)
    asking = [
        pk
        for pk in _versions(programme)
        if any(s.code == stage and s.does == "accepts" for s in document_of(pk).stages)
    ]
    rows = list(enrolled.filter(version__in=asking).distinct().order_by("pk").values_list("pk", "person"))
    current = in_force(person for _pk, person in rows)
    tallies = _tallies(programme, set(current.values()))
    said = last_said(programme, stage, set(current.values()))
    own = set(behind(by).values_list("pk", flat=True))
    judged = in_force(
        Assignment.objects.filter(state="done", reviewer__in=own, judged__in=same_people(current.values()))
        .exclude(role="self").order_by("pk").values_list("judged", flat=True)
    )  # fmt: skip
    recused = Recusal.objects.filter(ended_at__isnull=True, reviewer__in=own, judged__in=same_people(current.values()))
    partial = (
        own | set(judged.values()) | set(in_force(recused.order_by("pk").values_list("judged", flat=True)).values())
    )
    standing = {current[person]: pk for pk, person in rows[::-1]} | {
        person: pk for pk, person in rows if current[person] == person
    }
    people = Person.objects.in_bulk(tallies.keys() & standing.keys())
    found = [
        _person(person, standing[pk], tallies[pk], said.get(pk), partial=pk in partial) for pk, person in people.items()
    ]
    return sorted(found, key=lambda one: (one.person.name_order, one.enrolment))


def _person(
    person: Person, enrolment: int, tally: tuple[int, int, int], row: AcceptedPerson | None, *, partial: bool
) -> PersonInAcceptance:
    passed, failed, newest = tally
    return PersonInAcceptance(
        enrolment, person, _state(row, passed, newest), passed, failed, newest, row.reason if row else "", row.at if row else None,
        partial,
    )  # fmt: skip


def _tallies(programme: int, people: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """Results in force by person: passed, failed, and the newest passed one that has to be accepted."""
    enrolled = Enrolment.objects.filter(programme=programme, person__in=same_people(people))
    rows = Result.objects.filter(enrolment__in=enrolled.values("pk"), overturned_at__isnull=True)
    counted = rows.values(who=Coalesce("person__merged_into", "person")).annotate(
        passed=Count("pk", filter=~Q(level="fail")),
        failed=Count("pk", filter=Q(level="fail")),
        newest=Max("pk", filter=~Q(level="fail") & Q(source__in=LOOKED_AT)),
    )
    return {row["who"]: (row["passed"], row["failed"], row["newest"] or 0) for row in counted.order_by("who")}


def last_said(programme: int, stage: str, people: Collection[int]) -> Mapping[int, AcceptedPerson]:
    """The last word about each person, at whichever school."""
    rows = AcceptedPerson.objects.filter(
        acceptance__programme=programme, acceptance__stage=stage, person__in=same_people(people)
    )
    named = rows.annotate(who=Coalesce("person__merged_into", "person")).order_by("at", "pk")
    last = dict(named.values_list("who", "pk"))
    found = AcceptedPerson.objects.in_bulk(last.values())
    return {who: found[pk] for who, pk in last.items()}


def _state(row: AcceptedPerson | None, passed: int, newest: int) -> str:
    if row is not None and row.state == "refused" and newest <= row.through:
        return "refused"
    if not passed:
        return "nothing"
    return "accepted" if row is not None and row.state == "accepted" and newest <= row.through else "waits"


@dataclass(frozen=True)
class SchoolInAcceptance:
    """A school on the list of those who accept: its state (`row` None: not asked for yet) and how many of its people have a
    result, are accepted, refused."""

    unit: Unit
    row: Acceptance | None
    people: int
    accepted: int
    refused: int


def schools_accepting(by: Actor, programme: int, stage: Stage) -> QuerySet[Unit]:
    """The schools that take part and whose results who acts accepts in a stage, or sees, in the order of their names."""
    places = places_of(by, stage)
    below = units_below(places) if places else units_within(by, VIEW_RESULTS)
    taking = EnrolledSchool.objects.filter(programme=programme).taking_part(today()).values("unit")
    return Unit.objects.filter(pk__in=below.values("pk")).filter(pk__in=taking).order_by("place", "name", "pk")


def acceptance_of_schools(programme: int, stage: str, schools: Sequence[Unit]) -> list[SchoolInAcceptance]:
    """How the acceptance of each of these schools stands; four queries."""
    rows = {row.unit_id: row for row in Acceptance.objects.filter(programme=programme, stage=stage, unit__in=schools)}
    said = AcceptedPerson.objects.filter(acceptance__in=rows.values()).values("acceptance__unit", "state")
    counts = {(row["acceptance__unit"], row["state"]): row["n"] for row in said.annotate(n=Count("pk")).order_by()}
    posts = Posting.objects.filter(home=True, school__in=schools, during__contains=today())
    where = dict(posts.order_by("pk").values_list("person", "school"))
    judged = Result.objects.filter(
        overturned_at__isnull=True, enrolment__in=Enrolment.objects.filter(programme=programme).values("pk"),
        person__in=same_people(where),
    )  # fmt: skip
    current = in_force(judged.order_by("person").values_list("person", flat=True).distinct())
    people: dict[int, set[int]] = {}
    for person in current.values():
        people.setdefault(where[person], set()).add(person)
    return [
        SchoolInAcceptance(
            unit, rows.get(unit.pk), len(people.get(unit.pk, ())), counts.get((unit.pk, "accepted"), 0),
            counts.get((unit.pk, "refused"), 0),
        )
        for unit in schools
    ]  # fmt: skip


def submissions_to_accept(by: Actor) -> Q:
    """The condition on `evidence.Submission` for what lies before those who accept: handed in by people of schools whose
    acceptance is open, in a stage of theirs; never of a school to which they belong."""
    if not by.units(ACCEPT):
        return Q(pk__in=[])
    found = Q(pk__in=[])
    rows = Acceptance.objects.filter(state="open", asked_at__isnull=False, unit__in=units_below(by.units(ACCEPT)))
    rows = rows.exclude(unit__in=_schools_behind(by))
    for programme, stage in set(rows.order_by("pk").values_list("programme", "stage")):
        rule = next((one for one in accepting_stages(programme) if one.code == stage), None)
        if rule is None:
            continue
        here = rows.filter(programme=programme, stage=stage, unit__in=units_below(places_of(by, rule))).values("unit")
        posts = Posting.objects.filter(home=True, school__in=here, during__contains=today()).values("person")
        enrolled = Enrolment.objects.filter(Q(person__in=same_people(posts)) | Q(host__in=here), programme=programme)
        mine = Submission.objects.filter(enrolment__in=enrolled.values("pk"), state="decided")
        found |= Q(pk__in=mine.exclude(person__in=behind(by)).values("pk"))
    return found
