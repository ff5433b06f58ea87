"""How our sheets look: one place for both the marked workbook and the exported one."""

import re
from typing import Any

_FILLS = {
    "error": "#F8C9C4",
    "warning": "#FCE9B2",
    "duplicate": "#DDDDDD",
    "ok": "#D5EBD8",
    "duplicate-of": "#DDDDDD",
}
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class Styles:
    """The cell formats of one workbook, made when they are first used."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def _style(self, **properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    @property
    def text(self) -> Any:
        """A cell that keeps what is typed as text."""
        return self._style(num_format="@")

    @property
    def heading(self) -> Any:
        """The format of headings."""
        return self._style(
            bold=True,
            bg_color="#E8EDF3",
            border=1,
            border_color="#B8C2CE",
            text_wrap=True,
            valign="vcenter",
        )

    @property
    def note(self) -> Any:
        """The format of notes."""
        return self._style(text_wrap=True, valign="top")

    def marked(self, state: str, *, text: bool) -> Any:
        """The cell something is wrong with."""
        if text:
            return self._style(bg_color=_FILLS[state], num_format="@")
        return self._style(bg_color=_FILLS[state])

    def state(self, verdict: str) -> Any:
        """The cell that says what became of its row."""
        if verdict == "heading":
            return self.heading
        return self._style(bg_color=_FILLS[verdict], text_wrap=verdict != "ok", valign="top")

    def like(self, style: Any, kind: str) -> Any:
        """A date format with the fill of `style`."""
        shown = {
            "day": "yyyy-mm-dd",
            "moment": "yyyy-mm-dd hh:mm:ss",
            "clock": "hh:mm:ss",
        }[kind]
        fill = getattr(style, "bg_color", 0)
        return self._style(num_format=shown, bg_color=fill) if fill else self._style(num_format=shown)


def safe_sheet_name(name: str, taken: set[str]) -> str:
    """A name every spreadsheet program accepts, different from those in `taken` (which it joins)."""
    base = _NOT_IN_NAMES.sub(" ", name).strip().strip("'")[:31] or "1"
    fresh, number = base, 1
    while fresh.casefold() in taken:
        number += 1
        fresh = f"{base[:27]} {number}"
    taken.add(fresh.casefold())
    return fresh
