"""How many codes were used, as it is counted: by country, channel, prefix and hour; live ones only."""

from dataclasses import replace

from posthouse.core.conversion import Conversion
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.channels import AddChannel, ChannelRecord, ListChannels
from posthouse.core.ports.conversions import OTHER, Converted, GetConversions, ListConversions
from posthouse.core.routing import Channel
from posthouse.core.verdict import Accepted
from tests.contracts.build import HOUR
from tests.contracts.codes import Desk

CHINA = "+86138001380"


async def asked(desk: Desk, *, used: bool, channel: int = 1, number: str, country: str = "CN") -> None:
    """A code that a channel carried, and that was used or locked."""
    world, desk = desk.world, desk.of(number=number)
    await desk.sent(country=country)
    [claimed] = await world.claim(1, lane=Lane.OTP)
    attempt = await world.start(claimed, channel=channel)
    finish = world.verdict(claimed, attempt or 0, Accepted(f"ref {claimed.id}"))
    await world.write(replace(finish, finishes=(finish.finishes[0]._replace(channel_id=channel),)))
    if used:
        await desk.right()
    else:
        await desk.wrong(5)


async def test_routing_reads_the_codes_of_each_channel_by_country(desk, world):
    for number, (used, channel) in enumerate([(True, 1), (False, 1), (True, 2), (False, 2), (False, 2)]):
        await asked(desk, used=used, channel=channel, number=f"{CHINA}{number:02}")
    await asked(desk, used=True, number="+14155550123", country="US")
    assert await world.read(GetConversions(world.now - HOUR)) == {
        "CN": (Conversion(1, 2, 1), Conversion(2, 3, 1)),
        "US": (Conversion(1, 1, 1),),
    }


async def test_what_no_channel_took_and_what_was_only_a_rehearsal_says_nothing_of_a_channel(desk, world):
    await desk.sent()
    await desk.wrong(5)
    await asked(desk.of(mode=Mode.TEST), used=False, number=f"{CHINA}77")
    assert await world.read(GetConversions(0)) == {}
    assert await world.read(ListConversions(0, 50)) == [Converted("CN", "", "+861380013", 1, 0)]


async def test_codes_of_other_accounts_count_for_the_same_channel(desk, world):
    other = desk.of(account_id=await world.account("other"))
    await asked(desk, used=True, number=f"{CHINA}00")
    await asked(other, used=False, number=f"{CHINA}00")
    # Who verifies nothing says nothing.
    assert await world.read(GetConversions(world.now - HOUR)) == {"CN": (Conversion(1, 1, 1),)}
    await asked(other, used=True, number="+14155550123", country="US", channel=2)
    assert await world.read(GetConversions(world.now - HOUR)) == {
        "CN": (Conversion(1, 2, 1),),
        "US": (Conversion(2, 1, 1),),
    }


async def test_only_whole_hours_from_then_on_count(desk, world):
    begin = world.now
    await asked(desk, used=True, number=f"{CHINA}00")
    world.later(2 * HOUR)
    await asked(desk, used=True, number=f"{CHINA}01")
    assert await world.read(GetConversions(begin + HOUR)) == {"CN": (Conversion(1, 1, 1),)}
    assert await world.read(GetConversions(begin + HOUR - 1)) == {"CN": (Conversion(1, 2, 2),)}


async def test_the_metrics_tell_the_most_used_prefixes_apart_and_name_channels(desk, world):
    name = "main"
    await world.write(AddChannel(ChannelRecord(Channel(0, name, "tencent"), {}, b""), world.now))
    channel = (await world.read(ListChannels()))[-1].id
    for number in ("+8613800138000", "+8613800138001", "+8613911110000", "+8613722220000", "+14155550123"):
        country = "US" if number.startswith("+1") else "CN"
        used = number.endswith("1")
        await asked(desk, used=used, channel=channel, number=number, country=country)
    await asked(desk, used=False, channel=99, number="+8613800138002")
    found = await world.read(ListConversions(world.now - 24 * HOUR, 2))
    # Of those that are used alike, the first.
    assert sorted(found) == [
        Converted("CN", "", "+861380013", 1, 0),
        Converted("CN", name, "+861380013", 2, 1),
        Converted("CN", name, OTHER, 2, 0),
        Converted("US", name, "+1415555", 1, 0),
    ]


async def test_the_metrics_tell_channels_of_one_name_apart_by_their_owner(desk, world):
    owner = world.account_id
    for channel in (Channel(0, "main", "tencent"), Channel(0, "main", "tencent", account_id=owner)):
        await world.write(AddChannel(ChannelRecord(channel, {}, b""), world.now))
    channels = (await world.read(ListChannels()))[-2:]
    for number, channel in enumerate(channels):
        await asked(desk, used=True, channel=channel.id, number=f"{CHINA}0{number}")
    found = await world.read(ListConversions(world.now - 24 * HOUR, 2))
    labels = ["main", f"main@{owner}"]
    assert sorted(channel.label for channel in channels) == labels
    assert sorted(each.channel for each in found) == labels
