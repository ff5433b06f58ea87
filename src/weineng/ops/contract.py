"""The committed document of the API: the same as what the door serves, and never less than it was.

Whoever reads an answer relies on every field that was promised; whoever sends a call relies on nothing more being asked for.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import resolve

ADDRESS = "/api/v1/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
LEAST = ("minimum", "minLength", "minItems")  # what is sent may not have to be larger than before …
MOST = ("maximum", "maxLength", "maxItems")  # … nor smaller


def served() -> str:
    """The document as the door serves it, as it is committed: one fact a line, so that a difference can be read."""
    view, args, kwargs = resolve(ADDRESS)
    request = HttpRequest()
    request.method, request.path = "GET", ADDRESS
    return json.dumps(json.loads(view(request, *args, **kwargs).content), indent=1, ensure_ascii=False) + "\n"


def shrunk(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What `before` promised and `after` does not keep, e.g. `GET /x answers 200 .rows[].name: gone`; empty: it only grew."""
    return list(_Comparison(before, after).broken())


class _Comparison:
    def __init__(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        self.before, self.after = before, after

    def broken(self) -> Iterator[str]:
        for path, operations in self.before["paths"].items():
            for method in METHODS:
                if method in operations:
                    now = self.after["paths"].get(path, {}).get(method)
                    name = f"{method.upper()} {path}"
                    yield from self._operation(name, operations[method], now) if now else [f"{name}: gone"]

    def _operation(self, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        for word in ("operationId", "security", "x-permission", "x-scope"):
            if old.get(word) != new.get(word):
                yield f"{name} {word}: {old.get(word)} became {new.get(word)}"
        for list_of in ("x-refusals", "x-row-refusals"):
            codes = {(refusal.get("status"), refusal["code"]) for refusal in new.get(list_of, ())}
            for refusal in old.get(list_of, ()):
                if (refusal.get("status"), refusal["code"]) not in codes:
                    yield f"{name} refuses {refusal['code']}: gone"
        yield from self._parameters(name, old.get("parameters", ()), new.get("parameters", ()))
        sent, sends = _content(old.get("requestBody", {})), _content(new.get("requestBody", {}))
        if sent and sends:
            yield from self._sent(f"{name} is sent ", sent, sends)
        elif sent or new.get("requestBody", {}).get("required"):
            yield f"{name} is sent: another body"
        for status, response in old["responses"].items():
            if status not in new["responses"]:
                yield f"{name} answers {status}: gone"
            elif said := _content(response):
                yield from self._answered(f"{name} answers {status} ", said, _content(new["responses"][status]))

    def _parameters(self, name: str, old: Any, new: Any) -> Iterator[str]:
        before = {(p["in"], p["name"]): p for p in old}
        after = {(p["in"], p["name"]): p for p in new}
        for key, parameter in before.items():
            if key not in after:
                yield f"{name} takes {key[1]}: gone"
            else:
                yield from self._sent(f"{name} takes {key[1]}", parameter["schema"], after[key]["schema"])
        for key, parameter in after.items():
            if parameter["required"] and not before.get(key, {}).get("required"):
                yield f"{name} takes {key[1]}: is required now"

    def _answered(self, where: str, old: Any, new: Any) -> Iterator[str]:
        """An answer keeps its fields, their types, and their always being there."""
        old, new = _resolved(old, self.before), _resolved(new, self.after)
        if _types(old) and (not _types(new) or not _types(new) <= _types(old)):
            yield f"{where}: was {_named(old)}, may be {_named(new)} now"
        for field, schema in old.get("properties", {}).items():
            if field not in new.get("properties", {}):
                yield f"{where}.{field}: gone"
                continue
            if field in old.get("required", ()) and field not in new.get("required", ()):
                yield f"{where}.{field}: is not always there any more"
            yield from self._answered(f"{where}.{field}", schema, new["properties"][field])
        for value in old.get("enum", ()):
            if value not in new.get("enum", (value,)):
                yield f"{where} {value!r}: gone"
        if "items" in old:
            yield from self._answered(f"{where}[]", old["items"], new.get("items", {}))

    def _sent(self, where: str, old: Any, new: Any) -> Iterator[str]:
        """What could be sent before can be sent now."""
        old, new = _resolved(old, self.before), _resolved(new, self.after)
        if _types(new) and (not _types(old) or not _types(old) <= _types(new)):
            yield f"{where}: could be {_named(old)}, may only be {_named(new)} now"
        for field, schema in old.get("properties", {}).items():
            if field not in new.get("properties", {}):
                yield f"{where}.{field}: gone"
                continue
            yield from self._sent(f"{where}.{field}", schema, new["properties"][field])
        for field in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{where}.{field}: is required now"
        yield from _tighter(where, old, new)
        if "items" in old:
            yield from self._sent(f"{where}[]", old["items"], new.get("items", {}))


def _tighter(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Bounds, patterns and lists of values that leave out what could be sent before."""
    for word in (*LEAST, *MOST):
        was, now = old.get(word), new.get(word)
        if now is not None and (was is None or (now > was if word in LEAST else now < was)):
            yield f"{where}: {word} {was} became {now}"
    if "enum" in new and not set(old.get("enum", ["", None])) <= set(new["enum"]):
        yield f"{where}: takes fewer values"
    if new.get("pattern", old.get("pattern")) != old.get("pattern"):
        yield f"{where}: another pattern"
    if new.get("additionalProperties", True) is False and old.get("additionalProperties", True) is not False:
        yield f"{where}: takes no other fields any more"


def _content(part: Mapping[str, Any]) -> Any:
    return part.get("content", {}).get("application/json", {}).get("schema", {})


def _resolved(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with what it points to and what it is put together of, in one piece."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    whole = {key: value for key, value in schema.items() if key not in ("allOf", "anyOf")}
    for part in [*schema.get("allOf", ()), *schema.get("anyOf", ())]:
        for key, value in _resolved(part, document).items():
            if key == "properties":
                fields = whole.get("properties", {})
                whole["properties"] = fields | {name: fields.get(name, {}) | inner for name, inner in value.items()}
            elif key == "type":
                whole["type"] = sorted({*_types(whole), *_types({"type": value})})
            else:
                whole.setdefault(key, value)
    return whole


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _named(schema: Mapping[str, Any]) -> str:
    return ", ".join(sorted(_types(schema))) or "anything"
