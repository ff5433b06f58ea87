"""Give every waiting stage the reviewers it lacks: evenly, never to the person judged, nobody twice."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F

from weineng.assessment.actions._steps import BATCH, each, movable
from weineng.assessment.actions._telling import REVIEWER, Handing
from weineng.assessment.measures import eligible, insiders, loads
from weineng.assessment.models import Assignment, Dossier, StageRun
from weineng.assessment.queries import runs_lacking_reviewers, stage_of, stages_of
from weineng.assessment.rules import mixed, role_on, way_of
from weineng.kernel.clock import now, today
from weineng.organisations.queries import current_person
from weineng.programmes.rules import Stage

LAPSED = "no-longer-eligible"
HANDED = "handed-over"
MAY_AGAIN = (LAPSED, HANDED)  # such a reviewer may be asked again once they are eligible


@dataclass(frozen=True)
class Way:
    """How reviewers of a stage are found: on which bases, and how many of them from inside and outside the school."""

    bases: tuple[str, ...]
    insiders: int = 0
    outsiders: int = 0


def assign(hands: Handing) -> int:
    """Give every waiting stage the reviewers it lacks; returns how many steps were taken."""
    lacking = runs_lacking_reviewers().filter(movable()).select_related("dossier")
    runs = list(lacking.order_by("dossier__opened_at", "pk")[:BATCH])
    stages = stages_of(run.dossier for run in runs)
    by_way: dict[Way, list[StageRun]] = defaultdict(list)

    def sort(run: StageRun) -> int:
        way = way_for(stages[run.dossier_id])
        if way.bases == ("self",):
            return give(hands, run, current_person(run.dossier.person_id), "self")
        by_way[way].append(run)
        return 0

    given = each(runs, sort)
    for way, group in by_way.items():
        given += _Filling(hands, way, group).fill()
    return given


def way_for(stage: Stage) -> Way:
    """How reviewers of a stage are found."""
    return Way(way_of(stage), stage.insiders, stage.outsiders)


@dataclass
class _Filling:
    """Runs of stages whose reviewers are found in one way: from the first pool, then from the next one where it was not
    enough (semantics 20)."""

    hands: Handing
    way: Way
    runs: Sequence[StageRun]
    lacking: dict[int, int] = field(default_factory=dict)  # run -> how many

    def fill(self) -> int:
        """Give each run as many reviewers as it lacks and can have; returns how many steps were taken."""
        self.lacking = {run.pk: run.wanted - run.live for run in self.runs}  # type: ignore[attr-defined]
        given = 0
        for basis in self.way.bases:
            if not (still := self._lacking()):
                break
            given += self._from(basis, still)
        advice = [run for run in self._lacking() if not run.decides]
        return given + each(advice, lambda run: _make_do(run, self.lacking[run.pk]))

    def _lacking(self) -> list[StageRun]:
        return [run for run in self.runs if self.lacking[run.pk] > 0 and run.dossier.stuck_at is None]

    def _from(self, basis: str, runs: Sequence[StageRun]) -> int:
        """Give each run as many of a pool's reviewers as it lacks, those with the least work first."""
        dossiers = [run.dossier_id for run in runs]
        pools = eligible(basis, dossiers, today())
        taken, parts = already(runs), _parts(runs)
        people = set().union(*pools.values(), *parts.values())
        mixing = self.way.insiders + self.way.outsiders > 0
        inside = insiders(dossiers, people, today()) if mixing else {}
        load = defaultdict(int, loads(set().union(*pools.values())))

        def fill(run: StageRun) -> int:
            free = sorted(pools[run.dossier_id] - taken[run.dossier_id], key=lambda person: (load[person], person))
            school = inside.get(run.dossier_id, set())
            chosen = mixed(
                free, school, self.lacking[run.pk],
                insiders=max(0, self.way.insiders - len(parts[run.pk] & school)),
                outsiders=max(0, self.way.outsiders - len(parts[run.pk] - school)),
            )  # fmt: skip
            for reviewer in chosen:
                give(self.hands, run, reviewer, basis)
                load[reviewer] += 1001
            self.lacking[run.pk] -= len(chosen)
            return len(chosen)

        return each(runs, fill)


