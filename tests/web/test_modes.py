"""A test key rehearses: what it did is no answer to a request of the real thing."""

from posthouse.core.message import Mode
from tests.web.house import TO

REQUEST = {"to": TO, "body": "once", "idempotency_key": "order-1"}


async def test_a_key_used_in_rehearsal_does_not_stand_in_for_the_real_send(house):
    rehearsing, live = house.client(mode=Mode.TEST), house.client()
    rehearsed = await rehearsing.post("/v1/sms/send", REQUEST)
    real = await live.post("/v1/sms/send", REQUEST)
    assert (rehearsed.status, real.status) == (202, 422)
    assert real.json()["code"] == "idempotency_key_reused"
    again = await rehearsing.post("/v1/sms/send", REQUEST)
    assert (again.status, again.body) == (202, rehearsed.body)
