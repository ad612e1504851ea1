"""How many codes are used, as a real server counts it on its metrics page."""

import re
from collections.abc import Iterator

import pytest

from tests.e2e.house import House, handset, number, until
from tests.e2e.premises import furnish, key_of
from tests.e2e.server import Server


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    """An installation of its own: the codes of a day are counted once a minute."""
    data = tmp_path / "data"
    furnish(data)
    server = Server(data)
    try:
        yield House(server.start(), key_of(data), {})
    finally:
        server.close()


def test_a_code_that_is_used_and_one_that_is_not_are_on_the_metrics_page_by_country_channel_and_prefix(house):
    used, locked = number(), number()
    with house.caller() as api:
        for to in (used, locked):
            sent = api.post("/v1/sms/otp", json={"to": to})
            assert sent.status_code == 200, sent.text
            until(api, sent.json()["sms_id"], "delivered")
        [code] = re.findall(r"\d{6}", handset(api, used)[0]["text"])
        assert api.post("/v1/sms/verify", json={"to": used, "code": code}).json()["valid"]
        for _ in range(5):
            assert api.post("/v1/sms/verify", json={"to": locked, "code": "12"}).json() == {"valid": False}
        page = api.get("/metrics").text
    for name, counts in (("ended", {used: 1, locked: 1}), ("verified", {used: 1, locked: 0})):
        shown = {
            prefix: float(count)
            for prefix, count in re.findall(
                rf'posthouse_otp_{name}{{channel="sandbox",country="CN",prefix="([^"]+)"}} (\S+)', page
            )
        }
        expected: dict[str, float] = {}
        for to, count in counts.items():
            expected[to[:-4]] = expected.get(to[:-4], 0) + count
        assert shown == expected, page
