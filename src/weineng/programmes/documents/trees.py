"""YAML 1.2 as a tree with marks into its text, read by libyaml: fifteen times as fast as a reader in Python.

The nodes are PyYAML's; composing them from events here keeps two promises its own composer does not: a document nested
as deeply as anybody likes ends in an error instead of the process, and an anchor is seen although nobody refers to it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.error import Mark, MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import BaseResolver

DEEPEST = 50  # levels; the deepest of the five plans has 7


class AliasError(MarkedYAMLError):
    """An anchor or an alias at `problem_mark`."""


class _Resolver(BaseResolver):
    """What an unquoted scalar is: nothing, a truth, a decimal number or a day; everything else is text."""


_KINDS = {  # how it is written, and with what it begins; from https://yaml.org/spec/1.2.2/#103-core-schema
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9][0-9_]*", list("-+0123456789")),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    "timestamp": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
}
for _kind, (_pattern, _first) in _KINDS.items():
    _Resolver.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_pattern})\Z"), _first)


class _Reader(CParser, _Resolver):
    def __init__(self, text: str) -> None:
        self.before = len(text) - len(
            text.removeprefix("\ufeff")
        )  # a mark of the encoding, which libyaml does not count
        CParser.__init__(self, text[self.before :])
        _Resolver.__init__(self)

    def place(self, mark: Any) -> Any:
        """A mark into the whole text."""
        if not self.before:
            return mark
        return Mark(mark.name, mark.index + self.before, mark.line, mark.column, None, 0)


@lru_cache(maxsize=32)  # a plan takes half a megabyte
def compose(text: str) -> Node | None:
    """The tree of a text's only document, None where it has none; raises yaml.YAMLError, `AliasError` among them.

    Kept for a while: checking, showing and publishing read one text several times, and its base each time."""
    reader = _Reader(text)
    events = iter(reader.get_event, None)
    roots = [_node(reader, event, events, 0) for event in events if isinstance(event, yaml.NodeEvent)]
    if len(roots) > 1:
        raise MarkedYAMLError(problem="more than one document", problem_mark=roots[1].start_mark)
    return roots[0] if roots else None


def _node(reader: Any, event: Any, events: Iterator[Any], depth: int) -> Node:
    start, kind = reader.place(event.start_mark), type(event)
    if event.anchor is not None:
        raise AliasError(problem="an anchor or alias", problem_mark=start)
    if depth > DEEPEST:
        raise MarkedYAMLError(problem=f"more than {DEEPEST} levels", problem_mark=start)
    if kind is yaml.ScalarEvent:
        tag = event.tag or reader.resolve(ScalarNode, event.value, event.implicit)
        return ScalarNode(tag, event.value, start, reader.place(event.end_mark), event.style)
    tag, flow, inner = event.tag, event.flow_style, list[Node]()
    while not isinstance(event := next(events), yaml.CollectionEndEvent):
        inner.append(_node(reader, event, events, depth + 1))
    end = reader.place(event.end_mark)
    if kind is yaml.SequenceStartEvent:
        return SequenceNode(tag or reader.DEFAULT_SEQUENCE_TAG, inner, start, end, flow)
    pairs = list(zip(inner[::2], inner[1::2], strict=True))
    return MappingNode(tag or reader.DEFAULT_MAPPING_TAG, pairs, start, end, flow)
