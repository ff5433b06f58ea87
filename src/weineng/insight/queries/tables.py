"""Tables that leave the house: who stands where against every demand, so that anybody can check our arithmetic."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import today
from weineng.kernel.words import word_for
from weineng.organisations.models import Closure, ExternalIdentifier, Posting
from weineng.organisations.reach import units_below
from weineng.organisations.rules import mask
from weineng.programmes.queries import document_in_force, document_of
from weineng.programmes.rules import Demand, Document
from weineng.progress.models import Standing
from weineng.progress.permissions import EXPORT
from weineng.progress.queries import profile_in
from weineng.progress.queries.standings import IN_MINUTES, DocumentWords
from weineng.progress.reasons import verdict_text
from weineng.sheets import Column, Kind, SheetFormat
from weineng.standards.rules import DIMENSIONS, ENVIRONMENTS

AT_ONCE = 2_000  # enrolments read together
Row = dict[str, object]


@dataclass(frozen=True)
class StandingsTable:
    """A table ready to be written: its columns with headings in the reader's language, its rows (column key → value)."""

    form: SheetFormat
    rows: list[Row]


def standings_table(by: Actor, programme: int, unit: int | None = None) -> StandingsTable:
    """Every enrolment within reach (at or below `unit`), in the order of the tree, then of staff numbers and names.

    For each demand what counts in minutes and in periods rounded down (or points, or credits), what is needed (of a share
    rounded up, as on the page), and its state; then the verdict, why it is not (yet) a pass as sentences and as codes, and the
    version that judged. Identity numbers are masked.
    """
    document = document_in_force(programme)
    rows = sorted(_Rows(document).read(_within(by, programme, unit)), key=lambda pair: pair[0])
    return StandingsTable(standings_form(document), [row for _place, row in rows])


@dataclass(frozen=True)
class StandingsPage:
    """A part of such a table in the order of enrolments: its rows, each with its person, and after which enrolment the next
    part begins (None: this was the last)."""

    form: SheetFormat
    rows: list[tuple[int, Row]]
    following: int | None


def standings_page(by: Actor, programme: int, unit: int | None = None, *, after: int = 0, size: int) -> StandingsPage:
    """As `standings_table`, `size` enrolments at a time: no row is skipped or told twice, whoever joins meanwhile."""
    document = document_in_force(programme)
    found = _within(by, programme, unit).filter(enrolment__gt=after)
    rows = list(found.select_related("enrolment__person", "enrolment__version").order_by("enrolment")[: size + 1])
    said = _Rows(document).batch(rows[:size])
    people = [row.enrolment.person_id for row in rows[:size]]
    return StandingsPage(
        standings_form(document), [(person, row) for person, (_place, row) in zip(people, said, strict=True)],
        rows[size - 1].enrolment_id if len(rows) > size else None,
    )  # fmt: skip


def _within(by: Actor, programme: int, unit: int | None) -> QuerySet[Standing]:
    found = Standing.objects.within(by, EXPORT).filter(programme=programme, demand="overall")
    return found if unit is None else found.filter(leaf__in=units_below(frozenset({unit})).values("pk"))


def notes_on_standings() -> list[str]:
    """What the numbers mean, for the sheet beside the table."""
    return [
        _(
            "Minutes are what counts; periods are rounded down to one tenth, so that nobody reads 50.0 and is not finished."
        ),
        _("What is needed of a share is rounded up, for the same reason."),
        _("The table shows the state of its moment. Identity numbers are masked."),
        _("Codes beside the words stay the same in every language: use them for calculations."),
    ]


def standings_form(document: Document) -> SheetFormat:
    """The columns of the table for a document."""
    language = get_language() or "en"
    columns = [
        _column("path", _("Unit")), _column("school", _("School")), _column("group", _("Group")), _column("name", _("Name")),
        _column("staff_number", _("Staff number")), _column("identity", _("Identity number")),
    ]  # fmt: skip
    for demand in document.demands:
        title = word_for(demand.title, language)
        if demand.type in IN_MINUTES:
            columns += [
                _column(f"{demand.code}_minutes", _("%(title)s: minutes") % {"title": title}, Kind.INTEGER),
                _column(f"{demand.code}_periods", _("%(title)s: periods") % {"title": title}, Kind.NUMBER),
                _column(f"{demand.code}_need", _("%(title)s: periods needed") % {"title": title}, Kind.NUMBER),
            ]
        else:
            kind = Kind.NUMBER if demand.type == "credits" else Kind.INTEGER
            columns += [
                _column(f"{demand.code}_have", title, kind),
                _column(f"{demand.code}_need", _("%(title)s: needed") % {"title": title}, kind),
            ]
        columns.append(_column(f"{demand.code}_state", _("%(title)s: state") % {"title": title}))
    columns += [_column(key, _("%(environment)s: %(dimension)s") % names) for key, names in _cells(document).items()]
    columns += [
        _column("met", _("Demands met"), Kind.INTEGER), _column("asked", _("Demands asked"), Kind.INTEGER),
        _column("verdict", _("Overall")), _column("verdict_code", _("Overall (code)")), _column("reached", _("Reached (code)")),
        _column("participant", _("Takes part")), _column("counted_in", _("In the denominator")), _column("reasons", _("Reasons")),
        _column("reason_codes", _("Reasons (codes)")), _column("version", _("Version of the programme"), Kind.INTEGER),
    ]  # fmt: skip
    return SheetFormat("standings", tuple(columns), needed=())


