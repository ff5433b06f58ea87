"""Forms about something that two people may edit, with as many lines as somebody needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

MOST = 40  # lines of one kind


@dataclass(frozen=True)
class Lines:
    """Lines of one kind in a form: `parts` are the names of a line's fields (`step_0`, `step_1` …), `least` how many lines
    an empty form has. The button `more-<name>` shows one more."""

    name: str
    parts: tuple[str, ...]
    least: int

    def sent(self, data: QueryDict) -> int:
        """How many lines a browser sent."""
        return next(n for n in range(MOST + 1) if n == MOST or not any(f"{p}_{n}" in data for p in self.parts))

    def close_up(self, data: QueryDict) -> None:
        """Let what was written below an empty line move up, so that lines have the numbers they are saved under."""
        lines = [[data.pop(f"{part}_{n}", []) for part in self.parts] for n in range(self.sent(data))]
        full = [line for line in lines if any(value.strip() for values in line for value in values)]
        for n, line in enumerate(full):
            for part, values in zip(self.parts, line, strict=True):
                data.setlist(f"{part}_{n}", values)


class Revised(forms.Form):
    """A form that carries the revision it was made from. Its lines grow: one empty line stands below what is written down,
    and a button shows another with everything that was typed still there."""

    kinds: ClassVar[tuple[Lines, ...]] = ()

    revision = forms.IntegerField(widget=forms.HiddenInput)
    saved = False

    def __init__(self, data: QueryDict | None, *, initial: Mapping[str, Any]) -> None:
        self.counts: dict[str, int] = {}
        if data is not None:
            data = data.copy()
            for kind in self.kinds:
                more = data.get("do") == f"more-{kind.name}"
                self.counts[kind.name] = min(max(kind.least, kind.sent(data) + more), MOST)
                kind.close_up(data)
        super().__init__(data, initial=dict(initial))

    def add_lines(
        self, kind: Lines, stored: Sequence[Mapping[str, Any]], make: Callable[[str, int], forms.Field]
    ) -> None:
        """Put in as many lines of a kind as were sent or, before that, are written down in `stored`; `make` makes the field
        of a part in a line."""
        count = self.counts.setdefault(kind.name, min(max(kind.least, len(stored) + 1), MOST))
        for n in range(count):
            for part in kind.parts:
                self.initial[f"{part}_{n}"] = stored[n].get(part, "") if n < len(stored) else ""
                self.fields[f"{part}_{n}"] = make(part, n)

    def lines_of(self, kind: Lines) -> list[list[forms.BoundField]]:
        """The lines of a kind, each with its fields."""
        return [[self[f"{part}_{n}"] for part in kind.parts] for n in range(self.counts[kind.name])]

    def written(self, kind: Lines) -> list[tuple[Any, ...]]:
        """What was written into each line that is not empty, as far as it goes."""
        values = [tuple(self.cleaned_data[bound.name] for bound in line) for line in self.lines_of(kind)]
        return [line for line in values if any(line)]

    @property
    def grows(self) -> bool:
        """Whether only another line was asked for: nothing is to be judged or saved yet."""
        return self.is_bound and self.data.get("do") in {f"more-{kind.name}" for kind in self.kinds}

    def full_clean(self) -> None:
        """As every form; one that grows has no errors."""
        if self.grows:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def saved_as(self, revision: int) -> None:
        """What was written is saved: shown again, because a further step is refused, it goes on from there."""
        self.saved = True
        self._go_on_from(revision)

    def overtaken(self, revision: int) -> bool:
        """Whether somebody else saved the plan, which is at this revision now, while this form was being filled; shown
        beside what they saved, it goes on from there."""
        known = getattr(self, "cleaned_data", {}).get("revision", revision) if self.is_bound else revision
        if self.saved or known == revision:
            return False
        self._go_on_from(revision)
        return True

    def _go_on_from(self, revision: int) -> None:
        if isinstance(self.data, QueryDict):
            data = self.data.copy()
            data["revision"] = str(revision)
            self.data = data
