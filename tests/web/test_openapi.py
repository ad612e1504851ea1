"""The API's description, which is made from what runs."""

import json
import re

from posthouse.web.dialects.v1.routes import routes


async def test_it_describes_every_route_by_a_name_of_its_own(client, house):
    document = (await client.get("/openapi.json", headers={"authorization": ""})).json()
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), path, operation["operationId"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert described == {(route.method, route.path, route.name) for route in routes(house.services)}
    assert sorted(name for _, _, name in described) == [
        "account.get",
        "sandbox.messages",
        "sms.batch",
        "sms.cancel",
        "sms.get",
        "sms.send",
        "sms.trace",
    ]


async def test_every_reference_in_it_leads_somewhere(client):
    response = await client.get("/openapi.json")
    document = response.json()
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', response.body.decode())):
        place = document
        for step in reference.split("/"):
            place = place[step]


async def test_requests_may_hold_nothing_undeclared_and_every_field_is_explained(client):
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    requests = {name: schema for name, schema in schemas.items() if name.endswith(("Request", "Item"))}
    del requests["RejectedItem"]
    assert sorted(requests) == ["BatchItem", "BatchRequest", "CancelRequest", "SendRequest"]
    for schema in requests.values():
        assert schema["additionalProperties"] is False
        for field in schema["properties"].values():
            assert "description" in json.dumps(field)
    assert "from" in requests["SendRequest"]["properties"]


async def test_parameters_and_refusals_are_described(client):
    paths = (await client.get("/openapi.json")).json()["paths"]
    send = paths["/v1/sms/send"]["post"]
    assert {"202", "400", "401", "402", "403", "413", "415", "422", "429", "500", "503"} == set(
        send["responses"]
    )
    assert "`invalid_number`" in send["responses"]["400"]["description"]
    assert send["security"] == [{"key": []}]
    assert "Idempotency-Key" in {parameter["name"] for parameter in send["parameters"]}
    sandbox = paths["/v1/sandbox/messages"]["get"]
    queries = [parameter["name"] for parameter in sandbox["parameters"] if parameter["in"] == "query"]
    assert queries == ["to", "limit"]


async def test_its_examples_are_accepted(client, house):
    for route in routes(house.services):
        if route.example is not None:
            assert (await client.post(route.path, route.example)).status == route.status
