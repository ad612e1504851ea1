"""A first key without asking anybody: only from this machine, and not without end."""

import pytest

from tests.web.house import TO
from tests.web.office import LOCAL

PATH = "/v1/activate"


async def activate(office, document=None, *, client="127.0.0.1", **headers):
    given = LOCAL | {name.replace("_", "-"): value for name, value in headers.items()}
    return await office.client().post(PATH, document, headers=given, client=client)


async def test_it_answers_with_a_key_that_sends_to_the_simulator(office):
    response = await activate(office)
    trial = response.json()
    assert response.status == 201
    assert trial["account"].startswith("trial-")
    assert trial["status"] == "trial"
    assert trial["balance"]["available"] == "10.00"
    assert trial["base_url"] == "http://127.0.0.1:8025"
    client = office.client(trial["key"])
    sent = await client.post("/v1/sms/send", {"to": TO, "body": "hi"})
    assert (sent.status, sent.json()["simulated"]) == (202, True)
    account = (await client.get("/v1/account")).json()
    assert (account["account"], account["status"], account["role"]) == (trial["account"], "trial", "account")
    assert (await client.get("/v1/accounts")).status == 403


@pytest.mark.parametrize("host", ["localhost", "LocalHost:80", "127.0.0.1", "[::1]", "[::1]:8025"])
@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
async def test_it_is_there_under_every_local_name(office, host, client):
    response = await activate(office, client=client, host=host)
    assert (response.status, response.json()["base_url"]) == (201, f"http://{host}")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8025"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "localhost@evil.example"},
        {"host": "192.168.1.7:8025"},
        {"host": "localhost:"},
        {"host": ""},
        {"x_forwarded_for": "127.0.0.1"},
        {"x_forwarded_host": "localhost"},
        {"x_real_ip": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "http://127.0.0.1:8025.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_a_page_of_another_site_or_a_proxy_gets_nothing(office, headers):
    response = await activate(office, **headers)
    assert (response.status, response.json()["code"]) == (403, "local_only")


@pytest.mark.parametrize("client", ["10.0.0.5", "8.8.8.8", "::ffff:10.0.0.5", "2001:db8::1", "unix", ""])
async def test_another_machine_gets_nothing(office, client):
    response = await activate(office, client=client)
    assert (response.status, response.json()["code"]) == (403, "local_only")


async def test_a_page_of_our_own_may_ask(office):
    headers = {"origin": "http://127.0.0.1:8025", "sec_fetch_site": "same-origin"}
    assert (await activate(office, **headers)).status == 201


async def test_one_idempotency_key_opens_one_account_and_repeats_its_key(office):
    first = await activate(office, {"idempotency_key": "k"})
    again = await activate(office, {}, idempotency_key="k")
    assert (again.status, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    accounts = (await office.operator.get("/v1/accounts")).json()["data"]
    assert [row["status"] for row in accounts].count("trial") == 1


async def test_a_hundred_in_all_and_all_at_once_if_need_be(office):
    assert {(await activate(office)).status for _ in range(100)} == {201}
    refused = await activate(office)
    assert (refused.status, refused.json()["code"]) == (403, "trials_exhausted")
    assert "100" in refused.json()["detail"]
