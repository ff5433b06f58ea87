"""The JSON Schema of the format, for editors; published as data/programme.schema.json."""

from typing import Any

from weineng.kernel.words import LANGUAGES
from weineng.programmes.documents.format import DOCUMENT
from weineng.programmes.rules import APPROVING_LEVELS


def document_schema() -> dict[str, Any]:
    """JSON Schema 2020-12. A document that extends a base may leave out whatever the base says; `weineng programme check`
    sees the whole."""
    schema = DOCUMENT.schema()
    required = [name for name, field in DOCUMENT.fields.items() if field.required]
    alone = {
        "not": {
            "anyOf": [
                {"required": ["extends"]},
                {"properties": {"abstract": {"const": True}}, "required": ["abstract"]},
            ]
        }
    }
    words = {
        "type": "object",
        "properties": {language: {"type": "string", "minLength": 1} for language in LANGUAGES},
        "required": list(LANGUAGES),
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Weineng programme document",
        **schema,
        "required": ["programme"],
        "if": alone,
        "then": {"required": required},
        "$defs": {
            "words": words,
            "assumed": {
                "$ref": "#/$defs/words",
                "description": "Why a value that is not in the plan's text was assumed",
            },
            "fixed": {"const": True, "description": "No refinement says anything else"},
            "may_replace": {
                "enum": list(APPROVING_LEVELS),
                "description": "A refinement says anything, once a unit of this level has approved it",
            },
        },
    }
