"""A document in plain sentences of the reader's language: what the programme page shows beside each line's code."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from weineng.kernel.words import word_for
from weineng.programmes.documents.labels import (
    AXES,
    BASES_OF_CAPS,
    ESTABLISHMENT_NAMES,
    IN_POST_NAMES,
    ISSUERS,
    KIND_NAMES,
    MODE_NAMES,
    STAGE_REVIEWERS,
    VERDICT_NAMES,
)
from weineng.programmes.rules import Assumption, Cap, Demand, Document, Earning, Kind, Stage


@dataclass(frozen=True)
class Described:
    """One sentence. `section` groups them (cycle, scope, …), `path` names the line of the document; `assumed` are the
    assumptions that it rests on, `inherited` whether the line comes from the base."""

    section: str
    path: str
    text: str
    assumed: tuple[Assumption, ...] = ()
    inherited: bool = False


def describe(document: Document, language: str) -> tuple[Described, ...]:
    """Every rule of the document as a sentence in `language` (a Django language code), in the order of the document."""
    with override(language):
        says = _Says(document, language)
        return tuple(_resting(document, section, path, text) for section, path, text in says.everything())


def _resting(document: Document, section: str, path: str, text: str) -> Described:
    assumed = tuple(a for a in document.assumptions if _touches(a.path, path))
    inherited = any(_touches(line, path) for line in document.inherited)
    return Described(section, path, text, assumed, inherited)


def _touches(line: str, path: str) -> bool:
    """Whether a line of the document is the path, stands below it, or holds it."""
    return line == path or line.startswith(f"{path}.") or path.startswith(f"{line}.")


def periods_of(minutes: int, period_minutes: int) -> str:
    """Minutes as periods, exactly, without needless zeros: 900 → `20`, 337 → `7.49`."""
    return f"{(Decimal(minutes) / period_minutes).quantize(Decimal('0.01')).normalize():f}"


class _Says:
    def __init__(self, document: Document, language: str) -> None:
        self.document = document
        self.language = language
        self.kind_titles = {kind.code: self.word(kind.title) for kind in document.kinds}

    def everything(self) -> Iterator[tuple[str, str, str]]:
        d = self.document
        yield "cycle", "cycle", self.cycle()
        yield "cycle", "period_minutes", _("One period is %(minutes)s minutes.") % {"minutes": d.period_minutes}
        yield from self.scope()
        for phase in d.phases:
            params = {"title": self.word(phase.title), "from": self.day(phase.starts), "to": self.day(phase.ends)}
            text = (
                _("%(title)s: %(from)s to %(to)s.")
                if phase.batch
                else _("%(title)s: %(from)s to %(to)s; no batch of schools.")
            )
            yield "phases", f"phases.{phase.code}", text % params
        for demand in d.demands:
            yield "demands", f"demands.{demand.code}", self.demand(demand)
        for kind in d.kinds:
            yield "kinds", f"kinds.{kind.code}", self.kind(kind)
        for cap in d.caps:
            yield "caps", f"caps.{cap.code}", self.cap(cap)
        for earning in d.earnings:
            yield "results", f"results.{earning.item}", self.earning(earning)
        yield from self.choice()
        for stage in d.stages:
            yield "stages", f"stages.{stage.code}", self.stage(stage)
        yield "stages", "returns", self.returns()
        yield from self.levels()
        yield from self.ends()
        for task, due in d.tasks.items():
            params = {"task": self.task(task), "due": self.day(due)}
            yield "tasks", f"tasks.{task}", _("%(task)s: by %(due)s.") % params

    # --- words ---
    def word(self, words: Mapping[str, str]) -> str:
        return word_for(words, self.language)

    def day(self, on: date) -> str:
        return str(date_format(on, "DATE_FORMAT"))

    def listed(self, words: Iterable[object]) -> str:
        return pgettext("between the items of a list", ", ").join(str(word) for word in words)

    def of_kinds(self, codes: tuple[str, ...]) -> str:
        return self.listed([self.kind_titles.get(code, code) for code in codes])

    def periods(self, minutes: int) -> str:
        return periods_of(minutes, self.document.period_minutes)

    def task(self, code: str) -> str:
        if code == "choose":
            return _("Choose capability points")
        return next((self.word(d.title) for d in self.document.demands if d.code == code), code)

    # --- sentences ---
    def cycle(self) -> str:
        cycle = self.document.cycle
        return _(
            "What happens from %(start)s to %(cut_off)s counts; what is reported late is taken until %(late_until)s."
        ) % {
            "start": self.day(cycle.start),
            "cut_off": self.day(cycle.cut_off),
            "late_until": self.day(cycle.late_until),
        }

    def scope(self) -> Iterator[tuple[str, str, str]]:
        scope = self.document.scope
        names = {"kinds": self.listed([KIND_NAMES[code] for code in scope.kinds])}
        yield "scope", "scope.kinds", _("These take part: %(kinds)s.") % names
        states = {"states": self.listed([IN_POST_NAMES[code] for code in scope.in_post])}
        yield "scope", "scope.in_post", _("People who are %(states)s take part.") % states
        if scope.establishment:
            kinds = {"kinds": self.listed([ESTABLISHMENT_NAMES[code] for code in scope.establishment])}
            text = _("Only these take part: %(kinds)s.") % kinds
        else:
            text = _("It does not matter how they are employed.")
        yield "scope", "scope.establishment", text
        if scope.licence_required_for_kinds:
            names = {"kinds": self.listed([KIND_NAMES[code] for code in scope.licence_required_for_kinds])}
            text = _("At %(kinds)s only people with a teaching licence take part; each is attached to a host school.")
            yield "scope", "scope.licence_required_for_kinds", text % names

    def demand(self, demand: Demand) -> str:
        if demand.type == "minutes":
            params = {"title": self.word(demand.title), "periods": self.periods(demand.minimum)}
            if len(demand.kinds) > 1:
                params["kinds"] = self.of_kinds(demand.kinds)
                return _("%(title)s: at least %(periods)s periods of %(kinds)s together.") % params
            return _("%(title)s: at least %(periods)s periods.") % params
        counts = {"title": self.word(demand.title), "count": demand.minimum, "each": demand.each_opened}
        if demand.each_opened:
            return (
                _(
                    "%(title)s: at least %(count)s of the chosen points, at least %(each)s in each value the school opened."
                )
                % counts
            )
        return _("%(title)s: at least %(count)s of the chosen points.") % counts

    def kind(self, kind: Kind) -> str:
        params = {"title": self.word(kind.title)}
        if kind.source == "results":
            what = {"point": _("passed capability points"), "recording": _("the classroom recording")}
            return _("%(title)s is earned by %(what)s; it cannot be delivered by a platform.") % (
                params | {"what": what.get(kind.item, kind.item)}
            )
        params["modes"] = self.listed([str(MODE_NAMES[mode]) for mode in kind.modes])
        return _("%(title)s: records of the mode %(modes)s.") % params

    def cap(self, cap: Cap) -> str:
        params = {
            "kinds": self.of_kinds(cap.kinds),
            "periods": self.periods(cap.minutes),
            "per": str(BASES_OF_CAPS[cap.per]),
        }
        if not cap.excess_to:
            return _("Of %(kinds)s at most %(periods)s periods count %(per)s.") % params
        params["to"] = self.of_kinds((cap.excess_to,))
        return _("Of %(kinds)s at most %(periods)s periods count %(per)s; the rest counts as %(to)s.") % params

    def earning(self, earning: Earning) -> str:
        params = {"periods": self.periods(earning.minutes), "kind": self.of_kinds((earning.kind,))}
        passed = earning.earned_on == "passed"
        if earning.item == "point":
            text = (
                _("Each passed point earns %(periods)s periods of %(kind)s.")
                if passed
                else _("Each point that was handed in earns %(periods)s periods of %(kind)s.")
            )
            return text % params
        params["count"] = str(earning.declared_minimum)
        text = (
            _("The passed recording earns %(periods)s periods; it is declared for at least %(count)s chosen points.")
            if passed
            else _("The recording earns %(periods)s periods when handed in, declared for at least %(count)s points.")
        )
        if earning.least_minutes:
            text = f"{text} {_('It runs at least %(least)s minutes.')}"
            params["least"] = str(earning.least_minutes)
        return text % params

    def choice(self) -> Iterator[tuple[str, str, str]]:
        choice = self.document.choice
        axis = {"axis": str(AXES[choice.axis])}
        yield "choice", "choice.axis", _("A school chooses which of these it opens: %(axis)s.") % axis
        yield "choice", "choice.opened", _("A school opens at least %(count)s.") % {"count": choice.opened_minimum}
        for flag, count in choice.opened_minimum_for_flag.items():
            text = _("A school with the flag “%(flag)s” opens at least %(count)s.")
            yield "choice", f"choice.opened.minimum_for_flag.{flag}", text % {"flag": flag, "count": count}
        params = {"count": choice.points_minimum, "each": choice.each_opened}
        text = _("A teacher takes at least %(count)s points, at least %(each)s in each value the school opened.")
        yield "choice", "choice.points", text % params

    def stage(self, stage: Stage) -> str:
        who = ngettext("%(count)s × %(who)s", "%(count)s × %(who)s", stage.reviewers) % {
            "count": stage.reviewers,
            "who": STAGE_REVIEWERS[stage.by],
        }
        params = {"title": self.word(stage.title), "who": who, "days": stage.days}
        if not stage.decides:
            return _("%(title)s: %(who)s, within %(days)s days; advice, not counted.") % params
        if stage.third_on_difference:
            return (
                _(
                    "%(title)s: %(who)s, within %(days)s days; decides. Where two differ a third looks; the median counts."
                )
                % params
            )
        return _("%(title)s: %(who)s, within %(days)s days; decides.") % params

    def returns(self) -> str:
        text = ngettext(
            "Evidence may be returned once before it must be decided.",
            "Evidence may be returned %(count)s times before it must be decided.",
            self.document.returns,
        )
        return text % {"count": self.document.returns}

    def levels(self) -> Iterator[tuple[str, str, str]]:
        yield "levels", "levels.pass", _("Pass: all demands are met.")
        text = _("Excellent: pass, and at least %(count)s points of the choice are excellent.")
        yield "levels", "levels.excellent", text % {"count": self.document.excellent_points}

    def ends(self) -> Iterator[tuple[str, str, str]]:
        for certificate in self.document.certificates:
            params = {
                "title": self.word(certificate.title),
                "issuer": str(ISSUERS[certificate.level]),
                "when": self.listed([str(VERDICT_NAMES[verdict]) for verdict in certificate.when]),
            }
            text = _("%(title)s: issued by the %(issuer)s for %(when)s.")
            yield "certificates", f"certificates.{certificate.code}", text % params
        text = _("A school is completed when at least %(share)s %% of its teachers have passed.")
        yield "school", "school.completed_share", text % {"share": self.document.completed_share}
