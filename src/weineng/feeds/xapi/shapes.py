"""The forms of the Experience API that its OpenAPI documents name, as JSON Schema."""

from typing import Any

IRI = {"type": "string", "format": "iri"}
LANGUAGES = {"type": "object", "additionalProperties": {"type": "string"}}
EXTENSIONS = {"type": "object", "additionalProperties": True}
_MAILBOX = {"type": "string", "pattern": "^mailto:[a-z0-9.]+@[a-z0-9]+\\.example$"}
_ACCOUNT = {
    "type": "object", "required": ["homePage", "name"], "additionalProperties": False,
    "properties": {"homePage": IRI, "name": {"type": "string", "minLength": 1}},
}  # fmt: skip


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _agent(kind: str, identifier: str, form: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "required": [identifier], "additionalProperties": False,
        "properties": {"objectType": {"const": kind}, "name": {"type": "string"}, identifier: form},
    }  # fmt: skip


def schemas() -> dict[str, Any]:
    """Every form by its name."""
    return {
        "Error": {
            "type": "object", "required": ["code", "message", "params"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "params": {"type": "object"}},
        },
        "About": {
            "type": "object", "required": ["version"], "properties": {"version": {"type": "array", "items": {"type": "string"}}},
        },
        "Agent": {
            "oneOf": [
                _agent("Agent", "mbox", _MAILBOX), _agent("Agent", "account", _ACCOUNT), _agent("Agent", "openid", IRI),
                _agent("Agent", "mbox_sha1sum", {"type": "string", "pattern": "^[0-9a-f]{40}$"}),
            ]
        },
        "Person": {"type": "object", "required": ["objectType"], "properties": {"objectType": {"const": "Person"}}},
        "Verb": {
            "type": "object", "required": ["id"], "additionalProperties": False, "properties": {"id": IRI, "display": LANGUAGES},
        },
        "Activity": {
            "type": "object", "required": ["id"],
            "properties": {"objectType": {"const": "Activity"}, "id": IRI, "definition": {"type": "object"}},
        },
        "Statement": _statement(),
        "Page": {
            "type": "object", "required": ["statements", "more"],
            "properties": {"statements": {"type": "array", "items": {"type": "object"}}, "more": {"type": "string"}},
        },
    }  # fmt: skip


def _statement() -> dict[str, Any]:
    score = {
        "type": "object", "additionalProperties": False, "properties": {"scaled": {"type": "number", "minimum": -1, "maximum": 1}},
    }  # fmt: skip
    result = {
        "type": "object", "additionalProperties": False,
        "properties": {
            "score": score, "success": {"type": "boolean"}, "completion": {"type": "boolean"}, "response": {"type": "string"},
            "duration": {"type": "string", "pattern": "^PT[0-9]{1,4}M([0-9]{1,2}S)?$"}, "extensions": EXTENSIONS,
        },
    }  # fmt: skip
    thing = {
        "type": "object", "required": ["id"], "additionalProperties": False,
        "properties": {"objectType": {"const": "Activity"}, "id": IRI},
    }  # fmt: skip
    return {
        "type": "object", "required": ["actor", "verb", "object"],
        "properties": {
            "id": {"type": "string", "format": "uuid"}, "actor": _ref("Agent"), "verb": _ref("Verb"), "object": thing,
            "result": result, "timestamp": {"type": "string", "format": "date-time"}, "context": {"type": "object"},
            "attachments": {"type": "array", "items": {"type": "object"}}, "stored": {"type": "string"}, "version": {"type": "string"},
            "authority": {"type": "object"},
        },
    }  # fmt: skip
