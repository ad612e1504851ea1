"""Idempotency keys: one message a key, the first reply again, another request refused, 72 hours."""

import asyncio
from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.life import Forget
from posthouse.core.ports.queries import FindReply
from tests.contracts.build import HOUR, World, acceptances


async def test_the_same_key_and_request_get_the_first_reply_and_no_second_message(world: World):
    await world.write(world.acceptance(world.message(), once=world.once(reply=b"first")))
    again = await world.write(world.acceptance(world.message(), once=world.once(reply=b"second")))
    assert again.replayed == b"first"
    assert await world.count() == 1
    assert await world.purses() == (99, 1, 0)


async def test_the_first_use_of_a_key_is_not_a_replay(world: World):
    done = await world.write(world.acceptance(world.message(), once=world.once()))
    assert done.replayed is None
    assert (await world.write(world.acceptance(world.message()))).replayed is None


async def test_the_same_key_with_another_request_is_refused_and_nothing_is_stored(world: World):
    await world.write(world.acceptance(world.message(), once=world.once()))
    with pytest.raises(Refusal) as refused:
        await world.write(world.acceptance(world.message(), once=world.once(request=b"other")))
    assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED
    assert await world.count() == 1


async def test_the_same_key_with_another_request_is_refused_within_one_commit_too(world: World):
    answers = await world.together(
        world.acceptance(world.message(), once=world.once()),
        world.acceptance(world.message(), once=world.once(request=b"other")),
        world.acceptance(world.message(), once=world.once()),
    )
    assert world.groups[-1] == 3
    assert answers[0].replayed is None
    assert answers[1].code is Code.IDEMPOTENCY_KEY_REUSED
    assert answers[2].replayed == b"reply"
    assert await world.purses() == (99, 1, 0)


@pytest.mark.parametrize("shared", [True, False], ids=["in one commit", "as they come"])
async def test_200_concurrent_requests_with_one_key_make_one_message(world: World, shared):
    commands = [
        world.acceptance(world.message(), once=world.once(reply=b"%d" % number)) for number in range(200)
    ]
    if shared:
        answers = await world.together(*commands)
    else:
        answers = await asyncio.gather(*map(world.write, commands))
    assert len(acceptances(answers)) == 200
    firsts = [number for number, answer in enumerate(answers) if answer.replayed is None]
    assert len(firsts) == 1
    assert {answer.replayed for answer in answers} == {None, b"%d" % firsts[0]}
    assert await world.count() == 1
    assert await world.purses() == (99, 1, 0)


async def test_keys_of_other_accounts_and_operations_are_other_keys(world: World):
    other = await world.account("other")
    once = world.once()
    scopes = [once, replace(once, operation="batch"), replace(once, account_id=other)]
    for each in scopes:
        message = world.message(account_id=each.account_id)
        assert (await world.write(world.acceptance(message, once=each))).replayed is None


async def test_a_refusal_does_not_use_the_key_up(world: World):
    poor = await world.account("poor", credit=0)
    once = replace(world.once(), account_id=poor)
    with pytest.raises(Refusal):
        await world.write(world.acceptance(world.message(account_id=poor), once=once))
    assert await world.read(FindReply(poor, "send", "key", b"request")) is None
    free = world.message(account_id=poor, price=0)
    assert (await world.write(world.acceptance(free, once=once))).replayed is None


async def test_a_bad_command_does_not_use_its_key_up(world: World):
    there = await world.accept()
    bad, good = world.acceptance(there, once=world.once("bad")), world.acceptance(world.message())
    await world.together(bad, good)
    done = await world.write(world.acceptance(world.message(), once=world.once("bad")))
    assert done.replayed is None


async def test_a_used_key_can_be_looked_up_before_anything_is_checked(world: World):
    assert await world.read(FindReply(world.account_id, "send", "key", b"request")) is None
    await world.write(world.acceptance(world.message(), once=world.once()))
    assert await world.read(FindReply(world.account_id, "send", "key", b"request")) == b"reply"
    with pytest.raises(Refusal) as refused:
        await world.read(FindReply(world.account_id, "send", "key", b"other"))
    assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED


async def test_a_key_is_kept_for_72_hours_and_then_forgotten(world: World):
    await world.write(world.acceptance(world.message(), once=world.once()))
    world.later(72 * HOUR)
    assert await world.write(Forget(world.now, 100)) == 0
    replay = await world.write(world.acceptance(world.message(), once=world.once()))
    assert replay.replayed == b"reply"
    world.later(1)
    assert await world.write(Forget(world.now, 100)) == 1
    anew = await world.write(world.acceptance(world.message(), once=world.once()))
    assert anew.replayed is None


async def test_keys_are_forgotten_in_bounded_steps(world: World):
    for number in range(5):
        await world.write(world.acceptance(world.message(), once=world.once(str(number))))
    world.later(73 * HOUR)
    assert [await world.write(Forget(world.now, 2)) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_key_survives_a_restart(world: World):
    await world.write(world.acceptance(world.message(), once=world.once()))
    await world.restart()
    again = await world.write(world.acceptance(world.message(), once=world.once()))
    assert again.replayed == b"reply"
