"""What is worth knowing of a document although nothing contradicts: assumed lines read the other way, and what can never happen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from weineng.programmes.proving.deciding import Standard, answer, is_stuck
from weineng.programmes.proving.kinds import TeacherKind, kinds_of
from weineng.programmes.proving.saying import kind_text
from weineng.programmes.rules import Document, PointRules, Target

ONE_CREDIT = 100  # hundredths
READINGS: Mapping[str, object] = {
    "axis-dimension": gettext_lazy("Read otherwise (schools open dimensions)"),
    "axis-environment": gettext_lazy("Read otherwise (schools open environments)"),
    "base-counted": gettext_lazy("Read otherwise (the share is taken of what is counted)"),
    "base-required": gettext_lazy("Read otherwise (the share is taken of what is required)"),
    "one-credit": gettext_lazy("Read otherwise (every point is one credit)"),
    "earned-handed_in": gettext_lazy("Read otherwise (what is handed in earns its minutes at once)"),
    "earned-passed": gettext_lazy("Read otherwise (only what is passed earns its minutes)"),
}
SAYS: Mapping[str, object] = {
    "certificate-never": gettext_lazy("Nobody can earn this certificate."),
    "due-before-batch": gettext_lazy("For the batch “%(batch)s” this is due before it begins."),
    "shares-over-hundred": gettext_lazy(
        "The steps of the roll-out ask for more than everything together: %(share)s of 100."
    ),
    "never-widens": gettext_lazy("The draw can never be widened: no more can be lowered than all of it."),
}


@dataclass(frozen=True)
class Note:
    """A remark on some lines. Of another reading `stuck` are the kinds of teachers who could not pass under it."""

    code: str
    lines: tuple[str, ...]
    stuck: tuple[TeacherKind, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The remark in the reader's language."""
        if self.code not in READINGS:
            return str(SAYS[self.code]) % self.params
        if not self.stuck:
            return _("%(reading)s, everybody could pass as well.") % {"reading": READINGS[self.code]}
        kinds = pgettext("between the items of a list", ", ").join(kind_text(kind) for kind in self.stuck)
        return _("%(reading)s, these could not pass: %(kinds)s.") % {"reading": READINGS[self.code], "kinds": kinds}


def notes(document: Document, standard: Standard) -> tuple[Note, ...]:
    """Every remark there is on a document."""
    by_reach = (*_other_readings(document, standard), *_certificates(document, standard))
    return (*by_reach, *_dues(document), *_steps(document), *_draws(document))


def _other_readings(document: Document, standard: Standard) -> Iterator[Note]:
    assumed = {one.path for one in document.assumptions}
    for code, path, other in _alternatives(document):
        if path in assumed:
            stuck = tuple(kind for kind in kinds_of(other) if is_stuck(other, kind, "pass", standard))
            lines = [line for kind in stuck[:1] for line in answer(other, kind, "pass", standard).contradictions[0]]
            yield Note(code, tuple(dict.fromkeys([path, *lines])), stuck)


def _alternatives(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Lines that can be read in two ways: the other way, the line, the document read so."""
    choice = document.choice
    if choice.opened_minimum:
        axis = "environment" if choice.axis == "dimension" else "dimension"
        yield f"axis-{axis}", "choice.axis", replace(document, choice=replace(choice, axis=axis))  # type: ignore[arg-type]
    for demand in document.demands:
        if demand.type == "share":
            base = "counted" if demand.base == "required" else "required"
            rows = tuple(replace(one, base=base) if one is demand else one for one in document.demands)  # type: ignore[arg-type]
            yield f"base-{base}", f"demands.{demand.code}.base", replace(document, demands=rows)
    if document.points.credits not in (0, ONE_CREDIT):
        points = PointRules(ONE_CREDIT, {}, document.points.local)
        yield "one-credit", "points.credits", replace(document, points=points)
    for earning in document.earnings:
        on = "handed_in" if earning.earned_on == "passed" else "passed"
        earned = tuple(replace(one, earned_on=on) if one is earning else one for one in document.earnings)  # type: ignore[arg-type]
        yield f"earned-{on}", f"results.{earning.item}.earned_on", replace(document, earnings=earned)


def _certificates(document: Document, standard: Standard) -> Iterator[Note]:
    for certificate in document.certificates:
        if "pass" not in certificate.when and is_stuck(document, TeacherKind(), "excellent", standard):
            yield Note("certificate-never", (f"certificates.{certificate.code}.when",))


def _dues(document: Document) -> Iterator[Note]:
    for phase in document.phases:
        for task in document.tasks:
            due = document.due(task, phase.code)
            if phase.batch and due is not None and due < phase.starts:
                yield Note(
                    "due-before-batch", (f"tasks.{task}.due", f"phases.{phase.code}.from"), (), {"batch": phase.code}
                )


def _steps(document: Document) -> Iterator[Note]:
    """Steps of the roll-out in which each time others come into the same state: together no more than all of them."""
    groups: dict[tuple[str, str, str, str], list[Target]] = {}
    for target in document.targets:
        if target.per == "period" and target.share:
            groups.setdefault((target.of, target.state, target.flag, target.under), []).append(target)
    for same in groups.values():
        total = sum(target.share or 0 for target in same)
        if total > 100 and not _overlap(same):
            yield Note(
                "shares-over-hundred", tuple(f"targets.{target.code}.share" for target in same), (), {"share": total}
            )


def _overlap(targets: Iterable[Target]) -> bool:
    """Whether two steps share a day: then somebody may be counted in both."""
    rows = sorted((target.starts, target.ends) for target in targets)
    return any(later[0] <= earlier[1] for earlier, later in pairwise(rows))


def _draws(document: Document) -> Iterator[Note]:
    for stage in document.stages:
        if stage.sampling is not None and stage.sampling.tolerance == 100:
            yield Note("never-widens", (f"stages.{stage.code}.tolerance",))
