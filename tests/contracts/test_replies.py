"""Replies that are kept alone: the first of a key, and no other."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.life import Forget
from posthouse.core.ports.queries import DirectoryVersion, FindReply
from posthouse.core.ports.replies import KeepReply
from tests.contracts.build import HOUR, World


async def test_the_first_reply_of_a_key_is_kept_and_answered_from_then_on(world: World):
    first, second = world.once(reply=b"first"), world.once(reply=b"second")
    assert await world.write(KeepReply(first, world.now)) is None
    assert await world.write(KeepReply(second, world.now)) == b"first"
    asked = FindReply(first.account_id, first.operation, first.key, first.fingerprint)
    assert await world.read(asked) == b"first"


async def test_of_two_in_one_commit_the_first_is_kept(world: World):
    answers = await world.together(
        KeepReply(world.once(reply=b"first"), world.now), KeepReply(world.once(reply=b"second"), world.now)
    )
    assert answers == [None, b"first"]


async def test_a_key_of_another_request_is_refused(world: World):
    await world.write(KeepReply(world.once(), world.now))
    with pytest.raises(Refusal) as refused:
        await world.write(KeepReply(world.once(request=b"other"), world.now))
    assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED


async def test_a_kept_reply_is_forgotten_after_72_hours(world: World):
    await world.write(KeepReply(world.once(reply=b"first"), world.now))
    world.now += 73 * HOUR
    await world.write(Forget(world.now, 100))
    assert await world.write(KeepReply(world.once(reply=b"second"), world.now)) is None


async def test_keeping_a_reply_is_no_news_for_the_directory(world: World):
    before = await world.read(DirectoryVersion())
    await world.write(KeepReply(world.once(), world.now))
    assert await world.read(DirectoryVersion()) == before
