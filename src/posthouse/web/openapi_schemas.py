"""JSON schemas as people read them, and an example of whatever a schema describes."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_NULL: Json = {"type": "null"}
_OPAQUE = frozenset({"examples", "default", "enum", "const"})
"""Keywords that hold values instead of schemas."""


def readable(schema: Json) -> Json:
    """The same schema, with what is said of an optional value beside its type, not hidden below `anyOf`."""
    plain: Json = {key: value if key in _OPAQUE else _readable(value) for key, value in schema.items()}
    if plain.get("default", ...) is None:
        del plain["default"]  # leaving it out and saying null are the same
    kinds = plain.get("anyOf", ())
    if len(kinds) == 2 and kinds[1] == _NULL and "$ref" not in kinds[0]:  # noqa: PLR2004 - one kind, or null
        del plain["anyOf"]
        plain = kinds[0] | plain
        if "anyOf" in plain:
            plain["anyOf"] = [*plain["anyOf"], _NULL]
            return plain
        plain["type"] = [plain.get("type", "string"), "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain


def present(schema: Json) -> Json:
    """The same schema for a place where null cannot stand, such as a query."""
    if not isinstance(schema.get("type"), list):
        return schema
    some = schema | {"type": schema["type"][0]}
    if "enum" in some:
        some["enum"] = [value for value in some["enum"] if value is not None]
    return some


def example(schema: Json, schemas: Mapping[str, Json]) -> Any:  # noqa: ANN401 - any JSON value
    """A value of the kind `schema` describes, made of the examples its fields were declared with."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    kind = schema.get("type")
    if isinstance(kind, list) or _NULL in schema.get("anyOf", ()):
        return None
    fixed = [schema[keyword] for keyword in ("default", "const") if keyword in schema]
    given = schema.get("examples") or schema.get("enum") or fixed
    if given:
        return given[0]
    if kind == "object":
        fields, required = schema.get("properties", {}), schema.get("required", ())
        return {name: example(field, schemas) for name, field in fields.items() if name in required}
    if kind == "array":
        return [example(schema["items"], schemas)]
    return {"integer": 1, "number": 1, "boolean": False}.get(kind or "", "text")


def _readable(value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(value, dict):
        return readable(value)
    return [_readable(part) for part in value] if isinstance(value, list) else value
