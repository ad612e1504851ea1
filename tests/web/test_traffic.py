"""What came of requests: counted by operation and code, and by nothing that a caller chooses."""

from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from posthouse.core.errors import Code
from posthouse.web.traffic import Traffic
from tests.web.house import TO, build


def counted(house) -> dict[tuple[str, ...], float]:
    """Requests, refusals and replays so far, by their labels in the order of their names."""
    return {
        (family.name.removeprefix("posthouse_"), *dict(sorted(sample.labels.items())).values()): sample.value
        for family in text_string_to_metric_families(house.services.counts.page().decode())
        for sample in family.samples
        if family.name in ("posthouse_http_requests", "posthouse_refused", "posthouse_replays")
    }


async def test_requests_are_counted_by_operation_and_class_and_replays_apart():
    house = await build()
    client = house.client()
    for _ in range(3):
        await client.post("/v1/sms/send", {"to": TO, "body": "hello"}, headers={"idempotency-key": "one"})
    await client.post("/v1/sms/send", {"to": "nonsense", "body": "hello"})
    assert counted(house) == {
        ("http_requests", "sms.send", "2xx"): 3,
        ("http_requests", "sms.send", "4xx"): 1,
        ("refused", "invalid_number", "/"): 1,
        ("replays", "sms.send"): 2,
    }


async def test_paths_nobody_knows_share_one_name():
    house = await build()
    client = house.client()
    for number in range(20):
        await client.get(f"/v1/nothing/{number}")
    await client.post("/livez", {})
    assert counted(house) == {
        ("http_requests", "nowhere", "4xx"): 21,
        ("refused", "not_found", "/"): 20,
        ("refused", "method_not_allowed", "/"): 1,
    }


async def test_those_turned_away_at_the_door_are_counted_too():
    house = await build(in_flight_max=0)
    assert (await house.client().get("/v1/account")).status == 503
    assert house.services.counts.turned_away() == 1
    assert counted(house)[("refused", Code.OVERLOADED.value, "/")] == 1


async def test_a_revoked_key_that_is_still_used_is_told_once():
    house = await build()
    revoked, others = house.key(revoked=True), house.key(revoked=True)
    with capture_logs() as events:
        for key in (revoked, revoked, others, "ph_live_nobodys"):
            response = await house.client().get("/v1/account", headers={"authorization": f"Bearer {key}"})
            assert response.status == 401
    assert [event["event"] for event in events] == ["revoked_key_used"] * 2
    assert revoked not in str(events)


async def test_who_is_turned_away_costs_no_more_than_a_count(monkeypatch):
    made = 0

    def counting(*args, made_by=Traffic.__init__):
        nonlocal made
        made += 1
        made_by(*args)

    monkeypatch.setattr(Traffic, "__init__", counting)
    house = await build(in_flight_max=0)
    before = made
    assert (await house.client().get("/v1/account")).status == 503
    assert made == before
