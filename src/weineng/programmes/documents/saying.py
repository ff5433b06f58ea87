"""Sentences for single rules: gates, demands, points, stages, the roll-out. `describing` puts them in order."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from weineng.kernel.words import word_for
from weineng.programmes.documents.labels import (
    COUNTED_IN_TARGETS,
    FLAG_NAMES,
    LEVELS_OF_DOCUMENTS,
    STAGE_REVIEWERS,
    STATES_OF_UNITS,
    STRATUM_NAMES,
)
from weineng.programmes.rules import Advice, Demand, Document, Gate, Quota, Stage, Target, in_credits, in_periods
from weineng.standards.rules import AXES, DIMENSIONS, ENVIRONMENTS, LocalPoint


class Sayer:
    """The words of one document in one language."""

    def __init__(self, document: Document, language: str) -> None:
        self.document = document
        self.language = language
        self.kind_titles = {kind.code: self.word(kind.title) for kind in document.kinds}

    # --- words ---
    def word(self, words: Mapping[str, str]) -> str:
        """A text in the reader's language."""
        return word_for(words, self.language)

    def day(self, on: date) -> str:
        """A date as the reader writes it."""
        return str(date_format(on, "DATE_FORMAT"))

    def listed(self, words: Iterable[object]) -> str:
        """Words one after the other."""
        return pgettext("between the items of a list", ", ").join(str(word) for word in words)

    def together(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other; Chinese ones stand without a space."""
        return ("" if self.language.startswith("zh") else " ").join(sentences)

    def of_kinds(self, codes: tuple[str, ...]) -> str:
        """Titles of kinds of minutes."""
        return self.listed([self.kind_titles.get(code, code) for code in codes])

    def periods(self, minutes: int) -> str:
        """Minutes as periods."""
        return in_periods(minutes, self.document.period_minutes)

    def credits(self, hundredths: int) -> str:
        """Hundredths as credits."""
        return in_credits(hundredths)

    def flag(self, code: str) -> str:
        """What a flag is called."""
        return str(FLAG_NAMES.get(code, code))

    # --- gates ---
    def gate(self, gate: Gate) -> str:
        """When it is reached, and what holds before."""
        params = {
            "title": self.word(gate.title), "periods": self.periods(gate.minutes), "kinds": self.of_kinds(gate.kinds),
            "opens": self.of_kinds(gate.opens),
        }  # fmt: skip
        first = _("%(title)s: reached on the day on which %(periods)s periods of %(kinds)s are counted.") % params
        then = {
            "keep": _("Until then %(opens)s does not count; from then on all of it does, whatever its date."),
            "not-counted": _("What is dated before, of %(opens)s, does not count."),
            "refuse": _("Before that no points are chosen, declared or handed in, and %(opens)s does not count.")
            if gate.opens
            else _("Before that no points are chosen, declared or handed in."),
        }[gate.before]
        return self.together([first, then % params])

    # --- demands ---
    def demand(self, demand: Demand) -> str:
        """What is asked, then what is asked besides of parts and of schools with a flag."""
        by_type = {
            "minutes": self.minutes, "share": self.share, "points": self.points, "credits": self.of_credits,
            "none-failed": self.none_failed, "items": self.items,
        }  # fmt: skip
        return self.together([by_type[demand.type](demand), *self.besides(demand)])

    def minutes(self, demand: Demand) -> str:
        """A demand on minutes."""
        params = {"title": self.word(demand.title), "periods": self.periods(demand.minimum)}
        if len(demand.kinds) > 1:
            params["kinds"] = self.of_kinds(demand.kinds)
            return _("%(title)s: at least %(periods)s periods of %(kinds)s together.") % params
        return _("%(title)s: at least %(periods)s periods.") % params

    def advice(self, advice: Advice) -> str:
        """What is suggested."""
        params = {
            "title": self.word(advice.title), "periods": self.periods(advice.minutes), "kinds": self.of_kinds(advice.kinds),
        }  # fmt: skip
        return _("%(title)s: %(periods)s periods of %(kinds)s are suggested; it changes no result.") % params

    def share(self, demand: Demand) -> str:
        """A demand on a share, with the periods it makes of what is required."""
        of = next(other for other in self.document.demands if other.code == demand.of)
        params = {
            "title": self.word(demand.title), "kinds": self.of_kinds(demand.kinds), "share": demand.share,
            "of": self.word(of.title), "periods": self.periods(-(-demand.share * of.minimum // 100)),
        }  # fmt: skip
        if demand.base == "counted":
            return _("%(title)s: of what is counted for “%(of)s”, at least %(share)s %% are %(kinds)s.") % params
        text = _("%(title)s: at least %(share)s %% of what “%(of)s” asks for, %(periods)s periods, are %(kinds)s.")
        return text % params

    def points(self, demand: Demand) -> str:
        """A demand on points."""
        params = {"title": self.word(demand.title), "count": demand.minimum, "each": demand.each_opened}
        each, declared = bool(demand.each_opened), demand.of == "declared"
        texts = {
            (False, False): _("%(title)s: at least %(count)s of the chosen points."),
            (True, False): _(
                "%(title)s: at least %(count)s of the chosen points, at least %(each)s in each value the school opened."
            ),
            (False, True): _("%(title)s: at least %(count)s of the declared points."),
            (True, True): _(
                "%(title)s: at least %(count)s of the declared points, at least %(each)s in each value the school opened."
            ),
        }
        return texts[each, declared] % params

    def of_credits(self, demand: Demand) -> str:
        """A demand on credits."""
        params = {"title": self.word(demand.title), "credits": self.credits(demand.minimum)}
        if demand.of == "declared":
            return _("%(title)s: the declared points that are passed give at least %(credits)s credits.") % params
        return _("%(title)s: the chosen points that are passed give at least %(credits)s credits.") % params

    def none_failed(self, demand: Demand) -> str:
        """The demand that nothing failed."""
        params = {"title": self.word(demand.title)}
        if demand.of == "declared":
            return _("%(title)s: at no declared point the latest attempt has failed.") % params
        return _("%(title)s: at no chosen point the latest attempt has failed.") % params

    def items(self, demand: Demand) -> str:
        """A demand on something that is done."""
        params = {"title": self.word(demand.title), "count": demand.minimum}
        texts = {
            "recording": _("%(title)s: the classroom recording is passed."),
            "handbook": ngettext(
                "%(title)s: at least %(count)s task of the handbook is confirmed.",
                "%(title)s: at least %(count)s tasks of the handbook are confirmed.",
                demand.minimum,
            ),
            "school-plan": _("%(title)s: the plan of the school is approved."),
            "declaration": ngettext(
                "%(title)s: at least %(count)s point is declared, and the group has agreed.",
                "%(title)s: at least %(count)s points are declared, and the group has agreed.",
                demand.minimum,
            ),
            "self-diagnosis": _("%(title)s: the self-diagnosis has been handed in."),
        }
        return texts[demand.item] % params

    def besides(self, demand: Demand) -> Iterator[str]:
        """Level, parts and flags of a demand."""
        if demand.level == "excellent":
            yield _("Only points that are excellent count.")
        for part in demand.parts:
            values = self.listed([AXES[part.axis][value] for value in part.values])
            yield _("At least %(count)s of them from: %(values)s.") % {"count": part.minimum, "values": values}
        for flag, least in demand.minimum_for_flag.items():
            params = {"flag": self.flag(flag), "least": self.periods(least) if demand.type == "minutes" else least}
            yield (
                _("For people whose school bore the flag “%(flag)s” when they were enrolled: at least %(least)s.")
                % params
            )

    # --- points ---
    def local_point(self, point: LocalPoint) -> str:
        """A local point and what it asks for."""
        params = {
            "title": self.word(point.title), "code": point.code, "environment": ENVIRONMENTS[point.environment],
            "dimension": DIMENSIONS[point.dimension], "evidence": self.listed([self.word(row.title) for row in point.evidence]),
        }  # fmt: skip
        return _("Local point %(code)s, %(title)s: %(environment)s, %(dimension)s; asks for %(evidence)s.") % params

    # --- stages ---
    def stage(self, stage: Stage) -> str:
        """Who looks and what comes of it, then what is minded about the reviewers."""
        who = ngettext("%(count)s × %(who)s", "%(count)s × %(who)s", stage.reviewers) % {
            "count": stage.reviewers,
            "who": STAGE_REVIEWERS[stage.by],
        }
        if stage.level:
            who = _("%(who)s (%(level)s)") % {"who": who, "level": LEVELS_OF_DOCUMENTS[stage.level]}
        params = {"title": self.word(stage.title), "who": who, "days": stage.days}
        return self.together([self.outcome(stage) % params, *self.sampling(stage), *self.reviewers(stage)])

    def outcome(self, stage: Stage) -> str:
        """What comes of a stage."""
        if stage.does == "accepts":
            return _(
                "%(title)s: %(who)s, within %(days)s days; accepts or refuses the results, school by school and person by person."
                " Certificates wait for it."
            )
        if stage.does == "samples":
            return _("%(title)s: %(who)s, within %(days)s days; looks at some of the results once more.")
        if not stage.decides:
            return _("%(title)s: %(who)s, within %(days)s days; advice, not counted.")
        if stage.third_on_difference:
            return _(
                "%(title)s: %(who)s, within %(days)s days; decides. Where two differ a third looks; the median counts."
            )
        return _("%(title)s: %(who)s, within %(days)s days; decides.")

    def sampling(self, stage: Stage) -> Iterator[str]:
        """What is drawn, and when more is looked at."""
        if stage.sampling is None:
            return
        params = {
            "share": stage.sampling.share, "least": stage.sampling.least, "tolerance": stage.sampling.tolerance,
            "strata": self.listed([STRATUM_NAMES[one] for one in stage.sampling.strata]),
        }  # fmt: skip
        yield (
            _("%(share)s %% are drawn, at least %(least)s, separately by %(strata)s.") % params
            if stage.sampling.strata
            else _("%(share)s %% are drawn, at least %(least)s.") % params
        )
        yield _("If more than %(tolerance)s %% of them are lowered, all the others are looked at too.") % params

    def reviewers(self, stage: Stage) -> Iterator[str]:
        """What is minded about the reviewers."""
        if stage.insiders:
            yield _("At least %(count)s of them from the school itself.") % {"count": stage.insiders}
        if stage.outsiders:
            yield _("At least %(count)s of them from outside the school.") % {"count": stage.outsiders}
        if stage.blind:
            yield _("They see no name.")
        if stage.delegated_to:
            yield _("A school may hand this over to the training team.")

    # --- the roll-out ---
    def units(self) -> Iterator[tuple[str, str, str]]:
        """When schools and counties are started and completed: section, path, sentence."""
        units = self.document.units
        if units.school_started_with_plan:
            yield "school", "school.started", _("A school is started when its plan is approved.")
        if units.school_completed_accepted:
            yield "school", "school.completed.accepted", _("It is completed only when its results were accepted too.")
        if not units.school_completed_with_plan:
            yield "school", "school.completed.plan_approved", _("It is completed without an approved plan too.")
        plans = {"count": units.county_started_plans}
        if (units.county_started_plans, units.county_started_in_begun_batch) != (1, True):
            text = (
                _("A county is started when %(count)s of its schools in a batch that has begun have an approved plan.")
                if units.county_started_in_begun_batch
                else _("A county is started when %(count)s of its schools have an approved plan.")
            )
            yield "school", "county.started", text % plans
        if units.county_completed_schools is not None:
            text = _("A county is completed when %(share)s %% of its schools are.")
            yield "school", "county.completed", text % {"share": units.county_completed_schools}

    def target(self, target: Target) -> str:
        """One step of the roll-out."""
        params = {
            "from": self.day(target.starts), "to": self.day(target.ends), "of": COUNTED_IN_TARGETS[target.of],
            "state": STATES_OF_UNITS[target.state], "share": target.share, "number": target.number,
        }  # fmt: skip
        measure = {
            (True, False): _("%(share)s %%"), (False, True): "%(number)s", (True, True): _("%(number)s (%(share)s %%)"),
        }[target.share is not None, target.number is not None] % params  # fmt: skip
        text = (
            _("From %(from)s to %(to)s, of the %(of)s: %(measure)s %(state)s.")
            if target.per == "period"
            else _("Until %(to)s, of the %(of)s in all: %(measure)s %(state)s.")
        )
        return self.together([text % (params | {"measure": measure}), *self.scope_of(target)])

    def scope_of(self, target: Target) -> Iterator[str]:
        """Whom a step concerns."""
        if target.flag:
            yield _("Only those with the flag “%(flag)s”.") % {"flag": self.flag(target.flag)}
        if target.under:
            yield _("In each %(level)s by itself.") % {"level": LEVELS_OF_DOCUMENTS[target.under]}

    def quota(self, quota: Quota) -> str:
        """How many may be sent on."""
        params = {
            "title": self.word(quota.title), "level": LEVELS_OF_DOCUMENTS[quota.per], "share": quota.share, "least": quota.least,
        }  # fmt: skip
        texts = {
            (True, "down"): _(
                "%(title)s: each %(level)s sends on %(share)s %% of its participants of the year, rounded down, but at least %(least)s."
            ),
            (True, "up"): _(
                "%(title)s: each %(level)s sends on %(share)s %% of its participants of the year, rounded up, but at least %(least)s."
            ),
            (False, "down"): _(
                "%(title)s: each %(level)s sends on %(share)s %% of its participants, rounded down, but at least %(least)s."
            ),
            (False, "up"): _(
                "%(title)s: each %(level)s sends on %(share)s %% of its participants, rounded up, but at least %(least)s."
            ),
        }
        return texts[quota.year, quota.round] % params
