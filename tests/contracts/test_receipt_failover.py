"""Receipts that say a route did not bring it: another channel gets a chance, once each, charged once."""

import json

import pytest

from posthouse.core.message import Ending, Lane
from posthouse.core.ports.channels import AddChannel, ChannelRecord
from posthouse.core.routing import Channel
from posthouse.core.verdict import ROUTE_LOCAL, Accepted, Reason, Refused, Unknown
from tests.contracts.build import CHANNEL, HOUR, SECOND, World
from tests.contracts.heard import DELIVERED, OTHER, UNDELIVERED, kinds, receipt, settle, take

ROUTE = Reason.UNROUTABLE


def lost(reference: str = f"ref {CHANNEL}", reason: Reason = ROUTE):
    return receipt(reference, fate=UNDELIVERED, reason=reason)


async def bounced(world: World, **fields):
    """A message that the first channel's carrier did not bring."""
    message = await world.accept(**fields)
    await take(world, lane=Lane(message.lane))
    world.later(SECOND)
    settled = await settle(world, lost(), elsewhere=True)
    assert (settled.applied, settled.resent) == (1, 1)
    return message


async def test_what_a_route_did_not_bring_goes_back_into_the_line(world: World):
    reason = Reason.BALANCE
    message = await world.accept()
    await take(world)
    assert (await settle(world, lost(reason=reason), elsewhere=True)).resent == 1
    record = await world.get(message)
    assert (record.state, record.charge, record.due_at, record.look_at) == (
        "queued",
        "settled",
        world.now,
        None,
    )
    assert await kinds(world, message) == ["accepted", "sending", "sent", "resend", "queued"]
    told = json.loads((await world.events(message))[3].data or "")
    assert (told["attempt"], told["reason"], told["code"]) == (1, reason.value, "RAW")
    [tried] = await world.attempts(message)
    assert (tried.outcome, tried.reason) == ("undelivered", reason.value)


async def test_only_what_is_the_routes_own_fault_is_sent_again(world: World):
    for reason in Reason:
        message = await world.accept()
        await take(world, Accepted(reason))
        resent = (await settle(world, lost(reason, reason), elsewhere=True)).resent == 1
        assert resent == (reason in ROUTE_LOCAL), reason
        assert (await world.standing(message))[0] == ("queued" if resent else "undelivered")
        if resent:
            [claimed] = await world.claim()
            await world.finish(claimed, None, reason)


async def test_without_another_channel_it_ends(world: World):
    message = await world.accept()
    await take(world)
    assert (await settle(world, lost())).resent == 0
    assert (await world.standing(message))[0] == "undelivered"


async def test_the_second_channel_delivers_it_and_it_is_charged_once(world: World):
    message = await bounced(world)
    [claimed] = await world.claim(1)
    assert [(past.channel_id, past.outcome.value) for past in claimed.attempts] == [(CHANNEL, "undelivered")]
    number = await world.start(claimed, channel=OTHER)
    assert number == 2
    await world.restart()
    # Whatever came of that call: it is unknown, and then found.
    [asked] = await world.unanswered()
    await world.record(asked, 2, Accepted("second"))
    assert await world.standing(message) == ("sent", "settled")
    await settle(world, receipt("second"))
    record = await world.get(message)
    assert (record.state, record.reason) == ("delivered", None)
    assert await world.purses() == (99, 0, 1)


async def test_the_same_receipt_again_sends_nothing_more(world: World):
    message = await bounced(world)
    again = await settle(world, *[lost()] * 5, elsewhere=True)
    assert (again.applied, again.resent) == (0, 0)
    await take(world, channel=OTHER)
    assert (await settle(world, lost(), elsewhere=True)).applied == 0
    assert (await world.standing(message))[0] == "sent"
    assert (await kinds(world, message)).count("resend") == 1


