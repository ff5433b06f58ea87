"""Read a document: fold, check every line, check that the whole can be met, and make the `rules.Document`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from weineng.programmes.documents.checking import check_whole
from weineng.programmes.documents.folding import FindBase, fold
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.problems import DocumentRefused, Problem
from weineng.programmes.documents.shapes import WRONG, Field, Found, Record
from weineng.programmes.rules import (
    Assumption,
    Cap,
    CertificateRule,
    ChoiceRule,
    Cycle,
    Demand,
    Document,
    Earning,
    Kind,
    Phase,
    Scope,
    Stage,
)


@dataclass(frozen=True)
class Reading:
    """What came of reading a text. `document` is None where there are problems, and for a base (`abstract`)."""

    programme: str
    document: Document | None
    problems: tuple[Problem, ...]
    abstract: bool = False
    base: str = ""
    title: Mapping[str, str] | None = None


def read_document(text: str, find_base: FindBase, file: str = "programme.yaml") -> Document:
    """The document in a YAML text with its bases folded in.

    `find_base(code)` gives (file name, YAML) of a base, or None. Raises DocumentRefused (`document-wrong`) with every
    problem at its place; a base is `abstract-programme`.
    """
    reading = check_document(text, find_base, file)
    if reading.problems:
        raise DocumentRefused(reading.problems)
    if reading.document is None:
        node = fold(text, file, find_base)
        raise DocumentRefused([Problem(node.keys["abstract"], "abstract", "abstract-programme")])
    return reading.document


def check_document(text: str, find_base: FindBase, file: str = "programme.yaml") -> Reading:
    """As `read_document`, but problems are returned, and a base is read as far as it goes."""
    try:
        node = fold(text, file, find_base)
    except DocumentRefused as refused:
        return Reading("", None, refused.problems)
    found = Found(programme=node.origin)
    flag = node.value.get("abstract")
    abstract = flag is not None and flag.value is True
    plain = (_loosened() if abstract else DOCUMENT).read(node, "", found)
    document = None
    if plain is not WRONG and not abstract:
        check_whole(plain, found)
    if plain is not WRONG and not abstract and not found.problems:
        document = _build(plain, found)
    code, base = (_word(node, key) for key in ("programme", "extends"))
    title = plain["title"] if plain is not WRONG else None
    return Reading(code, document, tuple(_in_order(found.problems)), abstract, base, title)


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column))


def _word(node: Node, key: str) -> str:
    value = node.value[key].value if key in node.value else ""
    return value if isinstance(value, str) else ""


def _loosened() -> Record:
    """A base may leave out what its refinements will say."""
    needed = ("programme", "title")
    return Record(
        {name: Field(f.shape, f.says, name in needed, f.default, f.tightens) for name, f in DOCUMENT.fields.items()}
    )


def _build(plain: Mapping[str, Any], found: Found) -> Document:
    """The frozen values; everything was checked before."""
    minutes = plain["period_minutes"]
    choice, tasks = plain["choice"], plain["tasks"]
    return Document(
        programme=plain["programme"],
        title=plain["title"],
        standard=plain["standard"],
        time_zone=plain["time_zone"],
        period_minutes=minutes,
        cycle=Cycle(**plain["cycle"]),
        scope=_scope(plain["scope"]),
        phases=tuple(Phase(p["code"], p["title"], p["from"], p["to"], p["batch"]) for p in plain["phases"]),
        tasks={task["code"]: task["due"] for task in tasks},
        kinds=tuple(_kind(kind) for kind in plain["kinds"]),
        caps=tuple(
            Cap(c["code"], c["per"], c["kinds"], int(c["periods"] * minutes), c["excess_to"]) for c in plain["caps"]
        ),
        earnings=tuple(
            Earning(
                r["item"],
                r["kind"],
                int(r["periods"] * minutes),
                r["earned_on"],
                r["declared_minimum"],
                r["least_minutes"],
            )
            for r in plain["results"]
        ),
        demands=tuple(_demand(demand, minutes) for demand in plain["demands"]),
        choice=ChoiceRule(
            axis=choice["axis"],
            opened_minimum=choice["opened"]["minimum"],
            opened_minimum_for_flag=choice["opened"]["minimum_for_flag"],
            points_minimum=choice["points"]["minimum"],
            each_opened=choice["points"]["each_opened"],
        ),
        stages=tuple(Stage(**stage) for stage in plain["stages"]),
        returns=plain["returns"],
        excellent_points=plain["levels"]["excellent"]["points_excellent"],
        certificates=tuple(CertificateRule(**certificate) for certificate in plain["certificates"]),
        completed_share=plain["school"]["completed_share"],
        assumptions=tuple(
            Assumption(path, _plain(value), because, base) for path, value, because, base in found.assumed
        ),
        batch_tasks=_by_batch(tasks),
        base=plain["extends"],
        inherited=tuple(found.inherited),
    )


def _scope(plain: Mapping[str, Any]) -> Scope:
    establishment = () if plain["establishment"] == "any" else plain["establishment"]
    return Scope(plain["kinds"], plain["in_post"], establishment, plain["licence_required_for_kinds"])


def _kind(plain: Mapping[str, Any]) -> Kind:
    modes = plain["match"]["mode"] if plain["match"] else ()
    return Kind(plain["code"], plain["from"], plain["title"], modes, plain["item"])


def _demand(plain: Mapping[str, Any], minutes: int) -> Demand:
    minimum = plain["minimum"] if plain["type"] == "points" else int(plain["periods"] * minutes)
    return Demand(plain["code"], plain["type"], plain["title"], minimum, plain["kinds"], plain["each_opened"])


def _by_batch(tasks: tuple[Mapping[str, Any], ...]) -> dict[str, dict[str, date]]:
    batches: dict[str, dict[str, date]] = {}
    for task in tasks:
        for batch, due in task["due_for_batch"].items():
            batches.setdefault(batch, {})[task["code"]] = due
    return batches


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return value if isinstance(value, int) else str(value)
