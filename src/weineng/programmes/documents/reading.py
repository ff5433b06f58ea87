"""Read a document: fold, check every line, check that the whole can be met, and make the `rules.Document`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weineng.programmes.documents.building import build
from weineng.programmes.documents.checking import check_whole
from weineng.programmes.documents.folding import FindBase, fold
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.documents.found import WRONG, Found
from weineng.programmes.documents.nodes import Node
from weineng.programmes.documents.points import FindPoints, shipped_points
from weineng.programmes.documents.problems import OF_THE_WHOLE, DocumentRefused, Place, Problem
from weineng.programmes.documents.records import Field, Record, Rows
from weineng.programmes.rules import Document


@dataclass(frozen=True)
class Reading:
    """What came of reading a text. `document` is None where there are problems, and for a base (`abstract`).

    `draft` is the document also where the only problems are that it cannot be met or loosens its base; `places` says where each
    line of it stands.
    """

    programme: str
    document: Document | None
    problems: tuple[Problem, ...]
    abstract: bool = False
    base: str = ""
    title: Mapping[str, str] | None = None
    draft: Document | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    def place_of(self, path: str) -> Place | None:
        """Where a line stands, or the nearest one above it that does."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path)


def read_document(
    text: str, find_base: FindBase, file: str = "programme.yaml", find_points: FindPoints = shipped_points
) -> Document:
    """The document in a YAML text with its bases folded in.

    `find_base(code)` gives (file name, YAML) of a base, or None. Raises DocumentRefused (`document-wrong`) with every
    problem at its place; a base is `abstract-programme`.
    """
    reading = check_document(text, find_base, file, find_points)
    if reading.problems:
        raise DocumentRefused(reading.problems)
    if reading.document is None:
        node = fold(text, file, find_base)
        raise DocumentRefused([Problem(node.keys["abstract"], "abstract", "abstract-programme")])
    return reading.document


def check_document(
    text: str, find_base: FindBase, file: str = "programme.yaml", find_points: FindPoints = shipped_points,
    approved: frozenset[tuple[str, str, str, str]] = frozenset(),
) -> Reading:  # fmt: skip
    """As `read_document`, but problems are returned, and a base is read as far as it goes.

    `find_points(code)` gives the points of an edition of the standard; None: what depends on them is not checked.
    `approved`: lines of the base that may be replaced, as (path, what the base says, what is said instead, level).
    """
    try:
        node = fold(text, file, find_base)
    except DocumentRefused as refused:
        return Reading("", None, refused.problems)
    found = Found(programme=node.origin, approved=approved)
    flag = node.value.get("abstract")
    abstract = flag is not None and flag.value is True
    plain = (_loosened() if abstract else DOCUMENT).read(node, "", found)
    draft = None
    if plain is not WRONG and not abstract:
        check_whole(plain, found, find_points(plain["standard"]))
        draft = build(plain, found) if {p.code for p in found.problems} <= OF_THE_WHOLE else None
    document = draft if not found.problems else None
    code, base = (_word(node, key) for key in ("programme", "extends"))
    title = plain["title"] if plain is not WRONG else None
    return Reading(code, document, tuple(_in_order(found.problems)), abstract, base, title, draft, found.places)


def sketch(text: str, find_base: FindBase, problems: Iterable[Problem]) -> Document | None:
    """What a text that has these problems says so far: rows that have one are left out, and what is a share of one. None where what
    is left makes no document yet. It is good for being read, not for being judged by."""
    try:
        node = fold(text, "", find_base)
        for name, line in DOCUMENT.fields.items():
            wrong = {problem.path.split(".")[1] for problem in problems if problem.path.startswith(f"{name}.")}
            if isinstance(line.shape, Rows) and wrong and isinstance(node.value[name].value, list):
                _leave_out(node.value[name], line.shape.key, wrong)
        found = Found(programme=node.origin)
        plain = DOCUMENT.read(node, "", found)
        return None if plain is WRONG else build(plain, found)
    except (DocumentRefused, ArithmeticError, LookupError, TypeError, AttributeError, ValueError, StopIteration):
        return None  # what is missing was named among the problems


def _leave_out(rows: Node, key: str, wrong: set[str]) -> None:
    """Leave the rows out that are called so, by code or number, and what is taken of them."""
    names = [{_word(row, key), _word(row, "of"), str(place)} for place, row in enumerate(rows.value)]
    rows.value = [row for row, own in zip(rows.value, names, strict=True) if not own & wrong]


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column))


def _word(node: Node, key: str) -> str:
    value = node.value[key].value if isinstance(node.value, dict) and key in node.value else ""
    return value if isinstance(value, str) else ""


def _loosened() -> Record:
    """A base may leave out what its refinements will say."""
    needed = ("programme", "title")
    return Record(
        {name: Field(f.shape, f.says, name in needed, f.default, f.tightens) for name, f in DOCUMENT.fields.items()}
    )
