"""Which school a row means: by its code and its name, in a fixed order, never by a numeral that differs.

Names are tried, spaces and script aside: a current name; a former name; a shortening of one current name; of one former
name; one character wrong, missing or too many in a current name. The first step that fits any school decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from weineng.sheets.plain import plain, words

_SHORTEST = 2
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the register; only units of level `school` take teachers. `official_code` is '' where there is none."""

    unit_code: str
    official_code: str
    name: str
    former_names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    level: str = "school"
    parent: str = ""


@dataclass(frozen=True, slots=True)
class SchoolMatch:
    """The school, or the error's code with the schools it could be; `warning` where somebody should look."""

    unit: Unit | None
    error: str | None = None
    warning: str | None = None
    candidates: tuple[Unit, ...] = ()


class SchoolRegister:
    """The schools of one register, indexed once; every distinct text is matched once."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(unit for unit in units if unit.level == "school")
        self._by_code = {code: unit for unit in self.units for code in (unit.official_code, unit.unit_code) if code}
        self._current = _by_name((unit, (unit.name,)) for unit in self.units)
        self._former = _by_name((unit, unit.former_names) for unit in self.units)
        self._matches: dict[tuple[str, str], SchoolMatch] = {}
        self._named: dict[str, tuple[int, tuple[Unit, ...]]] = {}

    def match(self, code: str, name: str) -> SchoolMatch:
        """The school for a cleaned code and a name as written, either may be ''.

        Errors: `school-unknown`, `school-ambiguous`; warnings: `school-guessed`, `school-name-differs`.
        """
        key = (code, name)
        if key not in self._matches:
            self._matches[key] = self._match(code, plain(name))
        return self._matches[key]

    def _match(self, code: str, name: str) -> SchoolMatch:
        if not code:
            return self._by_name_alone(name)
        unit = self._by_code.get(code)
        if unit is None:
            return SchoolMatch(
                None,
                "school-unknown",
                candidates=self._fitting(name)[1][:_SHOWN] if name else (),
            )
        if not name:
            return SchoolMatch(unit)
        step, fitting = self._fitting(name)
        if unit in fitting:
            return SchoolMatch(unit, warning=None if step == 0 else "school-name-differs")
        if fitting:
            return SchoolMatch(None, "school-ambiguous", candidates=(unit, *fitting[: _SHOWN - 1]))
        return SchoolMatch(None, "school-unknown", candidates=(unit,))

    def _by_name_alone(self, name: str) -> SchoolMatch:
        step, fitting = self._fitting(name)
        if not fitting:
            return SchoolMatch(None, "school-unknown")
        if len(fitting) > 1:
            return SchoolMatch(None, "school-ambiguous", candidates=fitting[:_SHOWN])
        return SchoolMatch(fitting[0], warning=None if step == 0 else "school-guessed")

    def _fitting(self, name: str) -> tuple[int, tuple[Unit, ...]]:
        """The number of the first step that fits any school, and the schools it fits."""
        if name not in self._named:
            steps = enumerate(self._steps(name))
            self._named[name] = next(((n, _distinct(units)) for n, units in steps if units), (-1, ()))
        return self._named[name]

    def _steps(self, name: str) -> Iterator[Sequence[Unit]]:
        if not name:
            return
        yield self._current.get(name, ())
        yield self._former.get(name, ())
        if len(name) >= _SHORTEST:
            yield self._shortened(name, self._current_letters, self._current)
            yield self._shortened(name, self._former_letters, self._former)
        yield self._mistyped(name)

    @cached_property
    def _current_letters(self) -> dict[str, set[str]]:
        return _letters(self._current)

    @cached_property
    def _former_letters(self) -> dict[str, set[str]]:
        return _letters(self._former)

    def _shortened(self, name: str, letters: dict[str, set[str]], names: dict[str, list[Unit]]) -> list[Unit]:
        """The schools whose name has these characters in this order, and more."""
        holding = sorted((letters.get(letter, set()) for letter in set(name)), key=len)
        full = set.intersection(*holding) if holding[0] else set()
        return [unit for long in sorted(full) if _in_order(name, long) for unit in names[long]]

    @cached_property
    def _gaps(self) -> dict[str, set[str]]:
        """Every current name with one character left out → the names."""
        gaps: dict[str, set[str]] = {}
        for name in self._current:
            for gap in _without_one(name):
                gaps.setdefault(gap, set()).add(name)
        return gaps

    def _mistyped(self, name: str) -> list[Unit]:
        near = set(self._gaps.get(name, ()))
        for gap in _without_one(name):
            near |= self._gaps.get(gap, set())
            near |= {gap} & self._current.keys()
        return [unit for right in sorted(near) if _one_slip(name, right) for unit in self._current[right]]


def _by_name(units: Iterable[tuple[Unit, Sequence[str]]]) -> dict[str, list[Unit]]:
    names: dict[str, list[Unit]] = {}
    for unit, called in units:
        for name in called:
            names.setdefault(plain(name), []).append(unit)
    return names


def _letters(names: Iterable[str]) -> dict[str, set[str]]:
    letters: dict[str, set[str]] = {}
    for name in names:
        for letter in name:
            letters.setdefault(letter, set()).add(name)
    return letters


def _distinct(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple({unit.unit_code: unit for unit in units}.values())


def _in_order(short: str, long: str) -> bool:
    rest = iter(long)
    return all(letter in rest for letter in short)


def _without_one(name: str) -> set[str]:
    return {name[:i] + name[i + 1 :] for i in range(len(name))}


def _one_slip(written: str, right: str) -> bool:
    """Whether one character was put wrong, left out or added, and that character is no numeral."""
    start = 0
    while start < min(len(written), len(right)) and written[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(written), len(right)) - start and written[-1 - end] == right[-1 - end]:
        end += 1
    wrong = written[start : len(written) - end]
    meant = right[start : len(right) - end]
    if max(len(wrong), len(meant)) != 1:
        return False
    return not any(letter.isdigit() or letter in _numerals() for letter in wrong + meant)


def _numerals() -> frozenset[str]:
    return frozenset(words("numeral"))
