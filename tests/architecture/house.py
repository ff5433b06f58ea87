"""The source as the house rules read it: files of a module, functions of a room, and what a function calls."""

import ast
import configparser
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "weineng"
DOORS = ("web", "rest", "feeds", "ops")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(place):
    return ast.parse(place.read_text(encoding="utf-8"))


@cache
def walked(place):
    """Every node of a file's tree."""
    return tuple(ast.walk(tree(place)))


def name_of(place):
    return str(place.relative_to(ROOT / "src"))


def tower():
    """The modules of the import contract, layer by layer, from the top."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    lines = contract["importlinter:contract:tower"]["layers"].split("\n")
    return [
        re.split(r"\s*[|:]\s*", line.strip()) for line in lines if line.strip() and not line.strip().startswith("#")
    ]


def modules():
    """The modules of the field: everything but config and the doors."""
    return [name for layer in tower() for name in layer if name not in (*DOORS, "config")]


def sources(*modules_, room="**/*"):
    """Python files of modules, without migrations."""
    found = [place for module in modules_ for place in sorted((SOURCE / module).glob(f"{room}.py"))]
    return [place for place in found if "migrations" not in place.parts]


def room(module, name):
    """The files of a room: `actions.py`, or the files of `actions/` (those with an underscore hold what they share)."""
    return sources(module, room=name) + [p for p in sources(module, room=f"{name}/*") if not p.name.startswith("_")]


def private(places):
    """Functions and classes an action may be made of, by name: private ones, and all of a private file."""
    return {
        node.name: node
        for place in places
        for node in tree(place).body
        if isinstance(node, FUNCTION | ast.ClassDef) and (node.name.startswith("_") or place.name.startswith("_"))
        if place.name != "__init__.py"
    }


def functions(place):
    """Functions at the top of a file, by name."""
    return {node.name: node for node in tree(place).body if isinstance(node, FUNCTION)}


@cache
def called(node):
    """Names of what is called anywhere inside: `record`, `x.save` → `save`."""
    calls = (call.func for call in ast.walk(node) if isinstance(call, ast.Call))
    return frozenset(
        f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, ast.Name | ast.Attribute)
    )


def known_as(places, module, names):
    """What files call these names of a module: themselves, or the alias they import them under."""
    nodes = (node for place in places for node in walked(place) if isinstance(node, ast.ImportFrom))
    aliases = (alias for node in nodes if node.module == module for alias in node.names)
    return {alias.asname or alias.name for alias in aliases if alias.name in names}


def reached(node, around, seen=()):
    """Names called inside, or inside the private functions and classes around it that it calls."""
    names = set(called(node))
    for inner in (names & around.keys()) - set(seen):
        names |= reached(around[inner], around, (*seen, inner))
    return names


def root_of(node):
    """The name at the start of `Name.a.b().c`, else ''."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node):
    """`a.b.c` as text for names and attributes, else ''."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) and dotted(node.value) else ""
