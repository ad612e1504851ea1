"""Channels as the store keeps them: written anew, forgotten, named by whose they are."""

from dataclasses import replace

from posthouse.core.errors import Code
from posthouse.core.ports.channels import (
    AddChannel,
    ChannelRecord,
    ListChannelRecords,
    RemoveChannel,
    SaveChannel,
)
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import DirectoryVersion
from posthouse.core.routing import Channel, ChannelState
from tests.contracts.administering import refused
from tests.contracts.build import World

CHANNEL = Channel(0, "acme", "acme", cost=45_000, costs=(("CN", 40_000),), countries=frozenset({"CN"}))
RECORD = ChannelRecord(CHANNEL, {"region": "x"}, b"sealed", ("203.0.113.0/24",))


async def added(world: World, record: ChannelRecord = RECORD) -> ChannelRecord:
    await world.write(AddChannel(record, world.now))
    return (await world.read(ListChannelRecords(record.channel.name)))[-1]


async def test_a_channel_is_saved_whole_and_keeps_what_it_is(world: World):
    before = await added(world)
    assert (before.created_at, before.changed_at) == (world.now, world.now)
    changed = before._replace(
        channel=replace(
            before.channel,
            state=ChannelState.DRAINING,
            cost=1,
            costs=(),
            countries=frozenset(),
            weight=0,
            rate_per_s=7,
            concurrency=2,
        ),
        settings={},
        credentials=b"",
        callback_from=(),
        generation=2,
    )
    version = await world.read(DirectoryVersion())
    await world.write(SaveChannel(changed, world.now + 1))
    assert await world.read(DirectoryVersion()) > version
    [after] = await world.read(ListChannelRecords("acme"))
    channel = replace(changed.channel, version=world.now + 1)
    assert after == changed._replace(channel=channel, changed_at=world.now + 1)


async def test_what_somebody_else_has_changed_meanwhile_is_not_undone(world: World):
    read = await added(world)
    rotated = read._replace(credentials=b"new", generation=2)
    assert await world.write(SaveChannel(rotated, world.now + 1))
    assert not await world.write(SaveChannel(read._replace(settings={}), world.now + 2))
    [after] = await world.read(ListChannelRecords("acme"))
    assert (after.credentials, after.generation, after.changed_at) == (b"new", 2, world.now + 1)
    assert await world.write(SaveChannel(after._replace(settings={}), world.now + 2))


async def test_a_name_is_taken_once_by_each_owner(world: World):
    own = RECORD._replace(channel=replace(CHANNEL, account_id=world.account_id))
    for record in (RECORD, own):
        await added(world, record)
        assert await refused(world, AddChannel(record, world.now)) is Code.ALREADY_EXISTS
    owners = [each.channel.account_id for each in await world.read(ListChannelRecords("acme"))]
    assert owners == [None, world.account_id]


async def test_a_removed_channel_is_gone_and_its_name_free(world: World):
    before = await added(world)
    version = await world.read(DirectoryVersion())
    await world.write(RemoveChannel(before.channel.id, world.now))
    assert await world.read(DirectoryVersion()) > version
    assert await world.read(ListChannelRecords("acme")) == []
    for command in (RemoveChannel(before.channel.id, world.now), SaveChannel(before, world.now)):
        assert await refused(world, command) is Code.NOT_FOUND
    assert (await added(world)).channel.id != before.channel.id


async def test_the_same_idempotency_key_adds_once(world: World):
    once = Once(world.account_id, "channels.create", "k", b"f" * 32, b"reply")
    assert await world.write(AddChannel(RECORD, world.now, once)) is None
    assert await world.write(AddChannel(RECORD, world.now, once)) == b"reply"
    other = replace(once, fingerprint=b"g" * 32)
    assert await refused(world, AddChannel(RECORD, world.now, other)) is Code.IDEMPOTENCY_KEY_REUSED
    found = await world.read(ListChannelRecords("acme"))
    assert len(found) == 1
