"""Templates on a running server: the ids that people choose, and what a message was accepted with."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.e2e.house import handset, number, until


def make(api, template_id, text, **more):
    document = {"id": template_id, "name": "Order", "kind": "notification", "text": text, **more}
    reply = api.post("/v1/templates", json=document)
    assert reply.status_code == 201, reply.text
    return reply.json()


def send(api, to, template_id, **more):
    request = {"to": to, "template_id": template_id, "params": {"number": "4711"}, **more}
    reply = api.post("/v1/sms/send", json=request)
    assert reply.status_code == 202, reply.text
    return reply.json()


@pytest.mark.parametrize("chosen", ["订单", "50% off?", "a b", "a#b", "a+b&c=d", "...", "%2e%2e"])
def test_an_id_is_found_again_in_a_path_once_it_is_percent_encoded(api, chosen):
    template_id = f"{chosen}{number()[-8:]}"
    make(api, template_id, "Order {number}.")
    path = f"/v1/templates/{quote(template_id, safe='')}"
    assert api.get(path).json()["template_id"] == template_id
    assert api.patch(path, json={"text": "{number}!"}).json()["version"] == 2
    to = number()
    assert until(api, send(api, to, template_id)["sms_id"], "delivered")["template_version"] == 2
    assert handset(api, to)[0]["text"] == "4711!"
    assert api.delete(path).status_code == 200
    assert api.get(path).status_code == 404


def test_a_message_is_sent_by_the_version_it_was_accepted_with(api):
    template_id = f"order{number()}"
    make(api, template_id, "Order {number} comes today.", signature="驿站")
    waits, soon = number(), (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    scheduled = send(api, waits, template_id, send_at=soon)
    api.patch(f"/v1/templates/{template_id}", json={"text": "{number}: on its way.", "signature": None})
    to = number()
    newer = until(api, send(api, to, template_id)["sms_id"], "delivered")
    api.delete(f"/v1/templates/{template_id}")
    older = until(api, scheduled["sms_id"], "delivered", within_s=10)
    assert [each["template_version"] for each in (older, newer)] == [1, 2]
    assert handset(api, waits)[0]["text"] == "【驿站】Order 4711 comes today."
    assert handset(api, to)[0]["text"] == "4711: on its way."
    refused = api.post("/v1/sms/send", json={"to": to, "template_id": template_id, "params": {"number": "1"}})
    assert (refused.status_code, refused.json()["code"]) == (400, "template_deleted")
