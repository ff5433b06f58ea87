"""A roster's rows become people with posts, or say what is wrong with them.

Four verdicts: `ok`; `warning` goes in and somebody should look; `error` must not go in; `duplicate-of` has nothing left to
do. Rows are judged one by one first, then against each other (one number with two names, the same row twice, second
posts).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property

from weineng.kernel.sets import Hears, counted
from weineng.sheets import cells
from weineng.sheets.formats import Column, Kind, SheetFormat, roster_format
from weineng.sheets.headers import FoundColumn, Ignored, Record, Table, locate
from weineng.sheets.plain import words
from weineng.sheets.schools import SchoolMatch, SchoolRegister, Unit
from weineng.sheets.texts import SheetRefused
from weineng.sheets.verdicts import Issue, Verdict, count_verdicts
from weineng.sheets.workbook import Value, Workbook

_ZEROS = "000"


@dataclass(frozen=True, slots=True)
class RosterValues:
    """A row in canonical form; None is an empty cell or an absent column. `unit` is the school's unit_code."""

    name: str
    gender: str | None
    id_type: str | None
    id_number: str
    phone: str | None
    school_code: str | None
    school_name: str
    unit: str
    group: str | None
    stage: str | None
    subject: str | None
    post: str | None
    establishment: str | None
    in_post: str | None
    licence: str | None
    staff_number: str | None
    start_date: date | None

    def as_dict(self) -> dict[str, str | None]:
        """All values as text, the date as YYYY-MM-DD."""
        day = self.start_date.isoformat() if self.start_date else None
        return {f.name: day if f.name == "start_date" else getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row that we wrote ourselves, known by its mark: of which person and unit (the caller's numbers), and whether every
    cell still says what we wrote. Then it tells nothing new, and nothing in it is judged."""

    person: int
    unit: int
    unchanged: bool


Recognise = Callable[[str, tuple[str, ...]], OwnRow | None]
"""Mark and texts of a row (`row_texts`) → which of our rows it is, or None."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One record. `values` are there for `ok` and `warning`, except in our own row that is unchanged (`own`); `name` and
    `id_number` are as the file has them.

    `duplicate_of` and `second_post_of` are row numbers of earlier rows.
    """

    row: int
    verdict: Verdict
    values: RosterValues | None
    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...]
    name: str
    id_number: str
    duplicate_of: int | None = None
    second_post_of: int | None = None
    own: OwnRow | None = None


@dataclass(frozen=True)
class RosterReading:
    """What was understood of a roster, and what became of every row below its heading.

    `other_sheets` hold such a table too and were not read: read them by naming them.
    """

    table: Table
    rows: tuple[ReadRow, ...]

    @property
    def sheet(self) -> str | None:
        """The name of the sheet that was read; None for a csv file."""
        return self.table.sheet.name

    @property
    def header_rows(self) -> tuple[int, ...]:
        """The rows that hold the headings."""
        return self.table.header_rows

    @property
    def columns(self) -> Mapping[str, FoundColumn]:
        """Canonical column → where it was found."""
        return self.table.columns

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """Columns of the format that the sheet lacks."""
        return self.table.missing

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """Headings that name no column of the format."""
        return self.table.unknown

    @property
    def ignored_rows(self) -> tuple[Ignored, ...]:
        """Rows that are no record: titles, blanks, repeated headings, totals, footers."""
        return self.table.ignored

    @property
    def other_sheets(self) -> tuple[str, ...]:
        """Sheets that look like rosters too and were not read."""
        return self.table.other_sheets

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by verdict."""
        return count_verdicts(self.rows)


def read_roster(
    workbook: Workbook,
    *,
    schools: SchoolRegister,
    today: date,
    sheet: str | None = None,
    recognise: Recognise = lambda _mark, _texts: None,
    most: int | None = None,
    told: Hears | None = None,
) -> RosterReading:
    """Judge every row of the roster in `workbook` against the register `schools`.

    `recognise` knows the rows of our own exports again. `sheet` names the sheet to read; without it the one that looks
    most like the roster is read. Refuses `no-sheet-of-kind` and `columns-missing` (sheet, columns, keys), and
    `too-many-rows` (limit) where there are more than `most` records. `told` hears how many of them are judged.
    """
    of = roster_format()
    table = locate(workbook, of, sheet=sheet)
    if most is not None and len(table.records) > most:
        raise SheetRefused("too-many-rows", limit=most)
    judge = _Judge(of, schools, today, recognise, epoch_1904=workbook.epoch_1904)
    drafts = [judge.judge(record) for record in counted(table.records, told)]
    _distrust_zeros(drafts)
    return RosterReading(table, tuple(_compare(drafts)))


@dataclass(slots=True)
class _Draft:
    """A row on its own: what could be read of it, before it is compared with the others.

    `identity` says who is meant: the number, or what stands for one that is shortened or missing.
    """

    row: ReadRow
    name: str | None
    identity: str | None
    unit: str | None


def row_texts(cells_of_row: Iterable[object]) -> tuple[str, ...]:
    """The cells of a row (in the order of the format, without its mark) as they are compared with what we wrote."""
    return tuple(cells.clean_text(_plain_value(value)) for value in cells_of_row)


def roster_texts(values: RosterValues) -> tuple[str, ...]:
    """The cells of a row as an export writes them, for its mark."""
    written = values.as_dict()
    return row_texts(written.get(column.key) for column in roster_format().columns if not column.ours)


def _plain_value(value: object) -> Value:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value  # type: ignore[return-value]


class _Judge:
    """Reads single rows. Coded words, dates, schools and texts repeat, so their readings are kept."""

    def __init__(
        self, of: SheetFormat, schools: SchoolRegister, today: date, recognise: Recognise, *, epoch_1904: bool
    ) -> None:
        self._at = {column.key: index for index, column in enumerate(of.columns)}
        self._columns = of.by_key
        self._coded = [(self._at[c.key], c) for c in of.columns if c.kind == Kind.WORD]
        self._schools = schools
        self._today = today
        self._recognise = recognise
        self._epoch_1904 = epoch_1904
        self._resident = words("resident-card")[0]
        self._kept: dict[tuple[str, str], tuple[str | None, str | None]] = {}

    def judge(self, record: Record) -> _Draft:
        read = record.cells
        own = self._own(read)
        if own is not None and own.unchanged:
            return self._as_written(record, own)
        errors: list[Issue] = []
        values: dict[str, str | date | None] = {}
        for at, column in self._coded:
            values[column.key] = self._word(read[at], column, errors)
        name = self._name(read, errors)
        self._simple(read, values, errors)
        school = self._school(read)
        number, identity = self._identity(read, values, own, school.unit, errors)
        warnings = self._school_issues(read, school, values, errors)
        unit = school.unit
        row = ReadRow(
            row=record.row,
            verdict="error" if errors else "warning" if warnings else "ok",
            values=None if errors or unit is None else _values(name, number, unit, values),
            errors=tuple(errors),
            warnings=() if errors else tuple(warnings),
            name=cells.as_text(read[self._at["name"]]),
            id_number=_written(read[self._at["id_number"]]),
            own=own,
        )
        return _Draft(row, name, identity, unit.unit_code if unit else None)

    def _own(self, read: tuple[Value, ...]) -> OwnRow | None:
        mark = cells.compact(read[self._at["row_mark"]]).lower()
        if not mark:
            return None
        return self._recognise(mark, row_texts(v for i, v in enumerate(read) if i != self._at["row_mark"]))

    def _as_written(self, record: Record, own: OwnRow) -> _Draft:
        name = cells.as_text(record.cells[self._at["name"]])
        number = _written(record.cells[self._at["id_number"]])
        row = ReadRow(record.row, "ok", None, (), (), name, number, own=own)
        return _Draft(row, name, f"our {own.person}", f"our {own.unit}")

    def _word(self, value: Value, column: Column, errors: list[Issue]) -> str | None:
        if not isinstance(value, str):
            word, code = cells.read_word(value, column.words)
        else:
            key = (column.key, value)
            if key not in self._kept:
                self._kept[key] = cells.read_word(value, column.words)
            word, code = self._kept[key]
        if code:
            params = {"written": cells.as_text(value).strip()}
            errors.append(Issue(column.key, f"{column.key.replace('_', '-')}-unknown", params))
        return word

    def _name(self, read: tuple[Value, ...], errors: list[Issue]) -> str | None:
        value = read[self._at["name"]]
        name, code = cells.read_name(value, self._columns["name"].longest)
        if code:
            errors.append(_issue("name", code, value, self._columns["name"].longest))
        return name

    def _identity(
        self,
        read: tuple[Value, ...],
        values: Mapping[str, str | date | None],
        own: OwnRow | None,
        unit: Unit | None,
        errors: list[Issue],
    ) -> tuple[str | None, str | None]:
        """The number, and who is meant by the row. A number as our lists shorten it, or none, will do where the row's mark
        tells who is meant; a shortened one also beside a staff number."""
        value = read[self._at["id_number"]]
        id_type, staff = values["id_type"], values["staff_number"]
        number, code = cells.read_identity(
            value, resident=id_type is None or id_type == self._resident, today=self._today
        )
        if own is not None and (code == "id-masked" or not cells.compact(value)):
            return cells.compact(value), f"our {own.person}"
        if code == "id-masked" and staff is not None:
            return cells.compact(value), f"{unit.unit_code if unit else ''} {staff}"
        if code:
            errors.append(_issue("id_number", code, value))
        return number, number

    def _simple(
        self,
        read: tuple[Value, ...],
        values: dict[str, str | date | None],
        errors: list[Issue],
    ) -> None:
        """Phone, date and free texts."""
        readings: list[tuple[str, str | date | None, str | None]] = [
            ("phone", *cells.read_phone(read[self._at["phone"]])),
            (
                "start_date",
                *cells.read_date(
                    read[self._at["start_date"]],
                    today=self._today,
                    epoch_1904=self._epoch_1904,
                ),
            ),
            (
                "staff_number",
                *cells.read_code(
                    read[self._at["staff_number"]],
                    self._columns["staff_number"].longest,
                ),
            ),
            (
                "group",
                *cells.read_text(read[self._at["group"]], self._columns["group"].longest),
            ),
            (
                "post",
                *cells.read_text(read[self._at["post"]], self._columns["post"].longest),
            ),
        ]
        for key, value, code in readings:
            values[key] = value
            if code:
                errors.append(_issue(key, code, read[self._at[key]], self._columns[key].longest))

    def _school(self, read: tuple[Value, ...]) -> SchoolMatch:
        code, name = read[self._at["school_code"]], read[self._at["school_name"]]
        if cells.is_error(code) or cells.is_error(name):
            return SchoolMatch(None, "school-unknown")
        return self._schools.match(cells.compact(code), cells.as_text(name))

    def _school_issues(
        self,
        read: tuple[Value, ...],
        school: SchoolMatch,
        values: Mapping[str, str | date | None],
        errors: list[Issue],
    ) -> list[Issue]:
        """The school's warnings; its errors, and a stage it does not offer, go to `errors`."""
        code, name = read[self._at["school_code"]], read[self._at["school_name"]]
        written = " ".join(cells.as_text(value).strip() for value in (code, name)).strip()
        if school.error or school.unit is None:
            names = ", ".join(unit.name for unit in school.candidates)
            errors.append(
                Issue(
                    "school_name",
                    school.error or "school-unknown",
                    {"written": written, "schools": names},
                )
            )
            return []
        stage = values["stage"]
        if stage is not None and school.unit.stages and stage not in school.unit.stages:
            errors.append(
                Issue(
                    "stage",
                    "stage-mismatch",
                    {"written": stage, "school": school.unit.name},
                )
            )
        if school.warning:
            params = {
                "written": cells.as_text(name).strip(),
                "school": school.unit.name,
            }
            return [Issue("school_name", school.warning, params)]
        return []


def _issue(column: str, code: str, value: Value, limit: int = 0) -> Issue:
    return Issue(column, code, {"written": _written(value).strip(), "limit": limit})


def _written(value: Value) -> str:
    """As the file has it; a number long enough to be damaged shows its exponent."""
    return repr(value) if isinstance(value, float) and abs(value) >= 1e15 else cells.as_text(value)


def _values(
    name: str | None,
    number: str | None,
    unit: Unit,
    values: Mapping[str, str | date | None],
) -> RosterValues | None:
    if name is None or number is None:
        return None
    return RosterValues(
        name=name,
        id_number=number,
        school_code=unit.official_code or None,
        school_name=unit.name,
        unit=unit.unit_code,
        **values,  # type: ignore[arg-type]
    )


def _distrust_zeros(drafts: list[_Draft]) -> None:
    """Where numbers of the file lost their last digits to zeros, every eleventh lost one still passes its check.

    So a number that ends in three zeros counts as damaged as soon as another of the file is.
    """
    lost = (d for d in drafts if d.row.id_number.endswith(_ZEROS) and any(e.code == "id-damaged" for e in d.row.errors))
    if next(lost, None) is None:
        return
    for draft in drafts:
        if draft.identity and draft.identity.isdigit() and draft.identity.endswith(_ZEROS):
            issue = Issue("id_number", "id-damaged", {"written": draft.identity})
            draft.row = replace(draft.row, verdict="error", values=None, errors=(*draft.row.errors, issue), warnings=())
            draft.identity = None


def _compare(drafts: list[_Draft]) -> Iterable[ReadRow]:
    """Rows against each other: conflicting names first, for they are no duplicates and no second posts."""
    names: dict[str, list[str]] = {}
    for draft in drafts:
        if draft.identity and draft.name and draft.name not in names.setdefault(draft.identity, []):
            names[draft.identity].append(draft.name)
    first: dict[tuple[str, str, str], int] = {}
    posts: dict[str, int] = {}
    for draft in drafts:
        if draft.identity is None or draft.name is None:
            yield draft.row
        elif len(names[draft.identity]) > 1:
            yield _conflict(draft.row, names[draft.identity])
        elif draft.unit is None:
            yield draft.row
        else:
            yield _place(draft.row, (draft.identity, draft.name, _post(draft)), first, posts)


def _post(draft: _Draft) -> str:
    """What tells two posts of one person apart: the school, and in our own rows the unit they were written for."""
    return f"{draft.unit} {draft.row.own.unit}" if draft.row.own else str(draft.unit)


def _conflict(row: ReadRow, names: list[str]) -> ReadRow:
    issue = Issue("name", "id-name-conflict", {"names": ", ".join(names)})
    return replace(row, verdict="error", values=None, errors=(*row.errors, issue), warnings=())


def _place(
    row: ReadRow,
    key: tuple[str, str, str],
    first: dict[tuple[str, str, str], int],
    posts: dict[str, int],
) -> ReadRow:
    """A duplicate of an earlier row, a second post of a person of one that goes in, or neither."""
    if key in first:
        issue = Issue("id_number", "duplicate-row", {"row": first[key]})
        verdict: Verdict = "duplicate-of"
        return replace(
            row,
            verdict=verdict,
            values=None,
            errors=(issue,),
            warnings=(),
            duplicate_of=first[key],
        )
    first[key] = row.row
    if row.values is None and row.own is None:
        return row
    earlier = posts.setdefault(key[0], row.row)
    return row if earlier == row.row else replace(row, second_post_of=earlier)
