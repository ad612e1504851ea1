"""A simulated handset that replies, and the inbox its sender finds the reply in, over HTTP."""

from tests.e2e.house import number, send, until


def test_a_reply_is_in_its_senders_inbox_with_the_message_it_answers(api):
    to = number("0007")
    sms_id = send(api, to)["sms_id"]
    until(api, sms_id, "delivered")
    [text] = api.get("/v1/inbox", params={"from": to}).json()["data"]
    assert {name: text[name] for name in ("from", "text", "keyword", "channel", "sms_id")} == {
        "from": to,
        "text": "OK",
        "keyword": None,
        "channel": "sandbox",
        "sms_id": sms_id,
    }
    assert api.get(f"/v1/inbox/{text['id']}").json() == text
