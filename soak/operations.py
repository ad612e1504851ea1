"""What a server says it can do: the operations of its /openapi.json, so that new ones are tried too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: `example` is a body that it takes, if it takes one; `open` to callers without a key.

    `places`: the names in its path, each with the document's example.
    """

    method: str
    path: str
    places: Mapping[str, str]
    queries: tuple[str, ...]
    texts: tuple[str, ...]
    example: Any
    open: bool

    def at(self, value: str) -> str:
        """Its path with this in every place."""
        path = self.path
        for name in self.places:
            path = path.replace(f"{{{name}}}", value)
        return path

    def of(self, value: str) -> str:
        """Its path about this thing: every place behind the first as the document's example has it."""
        path = self.path
        for number, (name, example) in enumerate(self.places.items()):
            path = path.replace(f"{{{name}}}", example if number else value)
        return path

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.method} {self.path}"


async def operations(api: httpx2.AsyncClient) -> list[Operation]:
    """All of them, in the order of the document."""
    document = (await api.get("/openapi.json")).json()
    return list(_operations(document))


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            parameters = told.get("parameters", ())
            media = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                method.upper(),
                path,
                {each["name"]: each["example"] for each in parameters if each["in"] == "path"},
                tuple(each["name"] for each in parameters if each["in"] == "query"),
                tuple(_texts(_resolved(media.get("schema", {}), document), document)),
                _example(media),
                told.get("security") == [],
            )


def _example(media: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if "example" in media:
        return media["example"]
    examples = [each.get("value") for each in media.get("examples", {}).values()]
    return examples[0] if examples else {} if media else None


def _texts(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    """The fields that take any text."""
    for name, field in schema.get("properties", {}).items():
        kinds = [_resolved(kind, document) for kind in (field, *field.get("anyOf", ()))]
        if any("string" in kind.get("type", "") and "enum" not in kind for kind in kinds):
            yield name


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found
