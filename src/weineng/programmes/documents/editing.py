"""Change single values in a document's text: everything else, comments and the way lines are written, stays as it stands.

Values are plain: dicts, lists, text, whole numbers, Decimals, bools, dates; a marked value is `{"value": …, "assumed": …}`.
The text is one that `read_nodes` takes.
"""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.nodes import Node as YamlNode

from weineng.programmes.documents.nodes import scalar_of
from weineng.programmes.documents.trees import compose

Path = Sequence[str | int]  # keys of mappings, places in lists
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # no characters of YAML, or breaks of its lines
AMBIGUOUS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
PLAIN = re.compile(r"[^\W\d_](?:[^\x00-\x1f:#,\[\]{}&*!|>'\"%@`\\]*[^\x00-\x20:#,\[\]{}&*!|>'\"%@`\\])?")


def values_of(text: str) -> dict[str, Any]:
    """The whole document as plain values."""
    root = compose(text)
    found = _value(root) if root is not None else {}
    return found if isinstance(found, dict) else {}


def text_at(text: str, path: Path) -> str:
    """How the value at a path is written; '' where there is none."""
    node = _at(compose(text), path)
    return "" if node is None else text[node.start_mark.index : _end(text, node)]


def rewrite(text: str, path: Path, wanted: Any) -> str:
    """The text in which the value at `path` (which exists) is `wanted`; what is so already stays as it is written."""
    for _time in range(1_000):  # one difference after the other, since each moves the places of those behind it
        root = compose(text)
        node = _at(root, path)
        if node is None:
            raise KeyError(path)
        changed = _step(text, node, wanted, _key_before(root, path))
        if changed is None:
            return text
        text = changed
    raise RuntimeError("a document that never becomes what is wanted")


def put(text: str, key: str, wanted: Any) -> str:
    """The text with a line of the whole document set, whether it was there or not."""
    root = compose(text)
    if isinstance(root, MappingNode) and _at(root, (key,)) is not None:
        return rewrite(text, (key,), wanted)
    lines = f"{key}:{_block(wanted)}" if _is_rows(wanted) else f"{key}: {dump(wanted)}"
    return f"{text.rstrip()}\n{lines}\n" if text.strip() else f"{lines}\n"


def drop(text: str, key: str) -> str:
    """The text without a line of the whole document."""
    root = compose(text)
    if not isinstance(root, MappingNode) or _at(root, (key,)) is None:
        return text
    return _without_key(text, root, key)


def add_row(text: str, key: str, row: dict[str, Any]) -> str:
    """The text with one more row at the end of a list of the whole document."""
    node = _at(compose(text), (key,))
    if not isinstance(node, SequenceNode) or not node.value:
        return put(text, key, [row]) if node is None else _first_row(text, key, row)
    return _appended(text, node, row)


def remove_row(text: str, key: str, place: int) -> str:
    """The text without a row of a list of the whole document; an empty list stays where the last one went."""
    root = compose(text)
    node = _at(root, (key,))
    if not isinstance(node, SequenceNode):
        return text
    if len(node.value) == 1:
        return _replaced(text, node, "[]", _key_before(root, (key,)))
    return _without_row(text, node, place)


def raise_row(text: str, key: str, place: int) -> str:
    """The text in which a row stands before the one that was before it."""
    node = _at(compose(text), (key,))
    if not isinstance(node, SequenceNode) or not 0 < place < len(node.value):
        return text
    spans = [_span(text, node, one) for one in (place - 1, place)]
    (a, b), (c, d) = spans
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def move_years(text: str, years: int) -> str:
    """Every date of the text so many years later; the 29th of February becomes the 28th where there is none."""
    root = compose(text)
    if root is None:
        return text
    for node in reversed(list(_scalars(root))):
        value = scalar_of(node)
        if isinstance(value, date):
            text = _cut(text, node.start_mark.index, _end(text, node), dump(_later(value, years)))
    return text


