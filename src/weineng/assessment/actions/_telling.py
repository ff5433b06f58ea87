"""Tell reviewers what waits for them, in one message a programme, and that what they had begun is no longer theirs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from weineng.assessment.models import Assignment, StageRun
from weineng.audit.models import Line
from weineng.kernel.ids import seal_id
from weineng.notices.effects import Told, correct_state, notify_each, seen, tell_state
from weineng.organisations.reach import same_people
from weineng.programmes.models import Programme

REVIEWER = Coalesce("reviewer__merged_into", "reviewer")  # the person in force
_PROGRAMME = F("run__dossier__submission__programme")
ASSIGNED, ENDED = "reviews-waiting", "review-ended"
UNFINISHED = ("assigned", "opened")


@dataclass
class Handing:
    """What an act gives to reviewers and takes from them; each is told once, at its end (`tell`)."""

    act: Line | Callable[[], Line]  # its line in the log, or what writes it as soon as there is something to tell
    given: set[int] = field(default_factory=set)  # assignments
    taken: set[int] = field(default_factory=set)  # assignments, and those of them that were begun
    begun: set[int] = field(default_factory=set)

    @cached_property
    def line(self) -> Line:
        """The act's line in the log; written now if it was not yet."""
        return self.act if isinstance(self.act, Line) else self.act()

    def attempt(self, step: "Callable[[Handing, StageRun], int]", run: StageRun) -> int:
        """A step in a savepoint of the caller's: of one that fails nothing is told, and a line that was first written in it is
        written again by the next."""
        written, kept = "line" in vars(self), [set(told) for told in (self.given, self.taken, self.begun)]
        try:
            return step(self, run)
        except Exception:
            if not written:
                vars(self).pop("line", None)
            self.given, self.taken, self.begun = kept
            raise

    def take(self, rows: QuerySet[Assignment], why: str) -> int:
        """Take the unfinished ones among these from their reviewers, with the reason; returns how many."""
        found = list(rows.filter(state__in=UNFINISHED).order_by("pk").values_list("pk", "state", "role"))
        gone = Assignment.objects.filter(pk__in=[pk for pk, _state, _role in found], state__in=UNFINISHED)
        self.taken |= {pk for pk, _state, role in found if role != "self"}
        self.begun |= {pk for pk, state, role in found if role != "self" and state == "opened"}
        return gone.update(state="void", void_reason=why)

    def tell(self) -> None:
        """Tell whoever got dossiers how many wait for them, and whoever had begun one that it is no longer theirs; what was
        told before and is not read yet is put right."""
        given, taken = _concerned(self.given), _concerned(self.taken)
        told = _waiting(given | taken)
        new = [one for one in told if one.params and (one.person, one.about) in given]
        tell_state(cause=self.line, event=ASSIGNED, told=new)
        correct_state(cause=self.line, event=ASSIGNED, told=[one for one in told if one not in new])
        notify_each(cause=self.line, event=ENDED, told=_ended(self.begun))


def about_programme(programme: int) -> str:
    """What a message of waiting dossiers is about."""
    return f"reviews:{programme}"


def note_seen(cause: Line, programme: str) -> None:
    """Whoever opens a dossier of a programme (its code) knows that some wait there."""
    row = Programme.objects.get(code=programme)
    if cause.person is not None:
        seen(cause=cause, person=cause.person, event=ASSIGNED, about=about_programme(row.pk))


def _concerned(assignments: Collection[int]) -> set[tuple[int, str]]:
    """Whom these reviews were given to (the person in force) and what they are told about."""
    if not assignments:
        return set()
    rows = Assignment.objects.filter(pk__in=assignments).exclude(role="self")
    pairs = set(rows.order_by("pk").values_list(REVIEWER, _PROGRAMME))
    programmes = dict(Programme.objects.filter(code__in={code for _who, code in pairs}).values_list("code", "pk"))
    return {(who, about_programme(programmes[code])) for who, code in pairs}


def _waiting(concerned: Collection[tuple[int, str]]) -> list[Told]:
    """How many dossiers wait for each of these people in each of these programmes, and till when the first one."""
    if not concerned:
        return []
    reviewers = {who for who, _about in concerned}
    theirs = Assignment.objects.filter(reviewer__in=same_people(reviewers)).exclude(role="self")
    counted = Q(state__in=UNFINISHED, run__dossier__state="open")
    rows = theirs.values(who=REVIEWER, code=_PROGRAMME)
    found = list(
        rows.annotate(count=Count("pk", filter=counted), due=Min("due_on", filter=counted)).order_by("who", "code")
    )
    programmes = {row.code: row for row in Programme.objects.filter(code__in={row["code"] for row in found})}
    told = []
    for row in found:
        programme = programmes[row["code"]]
        params = (
            {"programme": dict(programme.title), "count": row["count"], "due": str(row["due"])} if row["count"] else {}
        )
        told.append(Told(row["who"], params, about_programme(programme.pk), "/review/"))
    return [one for one in told if (one.person, one.about) in concerned]


def _ended(assignments: Collection[int]) -> list[Told]:
    rows = Assignment.objects.filter(pk__in=assignments, state="void").annotate(who=REVIEWER, code=_PROGRAMME)
    found = list(rows.order_by("pk").values_list("pk", "who", "code"))
    programmes = Programme.objects.filter(code__in={code for _pk, _who, code in found}).order_by("pk")
    titles = dict(programmes.values_list("code", "title"))
    return [
        Told(
            who,
            {"programme": dict(titles[code])},
            f"assignment:{pk}",
            f"/review/{seal_id('assessment.assignment', pk)}/",
        )
        for pk, who, code in found
    ]
