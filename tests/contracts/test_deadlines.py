"""Messages with a deadline: without a receipt by then another channel gets them, once."""

from typing import Any

import pytest

from posthouse.core.message import Lane, Mode
from posthouse.core.ports.holding import HoldOpen
from posthouse.core.ports.silence import FindSilent, ResendSilent, Silent
from posthouse.core.verdict import Accepted, NotSent, Reason, Refused, Unknown
from tests.contracts.build import CHANNEL, HOUR, SECOND, World
from tests.contracts.heard import OTHER, UNDELIVERED, kinds, receipt, settle, take

WITHIN = 30 * SECOND


async def silent(world: World) -> list[Silent]:
    return await world.read(FindSilent(world.now, 10))


async def resend(world: World, *found: Silent) -> None:
    ids = [each.message_id for each in found]
    await world.write(ResendSilent((), ids, world.now, message_ids=ids))


async def waiting(world: World, **fields: Any) -> Any:
    """A message of which the first vendor must tell something within 30 s."""
    message = await world.accept(**fields)
    await take(world, hear_within_us=WITHIN, lane=Lane(message.lane))
    return message


async def test_one_of_which_nothing_was_heard_is_found_in_time_and_goes_out_once_more(world: World):
    message = await waiting(world, pin="smpp")
    started = world.now
    world.later(WITHIN - 1)
    assert await silent(world) == []
    world.later(1)
    [found] = await silent(world)
    assert found == Silent(
        None,
        message.id,
        message.account_id,
        "CN",
        Mode.LIVE,
        pin="smpp",
        tried=frozenset({CHANNEL}),
        sent_at=started,
    )
    await resend(world, found)
    assert await world.standing(message) == ("queued", "settled")
    assert (await kinds(world, message))[-2:] == ["resend", "queued"]
    await take(world, channel=OTHER, hear_within_us=WITHIN)
    assert await world.standing(message) == ("sent", "settled")
    world.later(WITHIN)
    assert await silent(world) == []  # once
    await settle(world, receipt(f"ref {OTHER}"), channel=OTHER)
    assert await world.standing(message) == ("delivered", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_looked_at_and_not_sent_again_it_is_not_looked_at_again(world: World):
    message = await waiting(world)
    world.later(WITHIN)
    await world.write(ResendSilent((), (), world.now, message_ids=[message.id]))
    assert await silent(world) == []
    assert (await world.standing(message))[0] == "sent"


@pytest.mark.parametrize("fate", ["delivered", "undelivered", "resent"])
async def test_heard_of_it_is_left_alone(world: World, fate):
    message = await waiting(world)
    if fate == "delivered":
        await settle(world, receipt(f"ref {CHANNEL}"))
    else:
        reason = Reason.UNROUTABLE if fate == "resent" else Reason.UNREACHABLE
        told = receipt(f"ref {CHANNEL}", fate=UNDELIVERED, reason=reason)
        await settle(world, told, elsewhere=True)
    if fate == "resent":
        await take(world, channel=OTHER)  # with no deadline of its own
    before = await world.get(message)
    world.later(WITHIN)
    found = await silent(world)
    assert [each.tried for each in found] in ([], [None])
    await resend(world, *found)
    assert await world.get(message) == before
    assert await silent(world) == []


async def test_after_the_carriers_no_the_next_channel_has_a_deadline_of_its_own(world: World):
    message = await waiting(world)
    told = receipt(f"ref {CHANNEL}", fate=UNDELIVERED, reason=Reason.UNROUTABLE)
    await settle(world, told, elsewhere=True)
    world.later(10 * SECOND)
    await take(world, channel=OTHER, hear_within_us=WITHIN)
    world.later(WITHIN - 1)
    assert await silent(world) == []
    world.later(1)
    [found] = await silent(world)
    assert (found.message_id, found.tried) == (message.id, frozenset({CHANNEL, OTHER}))


async def test_marketing_and_what_would_be_too_late_have_no_deadline(world: World):
    await waiting(world, lane=Lane.MARKETING.value)
    await waiting(world, expires_at=world.now + WITHIN)
    for verdict in (Unknown("timed out"), NotSent("no route"), Refused(Reason.BLOCKED)):
        await world.accept()
        await take(world, verdict, hear_within_us=WITHIN)
    world.later(24 * HOUR)
    assert await silent(world) == []


async def test_between_the_look_and_the_resend_a_receipt_comes(world: World):
    message = await waiting(world)
    world.later(WITHIN)
    found = await silent(world)
    await settle(world, receipt(f"ref {CHANNEL}"))
    await resend(world, *found)
    assert (await world.standing(message))[0] == "delivered"


async def test_a_restored_backup_resends_nothing(world: World):
    await waiting(world)
    await world.write(HoldOpen(world.now, 100))
    world.later(WITHIN)
    assert await silent(world) == []


async def test_a_refusing_channel_counts_as_tried(world: World):
    await world.accept()
    await take(world, Refused(Reason.BALANCE), channel=OTHER, others_left=True)
    await take(world, Accepted("first"), hear_within_us=WITHIN)
    world.later(WITHIN)
    [found] = await silent(world)
    assert found.tried == frozenset({CHANNEL, OTHER})
