"""YAML as a tree in which every value and every key knows where it stands and which document it came from."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.nodes import Node as YamlNode

from weineng.programmes.documents.problems import DocumentRefused, Place, Problem, near
from weineng.programmes.documents.trees import AliasError, compose

MARKS = ("assumed", "fixed", "may_replace")
DIGITS = 30  # of a number; what has more is text, since calculating with it takes minutes
LONGEST = 300_000  # characters; the five plans need about 10,000


@dataclass
class Node:
    """A value with its place. `value`: dict of nodes, list of nodes, or a scalar (str, int, Decimal, bool, date, None).

    `origin` is the code of the document it was written in; `over` what it replaced in a base; `because` the reason why
    a value that is not in the plan's text was assumed; `fixed` and `may_replace` what a refinement may make of it.
    """

    value: Any
    place: Place
    origin: str = ""
    keys: dict[str, Place] = field(default_factory=dict)
    over: "Node | None" = None
    because: "Node | None" = None
    fixed: "Node | None" = None
    may_replace: "Node | None" = None
    added: bool = False  # a row, or a line of a row, that a refinement adds where its base has the others

    def stamp(self, origin: str) -> None:
        """Write the origin into this node and everything below."""
        self.origin = origin
        inner = self.value.values() if isinstance(self.value, dict) else self.value
        for node in inner if isinstance(inner, list | type({}.values())) else ():
            node.stamp(origin)
        for mark in (self.because, self.fixed, self.may_replace):
            if mark:
                mark.stamp(origin)


def read_nodes(text: str, file: str) -> Node:
    """The tree of one YAML document; raises DocumentRefused with `yaml-syntax`, `alias`, `duplicate-key`, `too-long`,
    `wrong-type` where it is no mapping."""
    if len(text) > LONGEST:
        raise DocumentRefused([Problem(Place(file, 1, 1), "", "too-long", {"limit": LONGEST})])
    try:
        root = compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        if isinstance(error, AliasError):
            raise DocumentRefused([Problem(place, "", "alias")]) from error
        raise DocumentRefused([Problem(place, "", "yaml-syntax", {"problem": error.problem or str(error)})]) from error
    except (YAMLError, ValueError) as error:
        problem = str(error).split("\n")[0]
        raise DocumentRefused([Problem(Place(file, 1, 1), "", "yaml-syntax", {"problem": problem})]) from error
    reader = _Reader(file)
    node = reader.read(root) if root is not None else Node({}, Place(file, 1, 1))
    if not reader.problems and not isinstance(node.value, dict):
        reader.problems.append(Problem(node.place, "", "wrong-type", {"expected": "{…}"}))
    if reader.problems:
        raise DocumentRefused(reader.problems)
    return node


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def read(self, yaml: YamlNode) -> Node:
        place = Place(self.file, yaml.start_mark.line + 1, yaml.start_mark.column + 1)
        if isinstance(yaml, MappingNode):
            return self.mapping(yaml, place)
        if isinstance(yaml, SequenceNode):
            return Node([self.read(item) for item in yaml.value], place)
        return Node(scalar_of(yaml), place)

    def mapping(self, yaml: MappingNode, place: Place) -> Node:
        node = Node({}, place)
        for key, value in yaml.value:
            at = Place(self.file, key.start_mark.line + 1, key.start_mark.column + 1)
            name = key.value if isinstance(key, ScalarNode) else "?"
            if name in node.value:
                self.problems.append(Problem(at, name, "duplicate-key", {"key": name}))
            node.value[name] = self.read(value)
            node.keys[name] = at
            if node.value[name].value is None:  # nothing stands there: the name is the place to look at
                node.value[name].place = at
            if "value" in node.value and name not in ("value", *MARKS) and near(name, MARKS):
                self.problems.append(Problem(at, name, "unknown-field", {"field": name, **near(name, MARKS)}))
        return _marked(node)


def _marked(node: Node) -> Node:
    """A cell `{value, assumed}` is its value, with the reason beside it; so are `fixed` and `may_replace`."""
    if "value" not in node.value or len(node.value) == 1 or node.value.keys() - {"value", *MARKS}:
        return node
    inner: Node = node.value["value"]
    inner.because, inner.fixed, inner.may_replace = (node.value.get(mark) for mark in MARKS)
    if isinstance(inner.value, dict):
        for entry in inner.value.values():
            entry.may_replace = entry.may_replace or inner.may_replace
    return inner


def scalar_of(yaml: YamlNode) -> Any:
    """The value of a scalar: text, whole number, Decimal, bool, date or None."""
    kind, text = str(yaml.tag).rsplit(":", 1)[-1], str(yaml.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "timestamp" and len(text) == len("2026-01-01"):
        return _or_text(date.fromisoformat, text)
    if kind in ("int", "float"):
        number = _or_text(Decimal, text.replace("_", ""))
        if isinstance(number, Decimal) and not (number.is_finite() and abs(number.adjusted()) < DIGITS):
            return text
        return int(number) if kind == "int" and isinstance(number, Decimal) else number
    return text


def _or_text(read: Any, text: str) -> Any:
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        return text