def _parts(runs: Collection[StageRun]) -> dict[int, set[int]]:
    """Who is asked already, run by run."""
    found: dict[int, set[int]] = {run.pk: set() for run in runs}
    rows = Assignment.objects.filter(run__in=found).exclude(state="void").exclude(role="third")
    for run, reviewer in rows.values_list("run", REVIEWER):
        found[run].add(reviewer)
    return found


def _make_do(run: StageRun, lacking: int) -> int:
    """Advice that too few people can give: with those there are; where there is nobody, the stage is skipped."""
    if lacking < run.wanted:
        StageRun.objects.filter(pk=run.pk).update(wanted=F("wanted") - lacking)
        return 0
    StageRun.objects.filter(pk=run.pk).update(state="skipped", skipped_because="nobody-eligible")
    next_stage(run)
    return 1


def already(runs: Sequence[StageRun]) -> dict[int, set[int]]:
    """Who has a part in these dossiers already, in any stage: nobody judges twice, nor looks once more at what they judged."""
    taken: dict[int, set[int]] = defaultdict(set)
    looks = {run.dossier.submission_id: run.dossier_id for run in runs if run.dossier.sampled_id is not None}
    rows = Assignment.objects.exclude(role="self").exclude(state="void", void_reason__in=MAY_AGAIN)
    mine = rows.filter(run__dossier__in=[run.dossier_id for run in runs])
    for dossier, reviewer in mine.values_list("run__dossier", REVIEWER):
        taken[dossier].add(reviewer)
    before = rows.filter(run__dossier__submission__in=looks, state="done")
    for submission, reviewer in before.values_list("run__dossier__submission", REVIEWER) if looks else ():
        taken[looks[submission]].add(reviewer)
    return taken


def give(hands: Handing, run: StageRun, reviewer: int, basis: str, *, role: str = "") -> int:
    """Ask somebody to review a dossier in a stage, in the role of the basis or in `role`; returns whether that is new."""
    given = {
        "judged_id": run.dossier.person_id, "role": role or role_on(basis), "basis": basis, "assigned_at": now(), "due_on": run.due_on,
    }  # fmt: skip
    again = Assignment.objects.filter(run=run, reviewer=reviewer, state="void", void_reason__in=MAY_AGAIN)
    if not (made := again.update(**given, state="assigned", void_reason="")):
        made = int(Assignment.objects.get_or_create(run=run, reviewer_id=reviewer, defaults=given)[1])
    if made:
        mine = Assignment.objects.filter(run=run, reviewer=reviewer)
        hands.given.update(mine.values_list("pk", flat=True))
    return made


def ask_third(hands: Handing, run: StageRun) -> int:
    """Ask one more of those who review this stage; nothing is decided without, the school or office sees who is lacking."""
    for basis in way_for(stage_of(run.dossier)).bases:
        pool = eligible(basis, [run.dossier_id], today())[run.dossier_id] - already([run])[run.dossier_id]
        if pool:
            load = defaultdict(int, loads(pool))
            return give(hands, run, min(pool, key=lambda person: (load[person], person)), basis, role="third")
    return 0


def next_stage(run: StageRun) -> None:
    """The dossier moves to the next stage, whose time begins now."""
    following = StageRun.objects.filter(dossier=run.dossier_id, place__gt=run.place).order_by("place").first()
    if following is None:
        return
    due = today() + timedelta(days=stage_of(run.dossier, following.stage).days)
    StageRun.objects.filter(pk=following.pk).update(due_on=due)
    Dossier.objects.filter(pk=run.dossier_id).update(stage=following.stage)
