"""Who may administer what: a table of every administrative call against every kind of key."""

import json

import pytest

from posthouse.core.keys import SCOPES
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.web.dialects.v1 import accounts, keys, prices, words
from tests.web.office import Office

CALLS = {
    "keys.list": ("/v1/keys", None),
    "keys.create": ("/v1/keys", {}),
    "keys.get": ("/v1/keys/{id}", None),
    "keys.revoke": ("/v1/keys/{id}", None),
    "accounts.list": ("/v1/accounts", None),
    "accounts.create": ("/v1/accounts", {"name": "new"}),
    "accounts.get": ("/v1/accounts/acme", None),
    "accounts.update": ("/v1/accounts/acme", {"region": "US"}),
    "accounts.credit": ("/v1/accounts/acme/credit", {"amount": "1"}),
    "account.prices": ("/v1/account/prices", None),
    "accounts.prices": ("/v1/accounts/acme/prices", None),
    "accounts.set_prices": ("/v1/accounts/acme/prices", {"prices": {"CN": "0.04"}}),
    "accounts.words": ("/v1/accounts/acme/words", None),
    "accounts.set_words": ("/v1/accounts/acme/words", {"words": ["free money"]}),
    "prices.get": ("/v1/prices", None),
    "prices.set": ("/v1/prices", {"prices": {"CN": "0.04"}}),
}
PLATFORM = [name for name in CALLS if name.startswith(("accounts.", "prices."))]


def administration(services):
    """Every administrative call."""
    return [route for calls in (keys, accounts, words, prices) for route in calls.routes(services)]


def route_of(office: Office, name: str):
    [route] = [route for route in administration(office.house.services) if route.name == name]
    return route


async def ask(office: Office, client, name: str, path: str | None = None):
    """Make the call with its example, on a key of the client's account where it takes one."""
    route, (usual, document) = route_of(office, name), CALLS[name]
    path = usual if path is None else path
    if "{id}" in path:
        issued = await office.administer.create_key("acme", mode=Mode.TEST)
        path = path.replace("{id}", issued.credential.api_key)
    body = b"" if document is None else json.dumps(document).encode()
    return await client.call(route.method, path, body=body)


def test_the_table_has_every_administrative_call(office):
    assert set(CALLS) == {route.name for route in administration(office.house.services)}


@pytest.mark.parametrize("name", CALLS)
async def test_an_operator_may_do_it(office, name):
    response = await ask(office, office.operator, name)
    assert response.status == route_of(office, name).status, response.json()


@pytest.mark.parametrize("name", CALLS)
async def test_nobody_without_a_key_may(office, name):
    response = await ask(office, office.client(), name)
    assert (response.status, response.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("name", PLATFORM)
async def test_an_accounts_key_may_not_touch_the_platform(office, name):
    client = await office.issue("acme")
    response = await ask(office, client, name)
    assert (response.status, response.json()["code"]) == (403, "forbidden")
    assert "role 'operator'" in response.json()["detail"]


@pytest.mark.parametrize("name", [name for name in CALLS if name not in PLATFORM])
async def test_an_accounts_key_may_look_after_its_own(office, name):
    response = await ask(office, await office.issue("acme"), name)
    assert response.status == route_of(office, name).status, response.json()


@pytest.mark.parametrize("name", CALLS)
async def test_an_operator_without_the_scope_is_told_which_it_needs(office, name):
    scope = route_of(office, name).scope
    client = await office.issue("default", role=Role.OPERATOR, scopes=SCOPES - {scope})
    response = await ask(office, client, name)
    assert (response.status, response.json()["code"]) == (403, "forbidden")
    assert f"'{scope}'" in response.json()["detail"]


async def test_scopes_of_operators_mean_nothing_on_an_accounts_key(office):
    client = await office.issue("acme")
    assert client.key
    plant = "UPDATE keys SET scopes = scopes || ' accounts:read accounts:write' WHERE role = 'account'"
    office.plant(plant)
    response = await client.get("/v1/accounts")
    assert (response.status, response.json()["code"]) == (403, "forbidden")
    assert "accounts:read" not in (await client.get("/v1/account")).json()["scopes"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_malformed_unknown_and_foreign_keys_are_404_alike(office, method):
    client = await office.issue("acme")
    foreign = await office.administer.create_key("other")
    told = set()
    for key_id in (foreign.credential.api_key, "sk_0000000000", "sk_", "nonsense", "sk_％", "%00"):
        response = await client.call(method, f"/v1/keys/{key_id}")
        assert (response.status, response.json()["code"]) == (404, "not_found")
        told.add(json.dumps({**response.json(), "request_id": ""}))
    assert len(told) == 1
    assert (await office.client(foreign.credential.key).get("/v1/account")).status == 200


@pytest.mark.parametrize("name", [name for name in CALLS if "/acme" in CALLS[name][0]])
@pytest.mark.parametrize("account", ["nobody", "ACME", "acme ", "%00", "' OR 1=1 --"])
async def test_accounts_that_are_not_there_are_404_alike(office, name, account):
    response = await ask(office, office.operator, name, CALLS[name][0].replace("acme", account))
    assert (response.status, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("GET", "/v1/keys?account=other", None),
        ("GET", "/v1/keys?account=nobody", None),
        ("POST", "/v1/keys", {"account": "other"}),
        ("POST", "/v1/keys", {"account": "nobody"}),
        ("POST", "/v1/keys", {"role": "operator"}),
    ],
)
async def test_an_accounts_key_cannot_tell_whether_another_account_is_there(office, method, path, document):
    client = await office.issue("acme")
    body = b"" if document is None else json.dumps(document).encode()
    response = await client.call(method, path, body=body)
    assert (response.status, response.json()["code"]) == (403, "forbidden")
    assert "role 'operator'" in response.json()["detail"]
