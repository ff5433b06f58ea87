"""One teacher's numbers, each with what it is made of and why the rest does not count. Nothing is computed here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from weineng.assessment.models import Result
from weineng.evidence.models import Submission
from weineng.kernel.actors import Actor
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.learning.models import Record
from weineng.programmes.models import Enrolment, Programme, Touched
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Advice, Document, in_credits
from weineng.progress.models import Counted, Standing
from weineng.progress.permissions import VIEW
from weineng.progress.queries.profiles import ProfileRow, profile_in
from weineng.progress.reasons import FLAGS, line_text, reason_text, verdict_text
from weineng.standards.models import Point
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS

IN_MINUTES = ("minutes", "share")
UNITS: Mapping[str, object] = {
    "minutes": _("periods"),
    "share": _("periods"),
    "points": _("points"),
    "credits": _("credits"),
    "none-failed": _("points"),
    "items": _("items"),
}
SHORT = {  # reason -> type of the demand, whose amounts it names
    "minutes-short": "minutes", "share-short": "share", "credits-short": "credits", "items-short": "items",
}  # fmt: skip
ITEMS: Mapping[str, object] = {
    "recording": _("Classroom recording"),
    "handbook": _("tasks of the handbook"),
    "school-plan": _("the school's plan"),
    "declaration": _("declared points"),
    "self-diagnosis": _("self-diagnosis"),
}
AXIS_VALUES: Mapping[str, object] = {**DIMENSIONS, **ENVIRONMENTS}


@dataclass(frozen=True)
class Reason:
    """Why not (yet): a stable code with its parameters, and the sentence in the reader's language."""

    code: str
    params: Mapping[str, Any]
    text: str


@dataclass(frozen=True)
class LineView:
    """Minutes of one record or result: `reason` '' counts; `record` is a learning.Record's id, None for a result."""

    origin: str
    origin_id: int
    record: int | None
    title: str
    source: str
    on: date
    minutes: int
    reason: str
    text: str
    flag: str  # a sentence; '' where nothing is odd
    other: int | None  # the id of the record that the reason points to