def _cells(document: Document) -> dict[str, dict[str, object]]:
    """The columns of the profile: key → what its heading names."""
    return {
        f"profile_{environment}_{dimension}": {"environment": inside, "dimension": title}
        for environment, inside in (ENVIRONMENTS if document.profile else {}).items()
        for dimension, title in DIMENSIONS.items()
    }


def _column(key: str, heading: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(key, kind, (heading,))


@dataclass
class _Rows:
    """Reads standings in batches and says each as one row with its place in the order."""

    document: Document
    ways: dict[int, tuple[tuple[str, int, str], ...]] = field(
        default_factory=dict
    )  # leaf → level, place, name from the root
    words: dict[int, DocumentWords] = field(default_factory=dict)  # by version

    def read(self, found: QuerySet[Standing]) -> Iterator[tuple[tuple[Any, ...], Row]]:
        last = 0
        while batch := list(
            found.filter(pk__gt=last).select_related("enrolment__person", "enrolment__version").order_by("pk")[:AT_ONCE]
        ):
            last = batch[-1].pk
            yield from self.batch(batch)

    def batch(self, batch: Sequence[Standing]) -> Iterator[tuple[tuple[Any, ...], Row]]:
        people = [row.enrolment.person_id for row in batch]
        demands = self._demands([row.enrolment_id for row in batch])
        self._learn_ways({row.leaf_id for row in batch if row.leaf_id is not None})
        numbers, identities = _staff_numbers(people), _identities(people)
        for overall in batch:
            person = overall.enrolment.person
            way = self.ways.get(overall.leaf_id or 0, ())
            staff = numbers.get(person.pk, "")
            place = (tuple((p, n) for _l, p, n in way), len(staff), staff, person.name_order, overall.pk)
            row: Row = {
                "path": " / ".join(name for _level, _place, name in way),
                "school": next((name for level, _place, name in reversed(way) if level != "group"), ""),
                "group": next((name for level, _place, name in reversed(way) if level == "group"), ""),
                "name": person.name, "staff_number": staff, "identity": identities.get(person.pk, ""),
            }  # fmt: skip
            yield place, row | self._standing(overall, demands[overall.enrolment_id])

    def _standing(self, overall: Standing, demands: Mapping[str, Standing]) -> Row:
        row: Row = {}
        words = self._words(overall.version)
        for demand in self.document.demands:
            if standing := demands.get(demand.code):
                row |= _demand(demand, standing, words)
        for line in profile_in(document_of(overall.version), overall):
            row |= {f"profile_{line.environment}_{cell.dimension}": cell.level for cell in line.cells}
        return row | {
            "met": overall.have, "asked": overall.need, "verdict": verdict_text(overall.verdict), "verdict_code": overall.verdict,
            "reached": overall.detail.get("reached", ""), "participant": _yes(overall.participant),
            "counted_in": _yes(overall.counted_in),
            "reasons": _("; ").join(reason.text for reason in words.reasons(overall.reasons)),
            "reason_codes": " ".join(_coded(reason) for reason in overall.reasons),
            "version": overall.enrolment.version.number,
        }  # fmt: skip

    def _demands(self, enrolments: Collection[int]) -> Mapping[int, dict[str, Standing]]:
        found: dict[int, dict[str, Standing]] = defaultdict(dict)
        rows = Standing.objects.filter(enrolment__in=enrolments).exclude(demand="overall").order_by("pk")
        for row in rows:
            found[row.enrolment_id][row.demand] = row
        return found

    def _learn_ways(self, leaves: set[int]) -> None:
        fresh = leaves - self.ways.keys()
        steps: dict[int, list[tuple[str, int, str]]] = {leaf: [] for leaf in fresh}
        rows = Closure.objects.filter(unit__in=fresh, during__contains=today()).select_related("ancestor")
        for row in rows.order_by("unit", "-depth"):
            steps[row.unit_id].append((row.ancestor.level, row.ancestor.place, row.ancestor.name))
        self.ways.update({leaf: tuple(way) for leaf, way in steps.items()})

    def _words(self, version: int) -> DocumentWords:
        if version not in self.words:
            self.words[version] = DocumentWords(document_of(version))
        return self.words[version]


def _demand(demand: Demand, standing: Standing, words: DocumentWords) -> Row:
    code = demand.code
    state = {f"{code}_state": verdict_text(standing.verdict)}
    have, need = words.amount(demand.type, standing.have), words.needed(demand.type, standing.need)
    if demand.type in IN_MINUTES:
        return state | {f"{code}_minutes": standing.have, f"{code}_periods": float(have), f"{code}_need": float(need)}
    number = float if demand.type == "credits" else int
    return state | {f"{code}_have": number(have), f"{code}_need": number(need)}


def _yes(said: bool) -> str:  # noqa: FBT001 (a word for a value)
    return _("yes") if said else _("no")


def _coded(reason: Mapping[str, Any]) -> str:
    """`minutes-short:demand=online:missing=135`: the code with its parameters, for machines."""
    params = (
        f"{key}={','.join(map(str, v)) if isinstance(v, list) else v}"
        for key, v in sorted(reason.items())
        if key != "code"
    )
    return ":".join((str(reason["code"]), *params))


def _staff_numbers(people: Collection[int]) -> dict[int, str]:
    rows = Posting.objects.filter(person__in=people, home=True).order_by("during")
    return dict(rows.values_list("person", "staff_number"))


def _identities(people: Collection[int]) -> dict[int, str]:
    rows = ExternalIdentifier.objects.filter(person__in=people, type="id-card", valid_to__isnull=True)
    return {row.person_id: mask(decrypt(row.cipher).decode()) for row in rows.order_by("-pk")}
