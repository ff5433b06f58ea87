"""What follows from putting another level in the place of a result: the standing before and after, the certificates."""

from collections.abc import Sequence
from dataclasses import dataclass

from weineng.assessment.actions import overturn_result
from weineng.assessment.models import Result
from weineng.certification.queries import Coming, certificates_to_come
from weineng.kernel.actors import Actor, platform
from weineng.kernel.refusals import NotFound
from weineng.progress.actions import recount_these
from weineng.progress.queries import DemandStanding, StandingPage, standing_of
from weineng.web.shell.trial import trial


@dataclass(frozen=True)
class Following:
    """`before` and `after` are None while nothing was counted for this person."""

    before: StandingPage | None
    after: StandingPage | None
    certificates: Sequence[Coming]

    @property
    def demands(self) -> list[tuple[DemandStanding, DemandStanding]]:
        """The demands whose numbers change: (before, after)."""
        old = {demand.code: demand for demand in self.before.demands} if self.before else {}
        now = self.after.demands if self.after else ()
        return [
            (old[d.code], d) for d in now if d.code in old and (old[d.code].have, old[d.code].met) != (d.have, d.met)
        ]

    @property
    def verdict_changes(self) -> bool:
        """Whether the person's standing as a whole changes."""
        return bool(self.before and self.after and self.before.verdict != self.after.verdict)


def what_follows(by: Actor, result: Result, level: str, reason: str) -> Following:
    """What `overturn_result` would bring about, its refusals too; nothing is kept of it."""
    before = _standing(by, result.enrolment)
    with trial():
        overturn_result(by=by, result=result.pk, level=level, reason=reason)
        recount_these(by=platform("trial"), enrolments=[result.enrolment])
        after = _standing(by, result.enrolment)
        return Following(before, after, certificates_to_come([result.enrolment]))


def _standing(by: Actor, enrolment: int) -> StandingPage | None:
    try:
        return standing_of(by, enrolment)
    except NotFound:
        return None