async def test_each_channel_may_fail_and_the_last_ends_it(world: World):
    message = await bounced(world)
    await take(world, channel=OTHER)
    assert (await settle(world, lost(f"ref {OTHER}"), channel=OTHER, elsewhere=True)).resent == 1
    [claimed] = await world.claim(1)
    await world.finish(claimed, None, Reason.UNROUTABLE)
    assert await world.standing(message) == ("undelivered", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_delivered_late_by_the_first_nothing_more_is_sent(world: World):
    message = await bounced(world)
    await settle(world, receipt(f"ref {CHANNEL}"))
    record = await world.get(message)
    assert (record.state, record.reason, record.due_at) == ("delivered", None, None)
    assert await world.claim() == []


async def test_delivered_late_by_the_first_while_the_second_is_claimed(world: World):
    message = await bounced(world)
    [claimed] = await world.claim(1)
    await settle(world, receipt(f"ref {CHANNEL}"))
    assert await world.start(claimed, channel=OTHER) is None
    assert (await world.standing(message))[0] == "delivered"


@pytest.mark.parametrize("ending", [None, Ending.EXPIRED])
async def test_where_no_channel_takes_it_it_ends_with_the_carriers_reason(world: World, ending):
    message = await bounced(world)
    [claimed] = await world.claim(1)
    await world.finish(claimed, ending, Reason.EXPIRED)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("undelivered", "settled", ROUTE.value)
    assert (record.due_at, record.look_at) == (None, None)
    assert await kinds(world, message) == ["accepted", "sending", "sent", "resend", "queued", "undelivered"]


async def test_where_the_second_refuses_it_it_ends_with_the_carriers_reason(world: World):
    message = await bounced(world)
    await take(world, Refused(Reason.CONTENT, "NO"), channel=OTHER)
    record = await world.get(message)
    assert (record.state, record.reason) == ("undelivered", ROUTE.value)


async def test_what_has_run_out_of_its_validity_is_not_sent_again(world: World):
    message = await world.accept()
    await take(world)
    world.later(24 * HOUR)
    assert (await settle(world, lost(), elsewhere=True)).resent == 0
    assert (await world.standing(message))[0] == "undelivered"


async def test_marketing_is_not_sent_again(world: World):
    message = await world.accept(lane=Lane.MARKETING.value)
    await take(world, lane=Lane.MARKETING)
    assert (await settle(world, lost(), elsewhere=True)).resent == 0
    assert (await world.standing(message))[0] == "undelivered"


async def test_while_another_attempt_may_bring_it_nothing_more_is_sent(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    await take(world, Unknown("timed out"), lane=Lane.OTP)
    world.later(5 * SECOND)
    await world.resend(message)
    await take(world, channel=OTHER, lane=Lane.OTP)
    assert (await settle(world, lost(f"ref {OTHER}"), channel=OTHER, elsewhere=True)).resent == 0
    assert await world.standing(message) == ("undelivered", "settled")


@pytest.mark.parametrize("others", [True, False])
async def test_a_receipt_that_overtook_its_verdict_is_a_reason_too(world: World, others):
    if others:
        for number in (CHANNEL, OTHER):
            channel = Channel(number, f"channel {number}", "smpp")
            await world.write(AddChannel(ChannelRecord(channel, {}, b""), world.now))
    message = await world.accept()
    [claimed] = await world.claim(1)
    assert await world.start(claimed) == 1
    await settle(world, lost("early"), elsewhere=True)
    await world.record(claimed, 1, Accepted("early"))
    assert (await world.standing(message))[0] == ("queued" if others else "undelivered")


async def test_in_parts_one_that_the_route_lost_is_reason_enough(world: World):
    message = await world.accept()
    await take(world, Accepted("one", 2, others=("two",)))
    await settle(world, receipt("one"), elsewhere=True)
    assert (await settle(world, lost("two"), elsewhere=True)).resent == 1
    assert (await world.standing(message))[0] == "queued"
    assert DELIVERED not in [past.outcome for past in await world.attempts(message)]
