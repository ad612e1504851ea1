"""What an operator sees of a real server: a log without numbers, texts or keys, and figures that are true."""

import json
import re
from typing import Any

import pytest

from posthouse.bootstrap.audit import audit
from posthouse.storage.engine.sqlite import connect
from posthouse.workers.watch import Audited, AuditFailed
from tests.e2e.house import House, handset, kinds, send, trace, until
from tests.e2e.premises import furnish, key_of
from tests.e2e.server import Server, wait_until

TEXT = "Zebra crossing 七号桥"
REPLIED = "0007"
FATES = ("8000", "0001", "0002", "0005", "0006", REPLIED, "0008", "0009")
NUMBERS = [f"+861370055{fate}" for fate in FATES]


@pytest.fixture
def server(tmp_path):
    """A server that tells everything it ever tells, for machines."""
    data = tmp_path / "data"
    furnish(data)
    (data / "posthouse.toml").write_text('log_level = "debug"\nlog_format = "json"\n')
    server = Server(data)
    yield server
    server.close()


def ended(api, sms_id):
    return until(api, sms_id, "delivered", "undelivered", "failed", within_s=20)


def test_a_whole_life_leaves_no_number_text_or_key_in_the_log(server):
    house = House(server.start(), key_of(server.data))
    foreign = "ph_live_thiskeyisnoneofours0000000000"
    with house.caller() as api:
        for to in NUMBERS:
            ended(api, send(api, to, TEXT)["sms_id"])
        wait_until(lambda: "replied" in _story(api), within_s=5, what="no reply")
        marked = {"Idempotency-Key": "order-4711-zebra"}
        body = {"to": NUMBERS[0], "body": TEXT, "reference": "zebra-ref", "metadata": {"name": "zebra-meta"}}
        for _ in range(2):
            assert api.post("/v1/sms/send", json=body, headers=marked).status_code == 202
        batch = {"messages": [{"to": to, "body": TEXT} for to in NUMBERS]}
        assert api.post("/v1/sms/batch", json=batch).status_code in (200, 202, 207)
        assert api.post("/v1/sms/send", json={"to": "+86137005", "body": TEXT}).status_code == 400
        assert api.post("/v1/sms/send", content=f'{{"to":"{NUMBERS[0]}",'.encode()).status_code == 400
        assert api.get(f"/v1/sms/{NUMBERS[0]}/{TEXT}").status_code == 404
        assert api.get("/v1/sandbox/messages", params={"to": NUMBERS[0]}).status_code == 200
    with house.caller(foreign) as stranger:
        assert stranger.get("/v1/account").status_code == 401
    server.kill()
    server.start()
    server.stop()
    log = server.log.read_text()
    for secret in _secrets(house.key, foreign):
        assert secret not in log, f"{secret!r} in {[line for line in log.splitlines() if secret in line][:2]}"
    events = [json.loads(line) for line in log.splitlines()]
    told = {event["event"] for event in events}
    expected = {"server_started", "server_stopped", "request", "accepted", "sending", "answered", "receipt"}
    assert expected <= told
    masked = [event["to"] for event in events if "to" in event]
    assert all(re.fullmatch(r"137\*\*\*\*\d{4}", to) for to in masked)
    assert {event["code"] for event in events if event["event"] == "request"} >= {None, "not_found"}


def _story(api: Any) -> list[str]:
    [shown] = handset(api, next(to for to in NUMBERS if to.endswith(REPLIED)))[:1]
    return kinds(trace(api, shown["sms_id"]))


def _secrets(*keys: str) -> list[str]:
    numbers = [form for to in NUMBERS for form in (to, to[1:], to[3:])]
    texts = [*TEXT.split(), "zebra-ref", "zebra-meta", "order-4711"]
    return [*numbers, *texts, "+86137005", *(part for key in keys for part in (key, key[len("ph_live_") :]))]


def test_at_the_usual_level_nothing_is_told_of_single_messages(tmp_path):
    data = tmp_path / "data"
    furnish(data)
    (data / "posthouse.toml").write_text('log_format = "json"\n')
    server = Server(data)
    try:
        house = House(server.start(), key_of(data))
        with house.caller() as api:
            for to in NUMBERS[:4]:
                ended(api, send(api, to)["sms_id"])
        server.stop()
    finally:
        server.close()
    told = [json.loads(line)["event"] for line in server.log.read_text().splitlines()]
    assert told == ["server_started", "server_stopping", "server_stopped"]


def figures(api: Any) -> dict[str, float]:
    """Every sample of the page."""
    page = api.get("/metrics", headers={"Authorization": ""})
    assert page.status_code == 200
    lines = [line for line in page.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_figures_are_those_of_what_happened(server):
    house = House(server.start(), key_of(server.data))
    with house.caller() as api:
        for to in NUMBERS:
            ended(api, send(api, to)["sms_id"])
        later = {"to": NUMBERS[0], "body": "later", "send_at": "2099-01-01T00:00:00Z"}
        assert api.post("/v1/sms/send", json=later).json()["code"] == "send_at_too_far"
        wait_until(
            lambda: figures(api)['posthouse_ledger_drifts{check="books"}'] == 0, within_s=5, what="no look"
        )
        page = figures(api)
    expected = {
        'posthouse_messages_accepted_total{lane="notification",mode="live"}': 8,
        'posthouse_messages{state="delivered"}': 5,
        'posthouse_messages{state="failed"}': 2,
        'posthouse_messages{state="undelivered"}': 1,
        'posthouse_messages{state="queued"}': 0,
        'posthouse_waiting{lane="notification"}': 0,
        'posthouse_verdicts_total{channel="sandbox",outcome="refused"}': 2,
        'posthouse_verdicts_total{channel="sandbox",outcome="deferred"}': 1,
        'posthouse_verdicts_total{channel="sandbox",outcome="unknown"}': 1,
        'posthouse_vendor_reasons_total{channel="sandbox",reason="blocked"}': 1,
        "posthouse_ambiguous_total": 1,
        'posthouse_attempts_in_flight{channel="sandbox"}': 0,
        'posthouse_call_seconds_count{channel="sandbox"}': 9,
        'posthouse_http_requests_total{route="sms.send",status="2xx"}': 8,
        'posthouse_http_requests_total{route="sms.send",status="4xx"}': 1,
        'posthouse_refused_total{code="send_at_too_far",surface="/"}': 1,
        "posthouse_store_answers": 1,
    }
    assert {name: page.get(name) for name in expected} == expected
    # One of the five was never sent as far as anybody knew: its receipt settled an unknown attempt.
    assert page['posthouse_receipt_lag_seconds_count{channel="sandbox"}'] == 4
    assert page["posthouse_commit_seconds_count"] == page["posthouse_commit_commands_count"] > 8
    assert not any("137" in name for name in page)


async def test_the_nightly_check_finds_nothing_then_what_was_planted_and_fails_where_there_is_no_house(
    server,
):
    house = House(server.start(), key_of(server.data))
    with house.caller() as api:
        ended(api, send(api, NUMBERS[0])["sms_id"])
    assert await audit(server.data) == Audited(0)
    connection = connect(str(server.data / "posthouse.db"))
    connection.execute("UPDATE balances SET spent = spent + 1 WHERE account_id = 1")
    connection.close()
    found = await audit(server.data)
    assert found.drifts == len(found.what) == 2
    assert found.what[0].startswith("account 1, ")
    with pytest.raises(AuditFailed, match="exit code 1"):
        await audit(server.data / "nowhere")