def dump(value: Any) -> str:
    """A plain value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{dump(str(key))}: {dump(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(dump(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in AMBIGUOUS and not UNPRINTABLE.search(value)
        quoted = json.dumps(value, ensure_ascii=False)
        return value if plain else UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    return "null" if value is None else str(value)


def _value(node: YamlNode) -> Any:
    if isinstance(node, MappingNode):
        return {str(key.value): _value(inner) for key, inner in node.value}
    return [_value(inner) for inner in node.value] if isinstance(node, SequenceNode) else scalar_of(node)


def _at(node: YamlNode | None, path: Path) -> YamlNode | None:
    for part in path:
        if isinstance(node, MappingNode):
            node = next((inner for key, inner in node.value if key.value == part), None)
        elif isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part] if 0 <= part < len(node.value) else None
        else:
            return None
    return node


def _key_before(root: YamlNode | None, path: Path) -> YamlNode | None:
    """The key whose value stands at the path; None for a row."""
    above = _at(root, path[:-1]) if path else None
    if not isinstance(above, MappingNode):
        return None
    return next((key for key, _inner in above.value if key.value == path[-1]), None)


def _step(text: str, node: YamlNode, wanted: Any, key: YamlNode | None) -> str | None:
    """The text with the first difference gone; None where there is none."""
    if isinstance(node, MappingNode) and isinstance(wanted, dict) and wanted and node.value:
        return _step_in_mapping(text, node, wanted)
    if isinstance(node, SequenceNode) and _is_rows(wanted) and _is_rows(_value(node)):
        return _step_in_rows(text, node, wanted)
    return None if same(_value(node), wanted) else _replaced(text, node, dump(wanted), key)


def _step_in_mapping(text: str, node: MappingNode, wanted: dict[str, Any]) -> str | None:
    there = {key.value: (key, inner) for key, inner in node.value}
    for name, value in wanted.items():
        if name not in there:
            return _with_key(text, node, name, value)
    for name, (key, inner) in there.items():
        if name not in wanted:
            return _without_key(text, node, name)
        if (changed := _step(text, inner, wanted[name], key)) is not None:
            return changed
    return None


def _step_in_rows(text: str, node: SequenceNode, wanted: list[Any]) -> str | None:
    rows = _value(node)
    for place, row in enumerate(rows):
        if place >= len(wanted) or not same(row, wanted[place]):
            if len(rows) > len(wanted):
                return _without_row(text, node, place)
            return _step(text, node.value[place], wanted[place], None)
    return _appended(text, node, wanted[len(rows)]) if len(rows) < len(wanted) else None


def same(one: Any, other: Any) -> bool:
    """Whether two plain values say the same: 20 is 20.0, but no `true`, and the order of keys does not matter."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    numbers = all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in (one, other))
    return bool(one == other) and (numbers or type(one) is type(other))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


# --- where something ends, and cutting ---
def _end(text: str, node: YamlNode) -> int:
    """Where a value ends, without the comments and empty lines behind it."""
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            return len(text[: node.end_mark.index].rstrip())
        return int(node.end_mark.index)
    if _in_line(node) or not node.value:
        return int(node.end_mark.index)
    return _pair_end(text, *node.value[-1]) if isinstance(node, MappingNode) else _end(text, node.value[-1])


def _pair_end(text: str, key: YamlNode, node: YamlNode) -> int:
    """Where a key with its value ends; of one without a value, behind its colon."""
    return text.index(":", key.end_mark.index) + 1 if _is_empty(node) else _end(text, node)


def _is_empty(node: YamlNode) -> bool:
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def _in_line(node: YamlNode) -> bool:
    """Whether a list or a mapping is written in brackets."""
    return bool(getattr(node, "flow_style", False))


