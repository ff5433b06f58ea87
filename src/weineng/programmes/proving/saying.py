"""Answers in the reader's words: the kind of teacher, what they could do, which lines contradict each other and where they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from weineng.kernel.words import word_for
from weineng.programmes.documents.describing import describe
from weineng.programmes.documents.labels import FLAG_NAMES, VERDICT_NAMES
from weineng.programmes.proving.kinds import TeacherKind
from weineng.programmes.proving.witnesses import Witness
from weineng.programmes.rules import Document, in_periods
from weineng.standards.rules import AXES, ENVIRONMENTS

ITEMS: Mapping[str, object] = {
    "school-plan": gettext_lazy("the school's plan is approved"),
    "self-diagnosis": gettext_lazy("the self-diagnosis is handed in"),
}


@dataclass(frozen=True)
class SaidLine:
    """A line of a contradiction: its path, the sentence of the document it belongs to, whether the line was assumed."""

    path: str
    text: str
    assumed: bool = False


def kind_text(kind: TeacherKind, people: int = 0) -> str:
    """Which teachers are meant, and how many of them there are."""
    said = [_("of a school with the flag “%(flag)s”") % {"flag": FLAG_NAMES.get(flag, flag)} for flag in kind.flags]
    if kind.environment:
        said.append(_("of a school that works in: %(environment)s") % {"environment": ENVIRONMENTS[kind.environment]})
    if kind.colleagues == 0:
        said.append(_("without a colleague in the school"))
    elif kind.colleagues is not None:
        text = ngettext("with %(count)s colleague there", "with %(count)s colleagues there", kind.colleagues)
        said.append(text % {"count": kind.colleagues})
    which = pgettext("between the items of a list", ", ").join(said)
    text = _("Teachers %(which)s") % {"which": which} if said else _("Teachers in general")
    return _("%(kind)s (%(people)s people)") % {"kind": text, "people": people} if people else text


def answer_text(goal: str, *, proven: bool, reached: bool) -> str:
    """Whether it can be reached."""
    level = {"level": VERDICT_NAMES[goal]}
    if not proven:
        return _("whether “%(level)s” can be reached could not be proven") % level
    if reached:
        return _("“%(level)s” can be reached, for example so:") % level
    return _("“%(level)s” cannot be reached; these lines contradict each other:") % level


def witness_texts(document: Document, witness: Witness) -> tuple[str, ...]:
    """What somebody does to reach it, a sentence each."""
    language, said = get_language() or "en", []
    for kind in document.kinds:
        if minutes := witness.minutes.get(kind.code):
            days = len({record.on for record in witness.records if record.kind == kind.code})
            text = ngettext(
                "%(periods)s periods of %(kind)s on %(count)s day",
                "%(periods)s periods of %(kind)s on %(count)s days",
                days,
            )
            periods = in_periods(minutes, document.period_minutes)
            said.append(text % {"periods": periods, "kind": word_for(kind.title, language), "count": days})
    if witness.opened:
        names = AXES[document.choice.axis]
        values = pgettext("between the items of a list", ", ").join(str(names[value]) for value in witness.opened)
        said.append(_("the school opens: %(values)s") % {"values": values})
    plain = [point for point in witness.passed if point not in witness.excellent]
    for level, points in (("pass", plain), ("excellent", witness.excellent)):
        if points:
            many = {"points": " ".join(points), "level": VERDICT_NAMES[level]}
            said.append(_("these points are chosen, handed in and judged “%(level)s”: %(points)s") % many)
    if more := [point for point in witness.chosen if point not in witness.passed]:
        said.append(_("these are chosen as well: %(points)s") % {"points": " ".join(more)})
    if witness.recording:
        said.append(_("a recording is passed"))
    said += [str(ITEMS[item]) for item in witness.items]
    if witness.tasks:
        said.append(_("confirmed tasks of the handbook: %(count)s") % {"count": len(witness.tasks)})
    return tuple(said)


def line_texts(document: Document, paths: Iterable[str]) -> tuple[SaidLine, ...]:
    """The sentence of each line: that of the nearest described line above it or below it."""
    described = [(line.path, line.text) for line in describe(document, get_language() or "en")]
    assumed = {one.path for one in document.assumptions}
    return tuple(SaidLine(path, _nearest(path, described), path in assumed) for path in paths)


def _nearest(path: str, described: list[tuple[str, str]]) -> str:
    above = [line for line in described if path == line[0] or path.startswith(f"{line[0]}.")]
    below = [line for line in described if line[0].startswith(f"{path}.")]
    if above:
        return max(above, key=lambda line: len(line[0]))[1]
    return below[0][1] if below else path
