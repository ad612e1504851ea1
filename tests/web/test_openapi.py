"""The API's description, which is made from what runs."""

import re

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from posthouse.core.errors import Code
from posthouse.core.ledger import AMOUNT
from posthouse.core.verdict import Reason
from posthouse.web.dialects.v1.errors import STATUS
from posthouse.web.dialects.v1.routes import routes
from posthouse.web.endpoint import WITH_BODY

BODY_ONLY = {"malformed_json", "not_utf8", "too_deep", "body_too_large", "unsupported_media_type"}


@pytest.fixture
async def document(client):
    return (await client.get("/openapi.json", headers={"authorization": ""})).json()


def operations(document):
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def refusals(operation):
    """Every code an operation may end in, with its status."""
    return {
        code: int(status)
        for status, response in operation["responses"].items()
        for code in response["content"].get("application/problem+json", {}).get("examples", ())
    }


def schema_at(document, schema):
    """A schema of the document, ready to validate with."""
    return jsonschema.Draft202012Validator(
        schema | {"components": document["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


async def test_it_is_a_valid_openapi_document(document):
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


async def test_it_describes_every_route_by_a_name_of_its_own(document, house):
    described = {(method, path, call["operationId"]) for method, path, call in operations(document)}
    assert described == {(route.method, route.path, route.name) for route in routes(house.services)}
    names = [name for _, _, name in described]
    assert len(set(names)) == len(names)
    assert set(names) >= {"account.get", "sms.batch", "sms.cancel", "sms.get", "sms.send", "sms.trace"}


async def test_every_reference_in_it_leads_somewhere(client, document):
    body = (await client.get("/openapi.json")).body.decode()
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', body)):
        place = document
        for step in reference.split("/"):
            place = place[step]


async def test_requests_may_hold_nothing_undeclared_and_every_field_is_explained(document):
    schemas = document["components"]["schemas"]
    bodies = {
        call["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for _, _, call in operations(document)
        if "requestBody" in call
    }
    assert bodies >= {"SendRequest", "BatchRequest", "CancelRequest"}
    for name in bodies | {"BatchItem"}:
        assert schemas[name]["additionalProperties"] is False
        for field in schemas[name]["properties"].values():
            assert field["description"]
    assert "from" in schemas["SendRequest"]["properties"]
    for _, _, call in operations(document):
        for parameter in call["parameters"]:
            assert parameter["description"], (call["operationId"], parameter["name"])


async def test_an_optional_fields_type_stands_beside_its_description(document):
    fields = document["components"]["schemas"]["SendRequest"]["properties"]
    assert fields["send_at"] == {
        "description": "When to send, RFC 3339 with a zone, at most 90 days ahead; else at once.",
        "examples": ["2026-12-01T08:00:00+08:00"],
        "format": "date-time",
        "type": ["string", "null"],
    }
    assert fields["purpose"]["enum"] == ["marketing", "notification", "otp", None]
    (to,) = [
        parameter["schema"]
        for parameter in document["paths"]["/v1/sandbox/messages"]["get"]["parameters"]
        if parameter["name"] == "to"
    ]
    assert to["type"] == "string"


async def test_codes_and_reasons_are_closed_lists(document):
    schemas = document["components"]["schemas"]
    assert schemas["ProblemReply"]["properties"]["code"]["enum"] == list(Code)
    assert schemas["SmsRecord"]["properties"]["reason"]["enum"] == [*Reason, None]


async def test_parameters_and_refusals_are_described(document):
    send = document["paths"]["/v1/sms/send"]["post"]
    assert {"202", "400", "401", "402", "403", "413", "415", "422", "429", "500", "503"} == set(
        send["responses"]
    )
    assert "`invalid_number`" in send["responses"]["400"]["description"]
    assert send["security"] == [{"key": []}]
    assert "Idempotency-Key" in {parameter["name"] for parameter in send["parameters"]}
    sandbox = document["paths"]["/v1/sandbox/messages"]["get"]
    queries = [parameter["name"] for parameter in sandbox["parameters"] if parameter["in"] == "query"]
    assert queries == ["to", "limit"]


async def test_a_call_names_only_what_it_can_end_in(document):
    for method, _, call in operations(document):
        codes = refusals(call)
        assert codes == {code: STATUS[Code(code)] for code in codes}
        assert (codes.keys() >= BODY_ONLY) is (method in WITH_BODY)
        assert codes.keys().isdisjoint(BODY_ONLY) is (method not in WITH_BODY)
        assert ("unauthenticated" in codes) is (call["security"] != [])
    assert "missing_field" not in refusals(document["paths"]["/v1/sms/{id}/cancel"]["post"])
    assert "wrong_type" not in refusals(document["paths"]["/v1/account"]["get"])
    assert "missing_field" in refusals(document["paths"]["/v1/sms/batch"]["post"])


async def test_whoever_must_wait_is_told_for_how_long_and_whoever_is_limited_what_is_left(document):
    for _, _, call in operations(document):
        for status, response in call["responses"].items():
            headers = response["headers"]
            assert "X-Request-Id" in headers
            assert ("Retry-After" in headers) is (status in {"429", "503"})
            assert ("WWW-Authenticate" in headers) is (status == "401")
            limited = call["security"] != [] and status != "401"
            assert ("RateLimit" in headers) is ("RateLimit-Policy" in headers) is limited


async def test_a_reply_with_a_new_id_leads_to_the_calls_that_take_it(document):
    links = document["paths"]["/v1/sms/send"]["post"]["responses"]["202"]["links"]
    assert links["sms.get"] == {"operationId": "sms.get", "parameters": {"id": "$response.body#/sms_id"}}
    assert set(links) >= {"sms.get", "sms.trace", "sms.cancel"}


async def test_every_example_is_what_its_schema_says(document):
    checked = 0
    for _, _, call in operations(document):
        media = [call["requestBody"]["content"]["application/json"]] if "requestBody" in call else []
        for response in call["responses"].values():
            media += response["content"].values()
        for one in media:
            named = [document["components"]["examples"][name]["value"] for name in one.get("examples", ())]
            for example in [*named, *([one["example"]] if "example" in one else [])]:
                schema_at(document, one["schema"]).validate(example)
                checked += 1
    assert checked > 100


async def test_every_text_of_an_answer_has_an_example_that_looks_real(document):
    for _, _, call in operations(document):
        for response in call["responses"].values():
            shown = response["content"].get("application/json", {}).get("example")
            assert "text" not in strings(shown), (call["operationId"], shown)


def strings(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value]


async def test_an_amount_has_a_pattern_that_is_the_ledger_s(document):
    schemas = document["components"]["schemas"]
    prices = schemas["PricesRequest"]["properties"]["prices"]["additionalProperties"]
    for schema in (schemas["CreditRequest"]["properties"]["amount"], prices):
        assert schema["pattern"] == f"^{AMOUNT}$"


async def test_path_parameters_have_an_example(document):
    for _, _, call in operations(document):
        for parameter in call["parameters"]:
            if parameter["in"] == "path":
                assert re.fullmatch(r"[a-z0-9_-]+", parameter["example"], re.IGNORECASE), parameter


async def test_its_examples_are_accepted(office):
    client = await office.issue("acme")
    for route in routes(office.house.services):
        if route.example is not None and route.scope == "messages:write" and "{" not in route.path:
            assert (await client.post(route.path, route.example)).status == route.status
