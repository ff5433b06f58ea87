"""A document in plain sentences of the reader's language: what the programme page shows beside each line's code."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from weineng.programmes.documents.labels import (
    AXES,
    BASES_OF_CAPS,
    ESTABLISHMENT_NAMES,
    IN_POST_NAMES,
    ISSUERS,
    KIND_NAMES,
    LEVELS_OF_DOCUMENTS,
    MODE_NAMES,
    VERDICT_NAMES,
)
from weineng.programmes.documents.saying import Sayer
from weineng.programmes.rules import Assumption, Cap, Document, Earning, Kind, Target
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS


@dataclass(frozen=True)
class Described:
    """One sentence. `section` groups them (cycle, scope, …), `path` names the line of the document; `assumed` are the
    assumptions that it rests on, `inherited` whether the line comes from the base; `fixed`: a refinement may not change it;
    `may_replace`: it may with the approval of this level."""

    section: str
    path: str
    text: str
    assumed: tuple[Assumption, ...] = ()
    inherited: bool = False
    fixed: bool = False
    may_replace: str = ""


def describe(document: Document, language: str) -> tuple[Described, ...]:
    """Every rule of the document as a sentence in `language` (a Django language code), in the order of the document."""
    with override(language):
        says = _Says(document, language)
        return tuple(_resting(document, section, path, text) for section, path, text in says.everything())


def said_of_target(document: Document, target: Target, language: str) -> str:
    """One step of the roll-out as a sentence, as `describe` says it."""
    with override(language):
        return _Says(document, language).target(target)


def _resting(document: Document, section: str, path: str, text: str) -> Described:
    assumed = tuple(a for a in document.assumptions if _touches(a.path, path))
    inherited = any(_touches(line, path) for line in document.inherited)
    fixed = any(_touches(line, path) for line in document.fixed)
    levels = [level for line, level in document.replaceable.items() if _touches(line, path)]
    may_replace = str(LEVELS_OF_DOCUMENTS[levels[0]]) if levels else ""
    return Described(section, path, text, assumed, inherited, fixed, may_replace)


def _touches(line: str, path: str) -> bool:
    """Whether a line of the document is the path, stands below it, or holds it."""
    return line == path or line.startswith(f"{path}.") or path.startswith(f"{line}.")


class _Says(Sayer):
    def everything(self) -> Iterator[tuple[str, str, str]]:
        d = self.document
        yield "cycle", "cycle", self.cycle()
        yield "cycle", "period_minutes", _("One period is %(minutes)s minutes.") % {"minutes": d.period_minutes}
        yield from self.programme()
        yield from self.scope()
        for phase in d.phases:
            params = {"title": self.word(phase.title), "from": self.day(phase.starts), "to": self.day(phase.ends)}
            text = (
                _("%(title)s: %(from)s to %(to)s.")
                if phase.batch
                else _("%(title)s: %(from)s to %(to)s; no batch of schools.")
            )
            yield "phases", f"phases.{phase.code}", text % params
        for gate in d.gates:
            yield "gates", f"gates.{gate.code}", self.gate(gate)
        for demand in d.demands:
            yield "demands", f"demands.{demand.code}", self.demand(demand)
        for advice in d.advice:
            yield "demands", f"advice.{advice.code}", self.advice(advice)
        for kind in d.kinds:
            yield "kinds", f"kinds.{kind.code}", self.kind(kind)
        for cap in d.caps:
            yield "caps", f"caps.{cap.code}", self.cap(cap)
        for earning in d.earnings:
            yield "results", f"results.{earning.item}", self.earning(earning)
        yield from self.choice()
        yield from self.all_points()
        for handbook in d.handbook:
            by_school = _("Task of the handbook, which the school confirms: %(title)s.")
            text = by_school if handbook.confirmed_by == "school" else _("Task of the handbook: %(title)s.")
            text %= {"title": self.word(handbook.title)}
            yield "handbook", f"handbook.{handbook.code}", text
        yield from self.assessment()
        yield from self.levels()
        yield from self.ends()
        for task, due in d.tasks.items():
            params = {"task": self.task(task), "due": self.day(due)}
            yield "tasks", f"tasks.{task}", _("%(task)s: by %(due)s.") % params

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
            text = self.together([text, _("It runs at least %(least)s minutes.")])
            params["least"] = str(earning.least_minutes)
        return text % params

    def choice(self) -> Iterator[tuple[str, str, str]]:
        choice = self.document.choice
        params = {"count": choice.points_minimum, "each": choice.each_opened, "credits": self.credits(choice.credits)}
        if choice.opened_minimum:
            axis = {"axis": str(AXES[choice.axis])}
            yield "choice", "choice.axis", _("A school chooses which of these it opens: %(axis)s.") % axis
            yield "choice", "choice.opened", _("A school opens at least %(count)s.") % {"count": choice.opened_minimum}
        else:
            yield "choice", "choice.opened", _("No school opens points: all that may be chosen are open to everybody.")
        for flag, count in choice.opened_minimum_for_flag.items():
            text = _("A school with the flag “%(flag)s” opens at least %(count)s.")
            path = f"choice.opened.minimum_for_flag.{flag}"
            yield "choice", path, text % {"flag": self.flag(flag), "count": count}
        only = {
            "environment": [ENVIRONMENTS[value] for value in choice.environments],
            "dimension": [DIMENSIONS[value] for value in choice.dimensions],
        }
        for name, values in only.items():
            text = _("Only points of these can be opened and chosen: %(values)s.")
            if values:
                yield "choice", f"choice.from.{name}", text % {"values": self.listed(values)}
        text = (
            _("A teacher takes at least %(count)s points, at least %(each)s in each value the school opened.")
            if choice.opened_minimum
            else ngettext(
                "A teacher takes at least %(count)s point.",
                "A teacher takes at least %(count)s points.",
                choice.points_minimum,
            )
        )
        yield "choice", "choice.points", text % params
        if choice.credits:
            yield "choice", "choice.points.credits", _("The points taken give at least %(credits)s credits.") % params
        if choice.declare:
            text = _("Of the chosen points the teacher declares those that are assessed, and the group agrees.")
            yield "choice", "choice.declare", text

    def all_points(self) -> Iterator[tuple[str, str, str]]:
        points = self.document.points
        if points.credits:
            yield (
                "points",
                "points.credits",
                _("A point gives %(credits)s credits.") % {"credits": self.credits(points.credits)},
            )
        for code, hundredths in points.credits_for.items():
            params = {"point": code, "credits": self.credits(hundredths)}
            yield "points", f"points.credits_for.{code}", _("Point %(point)s gives %(credits)s credits.") % params
        for point in points.local:
            yield "points", f"points.local.{point.code}", self.local_point(point)

    def programme(self) -> Iterator[tuple[str, str, str]]:
        d = self.document
        if d.track_of:
            yield (
                "scope",
                "track_of",
                _("This is a track of the programme “%(programme)s”.") % {"programme": d.track_of},
            )
        if d.exclusive_with:
            text = _("What counts in these programmes does not count here: %(programmes)s.")
            yield "scope", "exclusive_with", text % {"programmes": self.listed(d.exclusive_with)}

    def assessment(self) -> Iterator[tuple[str, str, str]]:
        d = self.document
        for stage in d.stages:
            yield "stages", f"stages.{stage.code}", self.stage(stage)
        if d.own_assessment:
            text = _("A school may assess in its own way once its plan says so and the %(level)s has approved it.")
            yield "stages", "assessment_mode", text % {"level": LEVELS_OF_DOCUMENTS[d.own_assessment]}
        yield "stages", "returns", self.returns()

    def returns(self) -> str:
        text = ngettext(
            "Evidence may be returned once before it must be decided.",
            "Evidence may be returned %(count)s times before it must be decided.",
            self.document.returns,
        )
        return text % {"count": self.document.returns}

    def levels(self) -> Iterator[tuple[str, str, str]]:
        yield "levels", "levels.pass", _("Pass: all demands are met.")
        if self.document.excellent_points:
            text = _("Excellent: pass, and at least %(count)s points of the choice are excellent.")
            yield "levels", "levels.excellent", text % {"count": self.document.excellent_points}
        if self.document.profile:
            text = _(
                "Beside it stands the highest level reached in each environment and dimension; it changes no result."
            )
            yield "levels", "levels.profile", text

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
        yield from self.units()
        for target in self.document.targets:
            yield "targets", f"targets.{target.code}", self.target(target)
        for quota in self.document.quotas:
            yield "quotas", f"quotas.{quota.code}", self.quota(quota)