def _cut(text: str, start: int, end: int, new: str = "") -> str:
    return text[:start] + new + text[end:]


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _replaced(text: str, node: YamlNode, new: str, key: YamlNode | None) -> str:
    start, end = node.start_mark.index, _end(text, node)
    if _is_empty(node):  # nothing stands there yet
        at = len(text[:start].rstrip()) if key is None else text.index(":", key.end_mark.index) + 1
        return _cut(text, at, at, f" {new}")
    folded = isinstance(node, ScalarNode) and node.style in ("|", ">")
    if key is None or folded or _in_line(node) or isinstance(node, ScalarNode):
        return _cut(text, start, end, new)
    colon = text.index(":", key.end_mark.index) + 1  # what stood on the lines below goes behind its key
    return text[:colon] + f" {new}" + text[colon : _line_end(text, colon)] + text[end:]


def _with_key(text: str, node: MappingNode, name: str, value: Any) -> str:
    last = _pair_end(text, *node.value[-1])
    if _in_line(node):
        return _cut(text, last, last, f", {dump(name)}: {dump(value)}")
    at = _line_end(text, last)
    indent = " " * int(node.value[0][0].start_mark.column)
    return _cut(text, at, at, f"\n{indent}{dump(name)}: {dump(value)}")


def _without_key(text: str, node: MappingNode, name: str) -> str:
    place = next(number for number, (key, _inner) in enumerate(node.value) if key.value == name)
    key, inner = node.value[place]
    if len(node.value) == 1:
        return _cut(text, node.start_mark.index, _end(text, node), "{}")
    if _in_line(node) and place == len(node.value) - 1:
        return _cut(text, _pair_end(text, *node.value[place - 1]), _pair_end(text, key, inner))
    start = _line_start(text, key.start_mark.index)
    if _in_line(node) or text[start : key.start_mark.index].strip():  # in a row, after its hyphen
        return _cut(text, key.start_mark.index, node.value[place + 1][0].start_mark.index)
    return _cut(text, start, min(_line_end(text, _pair_end(text, key, inner)) + 1, len(text)))


def _span(text: str, node: SequenceNode, place: int) -> tuple[int, int]:
    """From where to where a row is written: whole lines, or inside the brackets."""
    row = node.value[place]
    if _in_line(node):
        return row.start_mark.index, _end(text, row)
    return _line_start(text, row.start_mark.index), _line_end(text, _end(text, row))


def _without_row(text: str, node: SequenceNode, place: int) -> str:
    start, end = _span(text, node, place)
    if not _in_line(node):
        return _cut(text, start, min(end + 1, len(text)))
    if place == len(node.value) - 1:
        return _cut(text, _end(text, node.value[place - 1]), end)
    return _cut(text, start, node.value[place + 1].start_mark.index)


def _appended(text: str, node: SequenceNode, row: Any) -> str:
    last = _end(text, node.value[-1])
    if _in_line(node):
        return _cut(text, last, last, f", {dump(row)}")
    at, indent = _line_end(text, last), " " * int(node.start_mark.column)
    return _cut(text, at, at, f"\n{indent}- {dump(row)}")


def _first_row(text: str, key: str, row: dict[str, Any]) -> str:
    """The first row where an empty list (or nothing) stood; the comment beside it stays."""
    root = compose(text)
    node, name = _at(root, (key,)), _key_before(root, (key,))
    if node is None or name is None:
        raise KeyError(key)
    text = text if _is_empty(node) else _cut(text, node.start_mark.index, _end(text, node))
    at = _line_end(text, name.end_mark.index)
    return _cut(text, at, at, _block([row]))


def _block(rows: list[Any]) -> str:
    return "".join(f"\n  - {dump(row)}" for row in rows)


def _scalars(node: YamlNode) -> list[ScalarNode]:
    if isinstance(node, MappingNode):
        return [one for key, inner in node.value for one in (key, *_scalars(inner))]
    if isinstance(node, SequenceNode):
        return [one for inner in node.value for one in _scalars(inner)]
    return [node] if isinstance(node, ScalarNode) else []


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
