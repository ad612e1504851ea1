"""The client against the `/openapi.json` of a server: every call, parameter and field, no more, no less."""

import inspect
import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from posthouse.core import message
from posthouse_sdk import ROUTES, Client, Pager
from posthouse_sdk.retrying import MINUTES
from posthouse_sdk.words import FINAL
from tests.sdk.loopback import Answer, Asked, Loopback, loopback

SOME = "zz9"
ALIASES = {"sms.get"}
"""The same call as another method."""

JSON_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}

ANSWERED_OTHERWISE = {"activate"}
"""What the method answers is less than the reply: the key stays in the file."""


@pytest.fixture(scope="module")
def spec(base_url) -> Any:
    return httpx2.get(f"{base_url}/openapi.json").json()


def operations(spec: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, methods in spec["paths"].items()
        if path.startswith("/v1/")
        for method, operation in methods.items()
    }


def methods(client: Client) -> Iterator[tuple[str, Any]]:
    """Every call of the client by its name."""
    for group, resource in vars(client).items():
        if not group.startswith("_") and group not in {"webhooks", "with_raw_response"}:
            for name in dir(resource):
                if not name.startswith("_") and f"{group}.{name}" not in ALIASES | {"sms.wait"}:
                    yield f"{group}.{name}", getattr(resource, name)
    yield "activate", client.activate


def everything(method: Any) -> dict[str, Any]:
    """Some value for every argument there is."""
    args: dict[str, Any] = {}
    hints = get_type_hints(method)
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            [request] = get_args(hints[name])
            args |= dict.fromkeys(get_type_hints(request), SOME)
        else:
            args[name] = SOME
    return args


def asked_by(method: Any, server: Loopback) -> Asked:
    before = len(server.asked)
    answered = method(**everything(method))
    if isinstance(answered, Pager):
        list(answered)
    return server.asked[before]


def place(asked: Asked) -> tuple[str, str]:
    return asked.method, re.sub(r"/zz9(?=/|$)", "/{}", urlsplit(asked.target).path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> dict[str, Asked]:
    """What each call asks when it is given everything it takes."""
    path = tmp_path_factory.mktemp("home") / "credentials"
    reply = {"data": [], "key": "k", "account": "a", "status": "trial", "balance": {}}
    with (
        loopback(Answer(body=reply)) as server,
        Client("key", server.base_url, credentials_path=path) as client,
    ):
        return {name: asked_by(method, server) for name, method in methods(client)}


@pytest.fixture(scope="module")
def described(spec) -> dict[tuple[str, str], Any]:
    """The operations of the spec by where they are asked, whatever the parts of a path are called."""
    return {
        (method, re.sub(r"{\w+}", "{}", path)): operation
        for (method, path), operation in operations(spec).items()
    }


def test_the_table_of_routes_is_that_of_the_spec(spec):
    ours = {(route.method, route.path): route for route in ROUTES.values()}
    assert len(ours) == len(ROUTES)
    theirs = operations(spec)
    assert set(ours) == set(theirs)
    for where, route in ours.items():
        headers = {each.get("name") for each in theirs[where].get("parameters", [])}
        assert route.idempotent == ("Idempotency-Key" in headers), where
        assert route.open == (not theirs[where].get("security")), where


def test_every_call_of_the_spec_has_a_method_and_every_method_asks_for_a_call_of_the_spec(asked, described):
    asks = [place(each) for each in asked.values()]
    assert len(set(asks)) == len(asks), "two methods for one call"
    assert set(asks) == set(described)


def test_every_method_takes_what_its_call_takes(asked, described, spec):
    for name, each in asked.items():
        operation = described[place(each)]
        parameters = [one for one in operation.get("parameters", []) if "name" in one]
        query = {one["name"] for one in parameters if one["in"] == "query"}
        assert set(parse_qs(urlsplit(each.target).query)) == query, name
        assert ("idempotency-key" in each.headers) == any(
            one["name"] == "Idempotency-Key" for one in parameters
        ), name
        if "requestBody" in operation:
            schema = resolved(operation["requestBody"]["content"]["application/json"]["schema"], spec)
            assert set(each.body) - {"idempotency_key"} == set(schema["properties"]) - {"idempotency_key"}, (
                name
            )
        else:
            assert each.content in {b"", b"{}"}, name


def test_every_record_has_the_fields_and_words_of_its_reply(asked, described, spec, base_url):
    compared = 0
    with Client("key", base_url) as client:
        for name, method in methods(client):
            if name in ANSWERED_OTHERWISE:
                continue
            replies = described[place(asked[name])]["responses"]
            [content] = [each.get("content") for code, each in replies.items() if code.startswith("2")]
            kind = get_type_hints(method)["return"]
            if "204" in replies:
                assert kind is type(None), name
                continue
            schema = resolved(content["application/json"]["schema"], spec)
            if get_origin(kind) is Pager:
                [kind] = get_args(kind)
                schema = resolved(schema["properties"]["data"]["items"], spec)
            compare(kind, schema, spec, name)
            compared += 1
    assert compared >= 80


def test_what_the_client_knows_by_heart_is_the_server_s(base_url):
    assert {state.value for state in message.FINAL} == FINAL
    catalogue = httpx2.get(f"{base_url}/v1/errors").json()["codes"]
    too_many = {each["code"] for each in catalogue if each["status"] == 429}
    assert too_many == MINUTES | {"rate_limited"}, "a new one: is its wait of minutes?"


def compare(kind: Any, schema: Any, spec: Any, where: str) -> None:
    """Fail unless the type says what the schema says, as deep as both go."""
    options = [resolved(each, spec) for each in resolved(schema, spec).get("anyOf", [schema])]
    parts = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    words = {word for part in parts if get_origin(part) is Literal for word in get_args(part)}
    listed = {word for each in options for word in each.get("enum", ())} - {None}
    if words:
        assert words == listed, where
    assert {json_type(part) for part in parts} == {name for each in options for name in json_types(each)}, (
        where
    )
    for part in parts:
        if is_typeddict(part):
            [record] = [each for each in options if "properties" in each]
            compare_record(part, record, spec, where)
        elif get_origin(part) is list:
            [items] = [each["items"] for each in options if "items" in each]
            compare(get_args(part)[0], items, spec, f"{where}[]")
        elif get_origin(part) is dict and get_args(part)[1] is not object:
            [values] = [each["additionalProperties"] for each in options if each.get("additionalProperties")]
            compare(get_args(part)[1], values, spec, f"{where}{{}}")


def compare_record(kind: Any, schema: Any, spec: Any, where: str) -> None:
    hints, whole = get_type_hints(kind), get_type_hints(kind, include_extras=True)
    assert set(hints) == set(schema.get("properties", {})), where
    needed = {field for field, hint in whole.items() if get_origin(hint) is not NotRequired}
    assert needed == set(schema.get("required", [])), where
    for field, hint in hints.items():
        compare(hint, schema["properties"][field], spec, f"{where}.{field}")


def json_type(part: Any) -> str:
    if is_typeddict(part):
        return "object"
    plain = str if get_origin(part) is Literal else get_origin(part) or part
    return JSON_TYPES[plain]


def json_types(schema: Any) -> set[str]:
    said = schema.get("type", "string" if "enum" in schema else "object")
    return {said} if isinstance(said, str) else set(said)


def resolved(schema: Any, spec: Any) -> Any:
    """The schema itself, behind its reference."""
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema
