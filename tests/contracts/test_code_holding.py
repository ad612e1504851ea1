"""Codes of a restored backup: over, since they may have been used after it was taken."""

from posthouse.core.message import Ending, Lane, State
from posthouse.core.ports.holding import CountHeld, HoldOpen, Release
from posthouse.core.ports.life import Cancel, Ended, EndMessages
from tests.contracts.build import HOUR, SECOND, World


async def hold(world: World, limit: int = 100) -> int:
    """Hold all that is open, as `restore` does; answers in how many steps."""
    last, steps = await world.write(HoldOpen(world.now, limit)), 0
    while last is not None:
        last, steps = await world.write(HoldOpen(world.now, limit, last)), steps + 1
    return steps


async def test_codes_of_the_backup_are_good_no_more_and_a_new_one_is(desk, world):
    verification = await desk.sent()
    code = await desk.code()
    await hold(world)
    assert await desk.state(verification) == "canceled"
    assert not (await desk.check(code)).valid
    world.later(60 * SECOND)
    second = await desk.sent()
    assert (await desk.right()).verification_id == second.id


async def test_codes_are_ended_in_bounded_steps_whether_or_not_their_messages_are_open(desk, world):
    desks = [desk.of(number=f"+86138001390{n:02d}") for n in range(5)]
    begun = [await each.sent() for each in desks]
    for claimed in await world.claim(10, lane=Lane.OTP):
        await world.write(Cancel(world.account_id, claimed.id, world.now))
    assert await hold(world, limit=2) == 3
    assert [await each.state(verification) for each, verification in zip(desks, begun, strict=True)] == [
        "canceled"
    ] * 5
    assert await hold(world) == 0


async def test_a_code_whose_time_was_over_has_expired(desk, world):
    verification = await desk.sent()
    await desk.of(number="+8613800139001").sent(expires_at=world.now + HOUR)
    world.later(300 * SECOND)
    await hold(world)
    assert await desk.state(verification) == "expired"
    assert world.backend.count("verifications WHERE state = 'canceled'") == 1


async def test_the_message_of_such_a_code_is_held_and_dead_when_it_is_released(desk, world):
    await desk.sent()
    [message] = await world.listed()
    await hold(world)
    assert await world.read(CountHeld()) == {State.QUEUED: 1}
    assert await world.standing(message) == ("queued", "held")  # it may have been sent since
    assert await world.write(Release((message.id,), world.now)) == 1
    [claimed] = await world.claim(lane=Lane.OTP)
    assert claimed.dead
    ended = Ended(claimed.id, claimed.token, Ending.CANCELED, None, "{}")
    await world.write(EndMessages((ended,), world.now))
    assert await world.standing(message) == ("canceled", "released")
