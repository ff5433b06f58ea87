"""A programme's document: YAML in, checked and folded, a `rules.Document` out; and back into JSON, schema and sentences."""

from weineng.programmes.documents.canonical import from_json, to_json
from weineng.programmes.documents.comparing import Compared, compare
from weineng.programmes.documents.describing import Described, describe, said_of_target
from weineng.programmes.documents.points import Points, shipped_points
from weineng.programmes.documents.problems import LOOSENING, DocumentRefused, Problem
from weineng.programmes.documents.reading import Reading, check_document, read_document, sketch
from weineng.programmes.documents.restoring import as_base_says
from weineng.programmes.documents.schema import document_schema

__all__ = [
    "LOOSENING",
    "Compared",
    "Described",
    "DocumentRefused",
    "Points",
    "Problem",
    "Reading",
    "as_base_says",
    "check_document",
    "compare",
    "describe",
    "document_schema",
    "from_json",
    "read_document",
    "said_of_target",
    "shipped_points",
    "sketch",
    "to_json",
]
