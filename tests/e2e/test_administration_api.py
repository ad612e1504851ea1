"""An installation administered over HTTP alone, on a real server."""

from http.client import HTTPConnection

from tests.e2e.house import available, handset, number, send, until
from tests.e2e.server import HOST, wait_until


def ok(reply, status=200):
    assert reply.status_code == status, reply.text
    return reply.json()


def test_an_operator_opens_an_account_and_its_key_sends_until_it_is_revoked(house, api):
    opened = ok(api.post("/v1/accounts", json={"name": "acme", "status": "pending"}), 201)
    assert opened["balance"]["available"] == "0.00"
    ok(api.post("/v1/accounts/acme/credit", json={"amount": "1", "idempotency_key": "first"}))
    ok(api.post("/v1/accounts/acme/credit", json={"amount": "1", "idempotency_key": "first"}))
    ok(api.put("/v1/accounts/acme/prices", json={"prices": {"CN": "0.25"}}))
    issued = ok(api.post("/v1/keys", json={"account": "acme", "name": "shop"}), 201)
    with house.caller(issued["key"]) as shop:
        refused = shop.post("/v1/sms/send", json={"to": number(), "body": "too early"})
        assert refused.status_code == 403
        ok(api.patch("/v1/accounts/acme", json={"status": "approved"}))
        sent = send(shop, number(), "Hello from the shop")
        until(shop, sent["sms_id"], "delivered")
        assert sent["price"]["amount"] == "0.25"
        assert available(shop) == "0.75"
        assert shop.get("/v1/accounts").status_code == 403
        ok(api.delete(f"/v1/keys/{issued['key_id']}"))
        wait_until(
            lambda: shop.get("/v1/account").status_code == 401, within_s=1, what="a revoked key still works"
        )


def test_a_trial_is_opened_from_this_machine_and_sends_to_the_simulator(house):
    with house.caller("none") as anybody:
        trial = ok(anybody.post("/v1/activate"), 201)
    assert trial["base_url"] == f"http://{HOST}:{house.server.port}"
    with house.caller(trial["key"]) as api:
        to = number()
        sent = send(api, to, "Trying it out")
        assert sent["simulated"] is True
        until(api, sent["sms_id"], "delivered")
        assert [shown["text"] for shown in handset(api, to)] == ["Trying it out"]


def test_a_proxy_or_a_name_that_is_not_ours_opens_no_trial(house):
    for headers in (
        {"X-Forwarded-For": "127.0.0.1"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
    ):
        connection = HTTPConnection(HOST, house.server.port, timeout=10)
        connection.request("POST", "/v1/activate", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, b"local_only" in answer.read()) == (403, True), headers
        connection.close()