@dataclass(frozen=True)
class KindLines:
    """One kind of minutes with everything that was said of it; kind '' holds what the programme does not count."""

    kind: str
    title: str
    minutes: int  # that count
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class DemandStanding:
    """One demand: `have` and `need` in minutes, points, hundredths of credits or items (`type`), and the same as shown in
    `unit` (periods rounded down)."""

    code: str
    title: str
    type: str
    have: int
    need: int
    have_text: str
    need_text: str
    met: bool
    verdict: str  # met, open, exempt, left
    kinds: tuple[str, ...]
    passed: tuple[str, ...]  # points that count for it
    reasons: tuple[Reason, ...]

    @property
    def in_periods(self) -> bool:
        """Whether it is measured in minutes, which are shown as periods."""
        return self.type in IN_MINUTES

    @property
    def unit(self) -> str:
        """What is counted, in the reader's language."""
        return str(UNITS[self.type])

    @property
    def share(self) -> int:
        """Whole per cent reached, rounded down; 100 only if met."""
        return 100 if self.met else min(99, 100 * self.have // max(1, self.need))


@dataclass(frozen=True)
class AdviceView:
    """What is suggested: minutes there are of how many, the same in periods, and whether it is followed."""

    code: str
    title: str
    have: int
    suggested: int
    have_text: str
    suggested_text: str

    @property
    def followed(self) -> bool:
        """Whether so many minutes count."""
        return self.have >= self.suggested


@dataclass(frozen=True)
class StandingPage:
    """Where one enrolment stands: overall, per demand, and line by line. `profile`: () where the document shows none;
    `waiting`: something newer is being counted."""

    enrolment: int
    person: int
    programme: int
    version: int
    verdict: str
    verdict_text: str
    reached: str
    met: int
    asked: int
    participant: bool
    leaf: int | None
    demands: tuple[DemandStanding, ...]
    kinds: tuple[KindLines, ...]
    reasons: tuple[Reason, ...]
    profile: tuple[ProfileRow, ...]
    advice: tuple[AdviceView, ...]
    waiting: bool

    @property
    def further_reasons(self) -> tuple[Reason, ...]:
        """The reasons that stand beside no demand: a page that shows the demands says each thing once."""
        said = {reason.text for demand in self.demands for reason in demand.reasons}
        return tuple(reason for reason in self.reasons if reason.text not in said)


def periods(minutes: int, length: int, *, up: bool = False) -> str:
    """Minutes in periods of `length` minutes, rounded down to 0.1 (semantics 1); what is missing is rounded `up`."""
    tenths = -(-minutes * 10 // length) if up else minutes * 10 // length
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def overall_within(by: Actor, enrolment: int) -> Standing:
    """The overall standing of an enrolment within reach; refuses `not-found`, also where nothing has been counted yet."""
    rows = Standing.objects.filter(enrolment=enrolment, demand="overall")
    found = Standing.objects.within(by, VIEW, among=list(rows.values_list("pk", flat=True)))
    return get_or_refuse(found, enrolment=enrolment)


def standing_of(by: Actor, enrolment: int) -> StandingPage:
    """The page of one enrolment within reach; refuses `not-found`, also where nothing has been counted yet."""
    overall = overall_within(by, enrolment)
    rows = {row.demand: row for row in Standing.objects.filter(enrolment=enrolment)}
    document = document_of(overall.version)
    words = DocumentWords(document)
    kinds = _kinds(document, words, counted_of(enrolment))
    return StandingPage(
        enrolment=enrolment,
        person=Enrolment.objects.values_list("person", flat=True).get(pk=enrolment),
        programme=overall.programme_id,
        version=overall.version,
        verdict=overall.verdict,
        verdict_text=verdict_text(overall.verdict),
        reached=overall.detail["reached"],
        met=overall.have,
        asked=overall.need,
        participant=overall.participant,
        leaf=overall.leaf_id,
        demands=tuple(words.demand(rows[d.code]) for d in document.demands if d.code in rows),
        kinds=kinds,
        reasons=words.reasons(overall.reasons),
        profile=profile_in(document, overall),
        advice=tuple(words.advice(line, kinds) for line in document.advice),
        waiting=Touched.objects.filter(enrolment=enrolment).exists(),
    )


def counted_of(enrolment: int) -> QuerySet[Counted]:
    """The lines of an enrolment, oldest event first."""
    return Counted.objects.filter(enrolment=enrolment).order_by("event_on", "origin", "origin_id", "reason")


class DocumentWords:
    """Titles and sentences of one document in the reader's language."""

    @cached_property
    def programmes(self) -> dict[str, str]:
        """Titles of the programmes it excludes, by code."""
        rows = Programme.objects.filter(code__in=self.document.exclusive_with).order_by("pk")
        return {code: word_for(title, self.language) for code, title in rows.values_list("code", "title")}

    def __init__(self, document: Document) -> None:
        self.document, self.language = document, get_language() or "en"
        self.titles = {d.code: word_for(d.title, self.language) for d in document.demands}
        self.rules = {d.code: d for d in document.demands}
        points = Point.objects.filter(edition__code=document.edition).order_by("place").values_list("code", "title")
        self.points = {code: f"{code} {word_for(title, self.language)}" for code, title in points}

    def demand(self, row: Standing) -> DemandStanding:
        """A demand as it is shown."""
        rule = self.rules[row.demand]
        return DemandStanding(
            code=row.demand,
            title=self.titles[row.demand],
            type=rule.type,
            have=row.have,
            need=row.need,
            have_text=self.amount(rule.type, row.have),
            need_text=self.needed(rule.type, row.need),
            met=row.met,
            verdict=row.verdict,
            kinds=rule.kinds,
            passed=tuple(row.detail.get("passed", ())),
            reasons=self.reasons(row.reasons),
        )

    def advice(self, line: Advice, kinds: Iterable[KindLines]) -> AdviceView:
        """A suggestion with what there is of its kinds."""
        have = sum(kind.minutes for kind in kinds if kind.kind in line.kinds)
        texts = self.length(have), self.length(line.minutes)
        return AdviceView(line.code, word_for(line.title, self.language), have, line.minutes, *texts)

    def length(self, minutes: int, *, up: bool = False) -> str:
        """Minutes in the document's periods."""
        return periods(minutes, self.document.period_minutes, up=up)

    def amount(self, type_: str, value: int, *, up: bool = False) -> str:
        """What a demand of a type measures, as it is read: periods, credits, or a number."""
        if type_ in IN_MINUTES:
            return self.length(value, up=up)
        return in_credits(value) if type_ == "credits" else str(value)

    def needed(self, type_: str, value: int) -> str:
        """What a demand of a type asks for, as it is read: a share of minutes is rounded up."""
        return self.amount(type_, value, up=type_ == "share")

    def reasons(self, reasons: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
        """Stored reasons with their sentences."""
        return tuple(self.reason(reason) for reason in reasons)

    def reason(self, reason: Mapping[str, Any]) -> Reason:
        """One of them."""
        params = {key: value for key, value in reason.items() if key != "code"}
        shown = dict(params, demand=self.titles.get(params.get("demand", ""), ""), item=self.item(params))
        if reason["code"] in SHORT:
            shown |= self._short(SHORT[reason["code"]], params)
        if reason["code"] == "part-short":
            shown["values"] = self._values(self.part_values(params["demand"], params["part"]))
        if "values" in params:
            shown["values"] = self._values(params["values"])
        return Reason(reason["code"], params, reason_text(reason["code"], shown))

    def _short(self, type_: str, params: Mapping[str, Any]) -> dict[str, str]:
        """What is there, needed and missing, as it is read; what is missing is never less than it is."""
        return {
            "have_text": self.amount(type_, params["have"]),
            "need_text": self.needed(type_, params["need"]),
            "missing_text": self.amount(type_, params["missing"], up=True),
            "what": str(ITEMS.get(params.get("kind", ""), "")),
        }

    def _values(self, values: Iterable[str]) -> str:
        return say(", ").join(str(AXIS_VALUES.get(value, value)) for value in values)

    def part_values(self, demand: str, part: str) -> tuple[str, ...]:
        """The values on the axis that a part of a demand asks for."""
        return next((row.values for row in self.rules[demand].parts if row.code == part), ())

    def item(self, params: Mapping[str, Any]) -> str:
        """What an item is called: a point by its code and title, the recording by its name."""
        return self.item_of("" if params.get("item") == "recording" else str(params.get("point", "")))

    def item_of(self, point: str) -> str:
        """As `item`, by the point's code; '' is the recording."""
        return self.points.get(point, point) if point else say("Classroom recording")

    def line(self, row: Counted) -> str:
        """Why minutes count or not, with the cap, the gate or the programme that it names."""
        gate = next((g for g in self.document.gates if g.code == row.ref and row.reason == "before-gate"), None)
        title, kept = (word_for(gate.title, self.language), gate.before == "keep") if gate else (row.ref, False)
        other = self.programmes.get(row.ref, row.ref) if row.reason == "counted-elsewhere" else ""
        return line_text(row.reason, {"cap": row.ref, "gate": title, "kept": kept, "programme": other})

    def kind(self, code: str) -> str:
        """What a kind of minutes is called."""
        found = [word_for(k.title, self.language) for k in self.document.kinds if k.code == code]
        return found[0] if found else say("Not part of this programme")


def lines_of_record(record: int) -> list[tuple[Counted, str]]:
    """What the programmes make of one record, each line with its sentence."""
    lines = list(Counted.objects.filter(origin="record", origin_id=record).order_by("reason"))
    versions = Enrolment.objects.filter(pk__in=[line.enrolment for line in lines]).values_list("pk", "version")
    words = {enrolment: DocumentWords(document_of(version)) for enrolment, version in versions.order_by("pk")}
    return [(line, words[line.enrolment].line(line)) for line in lines]


def _kinds(document: Document, words: DocumentWords, lines: QuerySet[Counted]) -> tuple[KindLines, ...]:
    rows = list(lines)
    records = Record.objects.select_related("provider").in_bulk([r.origin_id for r in rows if r.origin == "record"])
    results = Result.objects.in_bulk([r.origin_id for r in rows if r.origin == "result"])
    attempts = Submission.objects.in_bulk([r.origin_id for r in rows if r.origin == "submission"])
    views: dict[str, list[LineView]] = {kind.code: [] for kind in document.kinds}
    counted = dict.fromkeys((*views, ""), 0)
    for row in rows:
        counted[row.kind] += row.minutes if row.reason == "" else 0
        record = records.get(row.origin_id) if row.origin == "record" else None
        item = results.get(row.origin_id) if row.origin == "result" else attempts.get(row.origin_id)
        title = (
            record.title or record.course
            if record
            else words.item({"item": item.item, "point": item.point})
            if item
            else ""
        )
        views.setdefault(row.kind, []).append(
            LineView(
                origin=row.origin, origin_id=row.origin_id, record=record.pk if record else None, title=title,
                source=record.provider.name if record else "", on=row.event_on, minutes=row.minutes, reason=row.reason,
                text=words.line(row), flag=str(FLAGS[row.flagged]) if row.flagged else "",
                other=int(row.ref) if row.reason in ("voided", "corrected-by", "duplicate-of") else None,
            )
        )  # fmt: skip
    return tuple(KindLines(code, words.kind(code), counted[code], tuple(lines)) for code, lines in views.items())
