"""The sandbox's numbers, each to its end as the design says, over HTTP."""

from decimal import Decimal

import pytest

from tests.e2e.house import available, handset, kinds, number, record, send, trace, until

COST = Decimal("0.05")


@pytest.mark.parametrize(("digits", "reason"), [("0001", "invalid_number"), ("0002", "blocked")])
def test_a_refused_message_fails_with_its_reason_and_costs_nothing(api, digits, reason):
    before = available(api)
    to = number(digits)
    sms_id = send(api, to)["sms_id"]
    failed = until(api, sms_id, "failed", "delivered")
    assert (failed["state"], failed["reason"], failed["attempts"]) == ("failed", reason, 1)
    [attempt] = trace(api, sms_id)["attempts"]
    assert (attempt["outcome"], attempt["reason"], attempt["vendor_code"]) == ("refused", reason, digits)
    assert handset(api, to) == []
    assert available(api) == before


@pytest.mark.parametrize("digits", ["0003", "0004"])
def test_without_a_receipt_a_message_stays_sent(api, digits):
    to = number(digits)
    sms_id = send(api, to)["sms_id"]
    until(api, sms_id, "sent", "delivered")
    # An ordinary message that came later has run its whole course meanwhile.
    until(api, send(api, number())["sms_id"], "delivered")
    assert record(api, sms_id)["state"] == "sent"
    assert kinds(trace(api, sms_id)) == ["accepted", "sending", "sent"]
    assert len(handset(api, to)) == 1


def test_a_vendor_in_trouble_is_tried_again_and_takes_it_within_five_seconds(api):
    to = number("0005")
    sms_id = send(api, to)["sms_id"]
    delivered = until(api, sms_id, "delivered", within_s=5.0)
    assert delivered["attempts"] == 2
    first, second = trace(api, sms_id)["attempts"]
    assert (first["outcome"], first["reason"]) == ("deferred", "vendor_temporary")
    assert second["outcome"] == "delivered"
    assert len(handset(api, to)) == 1


def test_duplicate_receipts_change_nothing(api):
    before = Decimal(available(api))
    sms_id = send(api, number("0006"))["sms_id"]
    until(api, sms_id, "delivered")
    until(api, send(api, number())["sms_id"], "delivered")
    story = trace(api, sms_id)
    assert kinds(story) == ["accepted", "sending", "sent", "delivered"]
    told = [value for event in story["events"] for value in (event["data"] or {}).values()]
    # No time is told as a number.
    assert not [value for value in told if isinstance(value, int) and value > 1_000_000]
    assert before - Decimal(available(api)) == 2 * COST


def test_a_handset_replies(api):
    sms_id = send(api, number("0007"))["sms_id"]
    until(api, sms_id, "delivered")
    assert sorted(kinds(trace(api, sms_id))) == ["accepted", "delivered", "replied", "sending", "sent"]


def test_a_lost_answer_is_asked_after_and_never_sent_again(api):
    before = Decimal(available(api))
    to = number("0008")
    sms_id = send(api, to)["sms_id"]
    delivered = until(api, sms_id, "delivered")
    assert delivered["attempts"] == 1
    told = kinds(trace(api, sms_id))
    assert told[:3] == ["accepted", "sending", "unknown"]
    assert told[-1] == "delivered"
    assert len(handset(api, to)) == 1
    assert before - Decimal(available(api)) == COST


def test_undelivered_is_final_and_not_refunded(api):
    before = Decimal(available(api))
    sms_id = send(api, number("0009"))["sms_id"]
    ended = until(api, sms_id, "undelivered", "delivered")
    assert (ended["state"], ended["reason"]) == ("undelivered", "unreachable")
    assert kinds(trace(api, sms_id))[-1] == "undelivered"
    assert before - Decimal(available(api)) == COST
